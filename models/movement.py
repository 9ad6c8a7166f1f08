"""Movements: what a person at a lane may be asked to do, to show that a face is no picture."""

from dataclasses import dataclass
from enum import StrEnum

from models.observation import Sighting


class Movement(StrEnum):
    """One movement of the head; left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    NOD = "nod"
    CLOSER = "closer"


@dataclass(frozen=True, slots=True)
class Prompt:
    """A movement that is asked of whoever stands at a lane; `movement` of None takes it back."""

    at: Sighting
    track: int
    movement: Movement | None
