"""A sighting: where and when something was seen."""

from dataclasses import dataclass

from models.lane import Direction

_LONGEST = 1e9
"""Seconds, thirty years: no machine has been up for longer."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where and when something was seen; `captured` is seconds of CLOCK_MONOTONIC."""

    lane: int
    direction: Direction
    captured: float
    camera: str = ""

    def __post_init__(self) -> None:
        # So written, what is no number fails as well: the journal could not say when it was.
        if not -_LONGEST <= self.captured <= _LONGEST:
            message = f"{self.captured} s is no reading of a clock that began with the machine"
            raise ValueError(message)
