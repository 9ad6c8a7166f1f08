"""A peer of core: one connection, with a reader and a writer of its own."""

import contextlib
import logging
import queue
import threading
from collections.abc import Callable

from edge import wire
from edge.channel import Channel, ChannelFault

ROOM = 512

_log = logging.getLogger("kuahu.core")


class Peer:
    """A process that is connected to core; telling it something never waits."""

    def __init__(self, channel: Channel, role: str) -> None:
        self.role = role
        self._channel = channel
        self._queue: queue.Queue[wire.AnyMessage | None] = queue.Queue(ROOM)
        threading.Thread(target=self._write, name=f"to-{role}", daemon=True).start()

    def tell(self, message: wire.AnyMessage) -> None:
        """Queue a message; a peer that does not read is cut off rather than waited for."""
        try:
            self._queue.put_nowait(message)
        except queue.Full:
            _log.warning("%s does not read what it is told; hanging up", self.role)
            self.close()

    def read(self, hear: Callable[["Peer", wire.AnyMessage], None]) -> None:
        """Pass on what the peer says until it hangs up."""
        try:
            while (message := self._channel.receive()) is not None:
                hear(self, message)
        except ChannelFault as fault:
            _log.warning("%s speaks out of turn: %s", self.role, fault)
        finally:
            self.close()

    def close(self) -> None:
        """Hang up."""
        self._channel.close()
        with self._queue.mutex:
            self._queue.queue.clear()
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)

    def _write(self) -> None:
        while (message := self._queue.get()) is not None:
            try:
                self._channel.send(message)
            except ChannelFault as fault:
                _log.warning("cannot tell %s: %s", self.role, fault)
                return
            except ValueError as error:
                _log.warning("cannot tell %s: %s", self.role, error)
                ref = getattr(message, "ref", None)
                if ref is not None:
                    self.tell(wire.Failed(ref, "error", str(error)))
