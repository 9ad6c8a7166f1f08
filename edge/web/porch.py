"""The porch: who has connected, and who of them has yet to say what they want.

A connection without a complete request head costs its sender nothing, so it is in nobody's way: it
is closed after a while, and where room is needed the one that has waited longest goes at once.
"""

import contextlib
import ipaddress
import socket
from collections.abc import Callable, Collection
from dataclasses import dataclass

from starlette.types import ASGIApp, Receive, Scope, Send

MOST = 256
FROM_ONE = 32
"""Connections of one address."""
FROM_HERE = 128
"""Connections of one address of this machine, where a reverse proxy brings everybody."""
HEAD_WITHIN = 10.0
"""Seconds in which the head of a request must be complete, the first one or the next."""

Address = tuple[str, int]


@dataclass(slots=True, eq=False)
class _Guest:
    connection: socket.socket
    host: str
    waits_since: float | None
    """Seconds of CLOCK_MONOTONIC; None while a request is being answered."""


class Porch:
    """The connections that are open; only the event loop's thread touches it."""

    def __init__(self, mono: Callable[[], float]) -> None:
        self._mono = mono
        self._guests: dict[Address, _Guest] = {}

    def admit(self, connection: socket.socket, address: Address) -> bool:
        """Return whether a new connection may stay; one that waits may have to go for it."""
        self._forget_the_closed()
        host = address[0]
        theirs = [guest for guest in self._guests.values() if guest.host == host]
        if len(theirs) >= _most_from(host) and not self._dismiss_one(theirs):
            return False
        if len(self._guests) >= MOST and not self._dismiss_one(self._guests.values()):
            return False
        self._guests[address] = _Guest(connection, host, self._mono())
        return True

    def sweep(self) -> None:
        """Close what has been silent for too long."""
        self._forget_the_closed()
        now = self._mono()
        for guest in tuple(self._guests.values()):
            if guest.waits_since is not None and now - guest.waits_since >= HEAD_WITHIN:
                self._dismiss(guest)

    def before(self, app: ASGIApp) -> ASGIApp:
        """Return `app`, with a connection not counted as waiting while `app` answers it."""

        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            client = scope.get("client")
            guest = self._guests.get((client[0], client[1])) if client else None
            if guest is None:
                await app(scope, receive, send)
                return
            guest.waits_since = None
            try:
                await app(scope, receive, send)
            finally:
                guest.waits_since = self._mono()

        return answered

    def _dismiss_one(self, among: Collection[_Guest]) -> bool:
        """Dismiss the one of `among` that has waited longest; return False where none waits."""
        waiting = [(g.waits_since, n, g) for n, g in enumerate(among) if g.waits_since is not None]
        if not waiting:
            return False
        self._dismiss(min(waiting)[2])
        return True

    def _dismiss(self, guest: _Guest) -> None:
        self._guests = {key: each for key, each in self._guests.items() if each is not guest}
        # Its owner, the event loop, reads the end of it and closes it.
        with contextlib.suppress(OSError):
            guest.connection.shutdown(socket.SHUT_RDWR)

    def _forget_the_closed(self) -> None:
        self._guests = {
            k: each for k, each in self._guests.items() if each.connection.fileno() >= 0
        }


class Doorway(socket.socket):
    """A listening socket that lets in whom the porch has room for."""

    def __init__(self, porch: Porch, family: socket.AddressFamily) -> None:
        # Named, or asyncio does not know it for TCP and leaves Nagle on: 40 ms for a small answer.
        super().__init__(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._porch = porch

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        """Return the next connection and its address.

        Raises ConnectionAbortedError for one that was turned away, BlockingIOError for none.
        """
        connection, address = super().accept()
        if not self._porch.admit(connection, (address[0], address[1])):
            connection.close()
            message = f"{address[0]} has too many connections"
            raise ConnectionAbortedError(message)
        return connection, address


def _most_from(host: str) -> int:
    address = ipaddress.ip_address(host)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return FROM_HERE if (mapped or address).is_loopback else FROM_ONE
