"""What the watch needs of a camera. Sources satisfy this by shape, one file per kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from recognition.face import Pixels

MAX_PIXELS = 12_000_000
"""The largest picture that anyone outside may make us unpack."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a source: BGR, h x w x 3, with its capture time in CLOCK_MONOTONIC seconds.

    `captured` is None while the source cannot yet tell how old its pictures are.
    """

    pixels: Pixels
    captured: float | None


@dataclass(frozen=True, slots=True)
class About:
    """What a source says of itself: codec, size in pixels, frames a second (0.0 = not known)."""

    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    live: bool = True
    """False for files and folders, whose pictures may stand still."""


UNKNOWN = About()
"""Nothing is known yet."""


class Source(Protocol):
    """An open camera; belongs to the one thread that opened it."""

    def about(self) -> About:
        """Return what is known of the source by now."""

    def read(self) -> Picture | None:
        """Return the next picture, waiting for it; None once a source that ends has ended.

        Raises CameraFault when the source gives no more pictures but should.
        """

    def close(self) -> None:
        """Let go of the device or connection."""


Opener = Callable[[], Source]
"""Opens the source; raises CameraFault when it cannot be opened."""
