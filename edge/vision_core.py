"""Vision's line to core: connected again whenever core comes back; nothing waits for it."""

import logging
from collections.abc import Callable
from pathlib import Path

from edge import wire
from edge.channel import ChannelFault, Client, connect

log = logging.getLogger(__name__)

_RETRY = 0.5
_SEND_SECONDS = 1.0
"""Core that has not read for so long is hung up on, before vision itself seems to hang."""


class CoreLine:
    """What vision tells core; `hear` gets what core says, `lost` is called when it hung up.

    `turn` belongs to one thread, `tell` to any. What is told while core is away is lost on
    purpose: an observation is worth nothing later.
    """

    def __init__(
        self, path: Path, hear: Callable[[wire.AnyMessage], None], lost: Callable[[], None]
    ) -> None:
        self._path = path
        self._hear = hear
        self._lost = lost
        self._client: Client | None = None
        self._retry_at = float("-inf")
        self._complained = False

    @property
    def connected(self) -> bool:
        """Whether core is there."""
        client = self._client
        return client is not None and not client.gone

    def turn(self, now: float) -> None:
        """Notice that core hung up, and connect when it is time to try."""
        if self._client is not None and self._client.gone:
            self.close()
            self._lost()
            log.warning("core hung up; connecting again")
        if self._client is None and now >= self._retry_at:
            self._retry_at = now + _RETRY
            self._connect()

    def tell(self, message: wire.AnyMessage) -> None:
        """Send `message` if core is there."""
        client = self._client
        if client is None:
            return
        try:
            client.tell(message)
        except ChannelFault as fault:
            log.warning("core did not take a message: %s", fault)

    def close(self) -> None:
        """Hang up."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def _connect(self) -> None:
        try:
            channel = connect(self._path, "vision", send_timeout=_SEND_SECONDS)
        except ChannelFault as fault:
            if not self._complained:
                log.warning("core is not there yet: %s", fault)
            self._complained = True
            return
        self._client = Client(channel, self._hear)
        self._complained = False
        log.info("connected to core")
