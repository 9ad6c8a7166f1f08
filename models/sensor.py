"""Sensors: what the inputs beside a barrier say, and how fresh that is."""

from dataclasses import dataclass
from enum import StrEnum

from models.command import Position


class Input(StrEnum):
    """An input of a relay."""

    LOOP = "loop"
    RADAR = "radar"
    """A radar that looks for vehicles; it counts as a loop does."""
    BEAM = "beam"
    EDGE = "edge"
    FIRE = "fire"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Reading:
    """One heartbeat of a relay: its position and inputs; `at` is seconds of CLOCK_MONOTONIC here.

    An input that is absent from `active` is not wired or not heard, which is never "clear".
    """

    relay: str
    lane: int
    position: Position
    active: dict[Input, bool]
    at: float
    passages: int = 0
    """How many people or cars the inputs have counted through since the relay's epoch began."""
    epoch: str = ""
    """The relay's start that `passages` counts from; empty for one that counts nobody."""
