"""A TCP road to a server that keeps every byte that went to it."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

_PIECE = 65536


class RecordingRoad:
    """Leads from `port` to `far_port`, both on loopback, from its birth until it is closed."""

    def __init__(self, port: int, far_port: int) -> None:
        self._far_port = far_port
        self._sent: list[bytes] = []
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._server = socket.create_server(("127.0.0.1", port))
        self._begin(self._take_in)

    def sent(self) -> bytes:
        """Return what all clients have sent so far, connection by connection mixed in time."""
        with self._guard:
            return b"".join(self._sent)

    def close(self) -> None:
        """Cut everything, and return when nobody is left on the road."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._guard:
            ends = list(self._open)
        for end in ends:
            _hang_up(end)
        for thread in self._threads:
            thread.join()

    def _begin(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="road")
        self._threads.append(thread)
        thread.start()

    def _take_in(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._far_port), 10)
            except OSError:
                near.close()
                continue
            far.settimeout(None)
            for end in (near, far):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._guard:
                self._open |= {near, far}
            self._begin(self._carry, near, far, True)
            self._begin(self._carry, far, near, False)

    def _carry(self, source: socket.socket, sink: socket.socket, up: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(_PIECE):
                if up:
                    with self._guard:
                        self._sent.append(piece)
                sink.sendall(piece)
        _hang_up(source)
        _hang_up(sink)
        with self._guard:
            self._open -= {source, sink}


def _hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
