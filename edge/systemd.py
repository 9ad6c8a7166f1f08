"""Tells systemd that the service is ready, alive or stopping."""

import os
import socket


def tell_systemd(state: str) -> bool:
    """Return True when systemd was told `state`, for example `READY=1` or `WATCHDOG=1`.

    Returns False where no service manager listens, which is no fault. The protocol is one datagram
    to the socket that NOTIFY_SOCKET names (sd_notify(3)); a leading `@` is an abstract address.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as manager:
            manager.sendto(state.encode(), address)
    except OSError:
        return False
    return True
