"""A reel: the pictures of one drawn camera, made as somebody asks for them."""

import threading
from collections.abc import Callable

import cv2

from edge.demo.scenes import EMPTY, Painter, Scene

FPS = 10
_QUALITY = 85


class Reel:
    """One drawn camera; every method may be called from any thread.

    Whoever watches sees the same frames, so that several watchers cost what one does; nobody
    watching costs nothing. `clock` gives seconds of CLOCK_MONOTONIC.
    """

    def __init__(self, painter: Painter, clock: Callable[[], float]) -> None:
        self._painter = painter
        self._clock = clock
        self._guard = threading.Lock()
        self._scene: Scene = EMPTY
        self._since = clock()
        self._plugged = True
        self._number = -1
        self._jpeg = b""

    def show(self, scene: Scene) -> None:
        """Show `scene` from its beginning, in place of whatever was shown."""
        with self._guard:
            self._scene, self._since = scene, self._clock()

    @property
    def scene(self) -> Scene:
        """What is being shown."""
        return self._scene

    @property
    def plugged(self) -> bool:
        """Whether the camera's cable is in."""
        return self._plugged

    def plug(self, *, plugged: bool) -> None:
        """Put the camera's cable in, or pull it."""
        self._plugged = plugged

    def until_next(self) -> float:
        """Return the seconds until the next frame is due."""
        return 1 / FPS - self._clock() % (1 / FPS)

    def frame(self) -> tuple[int, bytes]:
        """Return the number and the JPEG of the frame that is due now."""
        with self._guard:
            now = self._clock()
            number = int(now * FPS)
            if number != self._number:
                picture = self._painter.paint(self._scene, now - self._since)
                _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
                self._number, self._jpeg = number, jpeg.tobytes()
            return self._number, self._jpeg
