"""A webcam of Chromium's that shows what a test wants, and somebody who moves the head before it.

Chromium plays a Y4M file as its camera and reads every frame anew, so a file of one frame that is
written over again is a live camera.
"""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from models.movement import Movement
from recognition.face import Pixels

WIDTH, HEIGHT, FPS = 640, 480, 10
_HEADER = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode()
_FRAME = b"FRAME\n"

Film = Callable[[float], Pixels]
"""What stands before the camera `since` seconds after the film began."""


class Webcam:
    """The file at `path`, which Chromium plays; a thread writes it over until `stop`."""

    def __init__(self, path: Path, film: Film) -> None:
        self.path = path
        self._now = film, time.monotonic()
        self._stop = threading.Event()
        path.write_bytes(_HEADER + _FRAME + _i420(film(0.0)))
        self._thread = threading.Thread(target=self._run, name="webcam")
        self._thread.start()

    def show(self, film: Film) -> None:
        """Show another film from its beginning."""
        self._now = film, time.monotonic()

    def stop(self) -> None:
        """End filming."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        with self.path.open("r+b", buffering=0) as file:
            while not self._stop.wait(1 / FPS):
                film, began = self._now
                picture = _i420(film(time.monotonic() - began))
                os.pwrite(file.fileno(), picture, len(_HEADER + _FRAME))


def portrait(path: Path) -> Film:
    """Return a film of a picture that is held still."""
    bgr = cv2.imread(str(path))
    assert bgr is not None
    fitted = _fitted(np.asarray(bgr, np.uint8))
    return lambda _since: fitted


class Mover:
    """The person of `pad/misc/tranvan_real.mp4`, who turns the head left once and nods once.

    Each movement is a stretch of the clip, in seconds; the rest is played to and fro.
    """

    KNOWN = (Movement.TURN_LEFT, Movement.NOD)
    _STRETCHES = ((Movement.TURN_LEFT, 1.6, 6.2), (Movement.NOD, 10.9, 14.5))
    _REST = 1.4
    _FASTER = 1.5

    def __init__(self, clip: Path) -> None:
        source = cv2.VideoCapture(str(clip))
        self._fps = source.get(cv2.CAP_PROP_FPS)
        self._frames: list[bytes] = []
        while (got := source.read())[0] and len(self._frames) < 15 * self._fps:
            _, packed = cv2.imencode(".jpg", got[1])
            self._frames.append(packed.tobytes())
        source.release()

    def rest(self, since: float) -> Pixels:
        """Return somebody who looks ahead, `since` seconds in."""
        along = since % (2 * self._REST)
        return self._at(min(along, 2 * self._REST - along))

    def moving(self, movement: Movement) -> Film:
        """Return the film of a movement that is made once."""
        _, start, end = next(one for one in self._STRETCHES if one[0] is movement)

        def film(since: float) -> Pixels:
            at = start + since * self._FASTER
            return self._at(at) if at < end else self.rest(since)

        return film

    def _at(self, seconds: float) -> Pixels:
        packed = self._frames[min(int(seconds * self._fps), len(self._frames) - 1)]
        bgr = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_COLOR)
        return _fitted(np.asarray(bgr, np.uint8))


def _fitted(bgr: Pixels) -> Pixels:
    """Return a picture as large as a frame holds it, before a plain wall."""
    scale = min(WIDTH / bgr.shape[1], HEIGHT / bgr.shape[0])
    shown = cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    high, wide = shown.shape[:2]
    left, top = (WIDTH - wide) // 2, (HEIGHT - high) // 2
    frame = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    frame[top : top + high, left : left + wide] = shown
    return frame


def _i420(bgr: Pixels) -> bytes:
    return bytes(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420).tobytes())
