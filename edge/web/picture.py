"""A picture: the newest preview of one camera."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Picture:
    """One preview, JPEG, and when it came (seconds of CLOCK_MONOTONIC)."""

    number: int
    jpeg: bytes
    at: float
