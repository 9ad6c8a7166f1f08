"""Core as vision knows it: listens on core.sock, keeps what it is told, says what a test wants."""

import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edge import wire
from edge.channel import Channel, ChannelFault, listen
from edge.places import Places
from tests.fakes.camera import until


@dataclass
class Core:
    """One listening core and the vision processes that have connected to it so far."""

    told: list[wire.AnyMessage] = field(default_factory=list)
    lines: list[Channel] = field(default_factory=list)
    refs: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def say(self, message: wire.AnyMessage) -> None:
        """Send to the vision that connected last, waiting for one."""
        until(lambda: bool(self.lines), 60)
        self.lines[-1].send(message)

    def hang_up(self) -> None:
        """End the newest connection."""
        self.lines[-1].close()

    def encode(self, *paths: Path) -> wire.Encoded | wire.Failed:
        """Ask for templates and return the answer."""
        ref = next(self.refs)
        self.say(wire.Encode(ref, tuple(str(path) for path in paths)))

        def answers() -> list[wire.Encoded | wire.Failed]:
            return [
                message
                for message in tuple(self.told)
                if isinstance(message, wire.Encoded | wire.Failed) and message.ref == ref
            ]

        until(lambda: bool(answers()), 60)
        return answers()[0]

    def of(self, kind: type[wire.Message]) -> list[wire.AnyMessage]:
        """Return what was told so far of this kind."""
        return [message for message in tuple(self.told) if isinstance(message, kind)]

    def faces(self) -> list[wire.SawFace]:
        """Return the faces that were told so far."""
        return [message for message in tuple(self.told) if isinstance(message, wire.SawFace)]

    def codes(self) -> list[wire.SawCode]:
        """Return the codes that were told so far."""
        return [message for message in tuple(self.told) if isinstance(message, wire.SawCode)]

    def health(self) -> wire.VisionHealth | None:
        """Return the newest health."""
        told = [message for message in tuple(self.told) if isinstance(message, wire.VisionHealth)]
        return told[-1] if told else None

    def state(self, camera: str) -> str:
        """Return the newest state of a camera, empty before there is one."""
        health = self.health()
        states = {each.id: each.state for each in health.cameras} if health else {}
        return states.get(camera, "")


@contextmanager
def listening(root: Path) -> Iterator[Core]:
    """Listen on core.sock in `root` for as long as the block lasts."""
    core = Core()
    server = listen(Places(root).core_socket)

    def serve(line: Channel) -> None:
        while True:
            try:
                message = line.receive()
            except ChannelFault:
                return
            if message is None:
                return
            core.told.append(message)

    def accept() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            line = Channel(connection)
            core.lines.append(line)
            threading.Thread(target=serve, args=(line,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield core
    finally:
        server.shutdown(2)
        server.close()
        for line in core.lines:
            line.close()
        accepting.join(5)
