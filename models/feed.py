"""The way down: what the centre tells a compound's gates, each item under a number that only rises.

Whoever applies items believes none of them before it is checked: ids, homes, lanes and times are
validated as a stranger's would be (docs/centre.md).
"""

from dataclasses import dataclass
from datetime import date, datetime

from models.home import Home
from models.lane import Credential
from models.registry import Consent, ResidentKind
from models.visit import PassKind, Weekly


@dataclass(frozen=True, slots=True)
class Revoked:
    """A pass that opens nothing from now on; comes before everything else."""

    pass_id: str


@dataclass(frozen=True, slots=True)
class FaceWithdrawn:
    """A resident takes the face back; `by` is who asked, a resident's id or a member of staff."""

    resident_id: str
    by: str


@dataclass(frozen=True, slots=True)
class Erase:
    """A resident wants to be erased; answered by a letter with the receipt."""

    resident_id: str
    request_id: str


@dataclass(frozen=True, slots=True)
class PassKey:
    """A key of the centre for this compound's passes: `ed25519` in hex, None once retired."""

    kid: int
    ed25519: str | None


@dataclass(frozen=True, slots=True)
class RotationKey:
    """The compound's rotation key, 32 bytes in hex (docs/pass.md)."""

    key: str


@dataclass(frozen=True, slots=True)
class PassMade:
    """A pass that a resident made; its signature holds without this note.

    `label` is the host's own name for it. `pin` is the numeric code that carries the same right,
    six digits, None where there is none.
    """

    pass_id: str
    host: str
    label: str
    kind: PassKind
    lanes: frozenset[int]
    not_before: datetime
    expires: datetime
    uses: int
    kid: int
    rotating: bool = False
    pin: str | None = None
    plate: str | None = None
    weekly: Weekly | None = None
    """The days and times of a recurring pass; None for every other kind."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A resident's choice of one way of entry; `consent` is given with every yes to a face."""

    resident_id: str
    credential: Credential
    allowed: bool
    by: str
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class SealedPhoto:
    """A face photo that only the edge can open: HPKE to its photo key `key_id` (docs/centre.md).

    `sealed` is base64 of the encapsulated key followed by the ciphertext of a JPEG.
    """

    photo_id: str
    resident_id: str
    key_id: str
    sealed: str
    by: str
    consent: Consent


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whom a household adds to itself; `by` is the resident who did it."""

    resident_id: str
    name: str
    home: Home
    kind: ResidentKind
    by: str
    until: date | None = None
    guardian: str | None = None
    """The resident who answers for a child under 14."""


@dataclass(frozen=True, slots=True)
class VehicleGiven:
    """A car that a resident brings on the register; `until` is its last day."""

    resident_id: str
    plate: str
    by: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class VehicleTaken:
    """A car that a resident takes off the register."""

    resident_id: str
    plate: str
    by: str


@dataclass(frozen=True, slots=True)
class ExportWanted:
    """A resident wants all that the gates keep of them; answered by a letter."""

    resident_id: str
    request_id: str


Told = (
    Revoked
    | FaceWithdrawn
    | Erase
    | PassKey
    | RotationKey
    | PassMade
    | Choice
    | SealedPhoto
    | Member
    | VehicleGiven
    | VehicleTaken
    | ExportWanted
)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that the centre tells, under its number."""

    number: int
    told: Told
