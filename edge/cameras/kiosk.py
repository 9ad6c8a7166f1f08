"""A browser's camera: pictures that a lane's screen pushes."""

import math
from dataclasses import dataclass

from edge.cameras.picture_file import unpack_pushed
from edge.cameras.source import About, Picture
from edge.latest import Latest
from models.errors import CameraFault

PATIENCE = 2.0
"""Seconds without a picture after which nobody is pushing any more."""


@dataclass(frozen=True, slots=True)
class Pushed:
    """One JPEG as it came in; `captured` is seconds of CLOCK_MONOTONIC, None if not believed."""

    jpeg: bytes
    captured: float | None


def pushed(jpeg: bytes, age: float, now: float) -> Pushed:
    """Return the pushed picture with its capture time: `age` seconds before `now`.

    An age that is negative counts as none; one that is no number makes the time unknown.
    """
    captured = now - max(0.0, age) if math.isfinite(age) else None
    return Pushed(jpeg, captured)


class KioskSource:
    """The pictures that come into `inlet`; raises CameraFault when none comes in 2 s."""

    def __init__(self, inlet: Latest[Pushed]) -> None:
        self._inlet = inlet
        self._width = self._height = 0
        self._next: Picture | None = self._wait()

    def about(self) -> About:
        """Return the size of the picture that came last."""
        return About("jpeg", self._width, self._height)

    def read(self) -> Picture:
        """Return the next pushed picture.

        Raises CameraFault when none comes in 2 s, or one that cannot be unpacked.
        """
        held, self._next = self._next, None
        return self._wait() if held is None else held

    def close(self) -> None:
        """Do nothing: the browser comes and goes as it likes."""

    def _wait(self) -> Picture:
        came = self._inlet.take(PATIENCE)
        if came is None:
            advice = "open the lane's screen in the browser that has the camera"
            message = f"no browser is pushing pictures; {advice}"
            raise CameraFault(message, part="camera", advice=advice)
        pixels = unpack_pushed(came.jpeg)
        self._height, self._width = pixels.shape[:2]
        return Picture(pixels, came.captured)
