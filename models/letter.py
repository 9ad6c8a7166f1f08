"""The way up beside the journal: what a compound's gates tell the centre of their register.

Letters are numbered by the edge, kept until the centre has proved their receipt, and counted once.
None of them holds a face, a template or a photo.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.home import Home
from models.lane import Credential, Direction, LaneKind
from models.registry import ResidentKind


@dataclass(frozen=True, slots=True)
class LaneNow:
    """One lane as residents and visitors know it."""

    number: int
    name: str
    kind: LaneKind
    directions: frozenset[Direction]


@dataclass(frozen=True, slots=True)
class SiteNow:
    """What the compound is: told at start and whenever it changes.

    `photo_key` is the uncompressed P-256 point (65 bytes, hex) to which browsers seal photos, and
    `photo_key_id` the first 16 hex digits of its SHA-256.
    """

    name: str
    timezone: str
    lanes: tuple[LaneNow, ...]
    photo_key: str
    photo_key_id: str


@dataclass(frozen=True, slots=True)
class ResidentNow:
    """One resident as the register has them now; `face` says whether templates are kept."""

    resident_id: str
    name: str
    home: Home
    kind: ResidentKind
    until: date | None
    allowed: frozenset[Credential]
    face: bool
    guardian: str | None = None


@dataclass(frozen=True, slots=True)
class ResidentGone:
    """A resident who is on the register no longer."""

    resident_id: str


@dataclass(frozen=True, slots=True)
class VehicleNow:
    """One car as the register has it now."""

    vehicle_id: str
    resident_id: str
    plate: str
    until: date | None


@dataclass(frozen=True, slots=True)
class VehicleGone:
    """A car that is on the register no longer."""

    vehicle_id: str


@dataclass(frozen=True, slots=True)
class HomeClaim:
    """A code by which a resident takes their home on the phone, made at the desk; used once.

    `digest` is the SHA-256 (hex) of `kuahu claim ` and the code in capitals without separators.
    """

    digest: str
    resident_id: str
    expires: datetime


class PhotoAnswer(StrEnum):
    """What became of a photo."""

    ACCEPTED = "accepted"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    TOO_SMALL = "too_small"
    BLURRED = "blurred"
    TURNED = "turned"
    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    UNREADABLE = "unreadable"
    """It is no picture that can be read, or is too large."""
    OLD_KEY = "old_key"
    """It was sealed to a key that the edge has no more, or for somebody else."""
    UNKNOWN_RESIDENT = "unknown_resident"
    NO_CONSENT = "no_consent"
    TRY_LATER = "try_later"
    """No engine was there to look at it."""


@dataclass(frozen=True, slots=True)
class PhotoAnswered:
    """What became of one photo; the photo itself is gone by now."""

    photo_id: str
    answer: PhotoAnswer
    at: datetime


@dataclass(frozen=True, slots=True)
class PassUsed:
    """A pass was shown; `reason` is the decision's, `double` that it was used elsewhere too."""

    pass_id: str
    lane: int
    direction: Direction
    at: datetime
    opened: bool
    reason: str
    double: bool = False


@dataclass(frozen=True, slots=True)
class Erased:
    """An erasure's receipt; `keys_expire` is the last day on which a backup may hold a key."""

    resident_id: str
    request_id: str
    at: datetime
    keys_expire: date
    events: int


@dataclass(frozen=True, slots=True)
class Exported:
    """All that the gates keep of one resident, as the JSON text of `document`."""

    request_id: str
    resident_id: str
    document: str


@dataclass(frozen=True, slots=True)
class NotApplied:
    """An item of the feed that was not applied, and why, in a word."""

    number: int
    why: str


Said = (
    SiteNow
    | ResidentNow
    | ResidentGone
    | VehicleNow
    | VehicleGone
    | HomeClaim
    | PhotoAnswered
    | PassUsed
    | Erased
    | Exported
    | NotApplied
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing that an edge says, under its number."""

    number: int
    said: Said
