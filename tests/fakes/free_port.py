"""A port for a server that a test is about to start, and that no other test will take."""

import secrets
import socket


def free_port() -> int:
    """Return a port that nobody listens on, below those that the system gives to clients.

    A port out of the clients' own range may be taken by any outgoing connection a moment later.
    """
    while True:
        port = 15000 + secrets.randbelow(15000)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
