"""Core's socket: lets our own processes in, and spreads what they all want to know."""

import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from edge import wire
from edge.channel import Channel, ChannelFault, listen
from edge.core.peer import Peer

_log = logging.getLogger("kuahu.core")
ACCEPT_AGAIN = 0.2
_ROLES = ("vision", "web", "cli", "supervisor")
Hear = Callable[[Peer, wire.AnyMessage], None]


class Server:
    """Listens at a path; `hear` is called on a thread of the peer's own."""

    def __init__(
        self,
        path: Path,
        hear: Hear,
        arrived: Callable[[Peer], None],
        left: Callable[[Peer], None],
    ) -> None:
        self._path = path
        self._hear = hear
        self._arrived = arrived
        self._left = left
        self._watchers: set[Peer] = set()
        self._peers: set[Peer] = set()
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._ending = threading.Event()

    def start(self) -> None:
        """Begin to listen.

        Raises ChannelFault when that is not possible at this path.
        """
        self._socket = listen(self._path)
        threading.Thread(target=self._accept, name="core-socket", daemon=True).start()

    def stop(self) -> None:
        """Hang up on everyone."""
        self._ending.set()
        if self._socket is not None:
            self._socket.close()
        with self._lock:
            peers = list(self._peers)
        for peer in peers:
            peer.close()
        self._path.unlink(missing_ok=True)

    def watch(self, peer: Peer) -> None:
        """Push to this peer from now on."""
        with self._lock:
            self._watchers.add(peer)

    def push(self, message: wire.AnyMessage) -> None:
        """Tell every watcher."""
        with self._lock:
            watchers = list(self._watchers)
        for peer in watchers:
            peer.tell(message)

    def _accept(self) -> None:
        assert self._socket is not None
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError as error:
                if self._ending.wait(ACCEPT_AGAIN):
                    return
                _log.warning("nobody can be let in for the moment: %s", error)
                continue
            threading.Thread(
                target=self._welcome, args=(Channel(connection),), name="peer", daemon=True
            ).start()

    def _welcome(self, channel: Channel) -> None:
        try:
            hello = channel.receive()
        except ChannelFault as fault:
            _log.warning("a stranger at the socket: %s", fault)
            hello = None
        known = isinstance(hello, wire.Hello) and hello.version == wire.VERSION
        if not isinstance(hello, wire.Hello) or not known or hello.role not in _ROLES:
            channel.close()
            return
        peer = Peer(channel, hello.role)
        with self._lock:
            self._peers.add(peer)
        try:
            self._arrived(peer)
            peer.read(self._hear)
        finally:
            peer.close()
            with self._lock:
                self._peers.discard(peer)
                self._watchers.discard(peer)
            self._left(peer)
