"""Vehicles: the register's cars, cars that are kept out, and what the gate knows of a car's way."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models.home import Home
from models.lane import Direction
from models.visit import UseState

_PLATE = re.compile(r"[0-9A-Z\u4e00-\u9fff]{5,10}")
_BETWEEN = str.maketrans("", "", " ·.-•")


def plate_text(text: str) -> str:
    """Return a plate as it is compared: upper case, without separators.

    Raises ValueError with a sentence for the user when it can be none.
    """
    plate = text.translate(_BETWEEN).upper()
    if _PLATE.fullmatch(plate) is None:
        message = f"{text!r} is no plate; write it as it stands on the car, such as 京A12345"
        raise ValueError(message)
    return plate


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A car on the register; `until` is the last day of its right of entry, at the site.

    `resident` is whose it is, None where the home alone is known.
    """

    vehicle_id: str
    plate: str
    home: Home
    until: date | None
    resident: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Restriction:
    """A car that is not let in by itself: why that is lawful, who approved it, where, how long.

    It is in force once a second person has approved it, and until the end of `until`. Empty
    `lanes` are all lanes.
    """

    restriction_id: str
    plate: str
    basis: str
    by: str
    second: str | None
    until: date
    lanes: frozenset[int] = frozenset()

    def holds(self, lane: int, today: date) -> bool:
        """Return whether it is in force at `lane` on `today`, the site's own day."""
        everywhere = not self.lanes or lane in self.lanes
        return self.second is not None and today <= self.until and everywhere


class Presence(StrEnum):
    """Whether a vehicle stands in a lane, by the inputs that only a vehicle trips."""

    THERE = "there"
    CLEAR = "clear"
    UNKNOWN = "unknown"
    """No such input, or none whose word is fresh and steady."""


@dataclass(frozen=True, slots=True)
class CarPassage:
    """One opening for a car, by its plate.

    `at_mono` is seconds of CLOCK_MONOTONIC, None for one before this start of the machine.
    """

    lane: int
    direction: Direction
    state: UseState
    at_mono: float | None


TAILGATED = "tailgated"
"""The word of the alert about a car that went through behind another's opening; its note is how
many have by then, and the row of the last opening: `+1 · #17`."""
