"""A frame: one picture of one camera and the moment it was taken."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Frame:
    """One picture: `pixels` is whatever its camera and recogniser agree on (BGR uint8, h x w x 3).

    `captured` is seconds of CLOCK_MONOTONIC, or None while a stream's capture time is unsettled:
    such a frame may be shown but may open nothing.
    """

    camera: str
    number: int
    captured: float | None
    pixels: object
