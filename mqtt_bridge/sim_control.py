"""The simulator's control socket: another process pokes a gate with one JSON object a line.

A Unix socket (0600). Each line `{"do": WORD, ...}` is answered by one line, `{"ok": true, ...}`
or `{"ok": false, "error": "..."}`. Words: `stand`, `leave`, `pass`, `fire`, `squeeze` and `force`
with `on`, `cut` and `mend` with `input`, `card` with `card`, `pin` with `pin`,
`reboot`, `unplug`, `plug`, `state`; see docs/mqtt.md.
"""

import os
import socket
import socketserver
from collections.abc import Callable
from pathlib import Path
from threading import Thread

import msgspec

from models.lane import Direction
from models.sensor import Input
from mqtt_bridge.simulator import GateSimulator, GateState

_LINE = 4096


class Poke(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line of the control socket."""

    do: str
    on: bool = True
    input: Input | None = None
    card: str = ""
    direction: Direction | None = None
    pin: str = ""


class Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """One answer of the control socket."""

    ok: bool
    error: str = ""
    state: GateState | None = None


def obey(gate: GateSimulator, line: bytes) -> Reply:
    """Do what one line says and return the answer; never raises."""
    try:
        poke = msgspec.json.decode(line, type=Poke)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        return Reply(ok=False, error=f"not understood: {error}")
    deeds: dict[str, Callable[[], None]] = {
        "stand": gate.stand,
        "leave": gate.leave,
        "reboot": gate.reboot,
        "unplug": gate.unplug,
        "plug": gate.plug,
        "fire": lambda: gate.fire(on=poke.on),
        "squeeze": lambda: gate.squeeze(on=poke.on),
        "force": lambda: gate.force(on=poke.on),
        "state": lambda: None,
    }
    if poke.card:
        deeds["card"] = lambda: gate.swipe(poke.card, poke.direction)
    if poke.pin:
        deeds["pin"] = lambda: gate.key_in(poke.pin, poke.direction)
    if poke.input is not None:
        which = poke.input
        deeds |= {"cut": lambda: gate.cut(which), "mend": lambda: gate.mend(which)}
    if poke.do == "pass":
        walked = gate.walk()
        why = "" if walked else "the gate is not open for anyone to walk through"
        return Reply(ok=walked, error=why, state=gate.state)
    deed = deeds.get(poke.do)
    if deed is None:
        return Reply(ok=False, error=f"no such word: {poke.do}; words: pass, {', '.join(deeds)}")
    deed()
    return Reply(ok=True, state=gate.state)


class Control:
    """Serves a control socket from a thread of its own; `answer` does what one line says."""

    def __init__(self, path: Path, answer: Callable[[bytes], msgspec.Struct]) -> None:
        class Hand(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                while line := self.rfile.readline(_LINE):
                    self.wfile.write(msgspec.json.encode(answer(line)) + b"\n")

        path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = socketserver.ThreadingUnixStreamServer(str(path), Hand)
        finally:
            os.umask(before)
        self._server.daemon_threads = True
        self._path = path
        self._thread = Thread(target=self._server.serve_forever, args=(0.1,), name="control")

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Return when the socket is gone."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


def poke(
    path: Path, do: str, *, on: bool = True, which: Input | None = None, card: str = ""
) -> Reply:
    """Send one word to a simulator's control socket and return its answer.

    Raises OSError when no simulator listens there.
    """
    line = msgspec.json.encode(Poke(do, on, which, card)) + b"\n"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
        wire.settimeout(10)
        wire.connect(str(path))
        wire.sendall(line)
        answer = wire.makefile("rb").readline()
    return msgspec.json.decode(answer, type=Reply)
