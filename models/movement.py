"""Movements: what a person at a lane may be asked to do, to show that a face is no picture."""

from dataclasses import dataclass
from enum import StrEnum

from models.advice import Advice
from models.observation import Sighting


class Movement(StrEnum):
    """One movement of the head; left and right are the person's own."""

    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"
    NOD = "nod"
    CLOSER = "closer"


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is asked of whoever stands at a lane: a movement, or to be seen better.

    Neither of the two takes back what was asked before.
    """

    at: Sighting
    track: int
    movement: Movement | None
    advice: Advice | None = None

    @property
    def asks(self) -> Movement | Advice | None:
        """What is asked, None where something is taken back."""
        return self.movement or self.advice
