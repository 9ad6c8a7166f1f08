"""Vision's own socket: previews out, a browser's pictures in; core never sees either."""

import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from edge import wire
from edge.cameras.jpeg_size import jpeg_size
from edge.cameras.kiosk import Pushed, pushed
from edge.cameras.source import MAX_PIXELS
from edge.channel import Channel, ChannelFault, listen
from edge.latest import Latest
from edge.vision_preview import Previews
from models.errors import CameraFault, InputError

log = logging.getLogger(__name__)

MOST_CONNECTIONS = 16
MOST_MESSAGES = 200.0
"""Messages a second that one connection gets answered; a faster one is slowed down, not refused."""


class PictureDoor:
    """Serves vision.sock; every connection has a thread of its own.

    `previews` are by camera id, and `inlets` those of the cameras that a browser may push to.
    Raises ChannelFault when the socket cannot be made.
    """

    def __init__(
        self,
        path: Path,
        previews: Mapping[str, Previews],
        inlets: Mapping[str, Latest[Pushed]],
        clock: Callable[[], float],
    ) -> None:
        self._previews = previews
        self._inlets = inlets
        self._clock = clock
        self._stop = threading.Event()
        self._guests: set[Channel] = set()
        self._turn = threading.Lock()
        self._server = listen(path)
        self._thread = threading.Thread(target=self._accept, name="vision-door", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up on everyone."""
        self._stop.set()
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        with self._turn:
            guests = tuple(self._guests)
        for guest in guests:
            guest.close()
        self._thread.join(2.0)

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            guest = Channel(connection)
            with self._turn:
                full = len(self._guests) >= MOST_CONNECTIONS
                if not full:
                    self._guests.add(guest)
            if full:
                log.warning("more than %d connections want pictures", MOST_CONNECTIONS)
                guest.close()
                continue
            threading.Thread(
                target=self._serve, args=(guest,), name="vision-guest", daemon=True
            ).start()

    def _serve(self, guest: Channel) -> None:
        try:
            hello = guest.receive()
            if not isinstance(hello, wire.Hello) or hello.version != wire.VERSION:
                return
            self._answer_all(guest)
        except ChannelFault as fault:
            log.info("a connection for pictures ended: %s", fault)
        except Exception:
            log.exception("a connection for pictures broke")
        finally:
            with self._turn:
                self._guests.discard(guest)
            guest.close()

    def _answer_all(self, guest: Channel) -> None:
        pace = 1 / MOST_MESSAGES
        due = self._clock()
        while (message := guest.receive()) is not None and not self._stop.is_set():
            match message:
                case wire.Preview():
                    guest.send(self._preview(message))
                case wire.Push():
                    self._take(message)
                case _:
                    text = f"{type(message).__name__} is not for this socket"
                    raise ChannelFault(text)
            now = self._clock()
            due = max(due + pace, now - 1.0)
            if due > now:
                self._stop.wait(due - now)

    def _preview(self, request: wire.Preview) -> wire.PreviewIs | wire.Failed:
        previews = self._previews.get(request.camera)
        if previews is None:
            text = f"there is no camera {request.camera!r}"
            return wire.Failed(request.ref, InputError.code, text)
        try:
            shown = previews.newest(request.after)
        except CameraFault as fault:
            return wire.Failed(request.ref, fault.code, str(fault))
        return wire.PreviewIs(request.ref, shown.number, shown.jpeg)

    def _take(self, push: wire.Push) -> None:
        inlet = self._inlets.get(push.camera)
        size = jpeg_size(push.jpeg)
        if inlet is None or size is None or size[0] * size[1] > MAX_PIXELS:
            log.info("a pushed picture for camera %.32r was not taken", push.camera)
            return
        inlet.put(pushed(push.jpeg, push.age, self._clock()))
