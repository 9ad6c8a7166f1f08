"""The preview side of vision: moving pictures out, a browser's pictures in."""

import contextlib
import io
import socket
import threading
from pathlib import Path

from PIL import Image, ImageDraw

from edge import wire
from edge.channel import Channel, ChannelFault, listen


def drawing(number: int, width: int = 640, height: int = 360, hue: int = 205) -> bytes:
    """Return a JPEG of a gate with someone walking through it, a step further each number."""
    image = Image.new("RGB", (width, height), (222, 230, 236))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 0.62, width, height), fill=(150, 156, 160))
    draw.rectangle((width * 0.1, height * 0.2, width * 0.14, height * 0.8), fill=(70, 80, 90))
    draw.rectangle((width * 0.14, height * 0.45, width * 0.7, height * 0.49), fill=(190, 60, 50))
    x = (number * 13) % width
    draw.ellipse((x - 22, height * 0.3, x + 22, height * 0.3 + 50), fill=(230, 190, 160))
    draw.rectangle((x - 32, height * 0.3 + 50, x + 32, height * 0.85), fill=(60, 90, hue))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=80)
    return file.getvalue()


def portrait(hue: int) -> bytes:
    """Return a JPEG of a head and shoulders that is nobody's."""
    image = Image.new("RGB", (160, 160), (210, 216, 220))
    draw = ImageDraw.Draw(image)
    draw.ellipse((20, 105, 140, 240), fill=(60, hue, 140))
    draw.ellipse((45, 25, 115, 115), fill=(228, 190, 165))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


class FakeEye:
    """Listens at `vision.sock` in `folder`; every preview asked for is a new one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._number = 0
        self._server: socket.socket | None = None
        self.pushed: list[wire.Push] = []
        self.arrived = threading.Event()
        """Set once a browser's picture has come."""

    def start(self) -> None:
        self._server = listen(self._folder / "vision.sock")
        threading.Thread(target=self._accept, args=(self._server,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            with contextlib.suppress(OSError):
                self._server.shutdown(socket.SHUT_RDWR)
            self._server.close()
            self._server = None

    def _accept(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            channel = Channel(connection)
            threading.Thread(target=self._serve, args=(channel,), daemon=True).start()

    def _serve(self, channel: Channel) -> None:
        channel.receive()
        with contextlib.suppress(ChannelFault):
            while (message := channel.receive()) is not None:
                if isinstance(message, wire.Push):
                    self.pushed.append(message)
                    self.arrived.set()
                elif isinstance(message, wire.Preview):
                    with self._lock:
                        self._number += 1
                        number = self._number
                    hue = 205 if message.camera.endswith("1") else 120
                    channel.send(wire.PreviewIs(message.ref, number, drawing(number, hue=hue)))
        channel.close()
