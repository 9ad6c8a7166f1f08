"""An observation: what a camera or reader saw, in words, with its capture time; unbelieved yet."""

from dataclasses import dataclass
from enum import StrEnum

from models.card import CardShown
from models.lane import Credential
from models.pin import PinEntered
from models.plate import PlateSeen
from models.sighting import Sighting

__all__ = [
    "Alive",
    "CardShown",
    "FaceFault",
    "FaceSeen",
    "GuardPressed",
    "GuardReason",
    "Observation",
    "PassShown",
    "PinEntered",
    "PlateSeen",
    "Sighting",
    "credential_of",
]


class FaceFault(StrEnum):
    """Why a face in front of a lane names nobody."""

    UNKNOWN = "unknown"
    AMBIGUOUS = "ambiguous"
    NOT_LIVE = "not_live"


class Alive(StrEnum):
    """What showed that a face is no picture of one."""

    UNCHECKED = "unchecked"
    PASSIVE = "passive"
    """Its single pictures look alive."""
    MOVED = "moved"
    """It moved, as asked or by itself, as nothing flat can."""


@dataclass(frozen=True, slots=True)
class FaceSeen:
    """A tracked face that names one resident, or nobody and why.

    `gallery` is the version of the templates that it was compared with; core refuses a version
    older than the last withdrawal.
    """

    at: Sighting
    resident: str | None
    fault: FaceFault | None
    score: float
    gallery: int
    track: int
    alive: Alive = Alive.UNCHECKED
    failures: int = 0
    """How often this track has been taken for a picture by now."""

    def __post_init__(self) -> None:
        if (self.resident is None) == (self.fault is None):
            message = "a face names a resident or has a fault, one of the two"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class PassShown:
    """The text of a code that was held to a reader, exactly as read."""

    at: Sighting
    text: str


class GuardReason(StrEnum):
    """Why a guard opened by hand: one tap each."""

    RESIDENT_NOT_RECOGNISED = "resident_not_recognised"
    VISITOR_CONFIRMED = "visitor_confirmed"
    DELIVERY = "delivery"
    EMERGENCY = "emergency"
    MOVING = "moving"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class GuardPressed:
    """A guard's button: who, why, and the refused event it answers if any."""

    at: Sighting
    guard: str
    why: GuardReason
    note: str = ""
    answers: int | None = None


Observation = FaceSeen | PassShown | PinEntered | PlateSeen | CardShown | GuardPressed


def credential_of(seen: Observation) -> Credential:
    """Return the way of entry that an observation claims."""
    match seen:
        case FaceSeen():
            return Credential.FACE
        case PassShown():
            return Credential.PASS
        case PinEntered():
            return Credential.PIN
        case PlateSeen():
            return Credential.PLATE
        case CardShown():
            return Credential.CARD
        case GuardPressed():
            return Credential.GUARD
