"""The roll call: the supervisor tells core once a second how the processes are, if core listens."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from edge import wire
from edge.channel import ChannelFault, Client, connect

EVERY = 1.0
_SEND_SECONDS = 1.0
"""Core that has not read for so long is hung up on."""

_log = logging.getLogger("kuahu.supervisor")


class RollCall:
    """A thread of its own, so that no watch over a process ever waits for core."""

    def __init__(self, core: Path, states: Callable[[], tuple[wire.ProcessState, ...]]) -> None:
        self._core = core
        self._states = states
        self._stop = threading.Event()
        self._client: Client | None = None
        self._thread = threading.Thread(target=self._run, name="roll-call", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """Stop telling."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(EVERY):
            try:
                self._tell()
            except ChannelFault as fault:
                _log.debug("core is not told how the processes are: %s", fault)
                self._hang_up()
        self._hang_up()

    def _tell(self) -> None:
        if self._client is not None and self._client.gone:
            self._hang_up()
        if self._client is None:
            channel = connect(self._core, "supervisor", send_timeout=_SEND_SECONDS)
            self._client = Client(channel, lambda _message: None)
        self._client.tell(wire.Processes(self._states()))

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()
