"""A plate: what was read off a vehicle, how sure that is, and what else says a vehicle is there."""

from dataclasses import dataclass
from enum import StrEnum

from models.sensor import Input
from models.sighting import Sighting


class Ground(StrEnum):
    """The colour of a plate's ground, as far as a picture tells."""

    BLUE = "blue"
    GREEN = "green"
    YELLOW = "yellow"
    WHITE = "white"
    BLACK = "black"
    UNSURE = "unsure"
    """Nothing may be concluded, as in the dark; white and black say little more, for so looks any
    plate in infrared light."""


class PlateKind(StrEnum):
    """What a plate's form and ground say about its vehicle."""

    ORDINARY = "ordinary"
    LARGE = "large"
    GREEN_SMALL = "green_small"
    GREEN_LARGE = "green_large"
    POLICE = "police"
    LEARNER = "learner"
    TRAILER = "trailer"
    CONSULATE = "consulate"
    EMBASSY = "embassy"
    HONG_KONG = "hong_kong"
    MACAO = "macao"
    OTHER = "other"
    """A form of another country's grammar file."""


class Band(StrEnum):
    """What may follow from a reading."""

    ACCEPT = "accept"
    """Sure enough to be looked up on the register."""
    ASK = "ask"
    """A plate, but the guard decides, with the picture."""
    IGNORE = "ignore"
    """No plate, or none that says anything."""


@dataclass(frozen=True, slots=True)
class PlateReading:
    """The text of one plate without separators, its kind, and how far it is to be believed.

    `confidence` is 0 to 1; `frames` is how many pictures agreed on it.
    """

    text: str
    kind: PlateKind
    ground: Ground
    confidence: float
    band: Band
    frames: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.confidence <= 1:
            message = f"a confidence of {self.confidence} is not within 0 to 1"
            raise ValueError(message)
        if self.band is Band.ACCEPT and not self.text:
            message = "a reading without text cannot be accepted"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class PlateSeen:
    """A tracked plate in front of a lane. It says nothing about whether a vehicle carries it."""

    at: Sighting
    reading: PlateReading
    track: int
    nearing: bool
    """Whether the plate came closer while it was followed."""


VEHICLE_INPUTS = frozenset({Input.LOOP, Input.RADAR})
"""Inputs that only a vehicle trips: an induction loop, or a radar that looks for one."""
