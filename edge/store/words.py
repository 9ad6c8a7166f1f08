"""What the store answers with, besides the words of models/."""

from dataclasses import dataclass
from datetime import date, datetime

from models.card import Card
from models.decision import Decision
from models.errors import StoreFault
from models.registry import Resident
from models.vehicle import CarPassage, Restriction, Vehicle
from models.visit import NONE_EARLIER, Claims, Earlier, PassUse, SharedUse


class UseTaken(StoreFault):
    """Another lane took this use of the pass in the meantime: gather the facts again and decide."""

    code = "use_taken"


@dataclass(frozen=True, slots=True)
class PassState:
    """What the store knows of one pass; `label` is empty for a pass that was not issued here.

    `uses` are its first way in and its newest ones, at this machine's lanes and at those of the
    compound's others; `earlier` counts the rest.
    """

    revoked: bool
    uses: tuple[PassUse, ...]
    label: str
    earlier: Earlier = NONE_EARLIER


@dataclass(frozen=True, slots=True)
class CarState:
    """What the store knows of the car with one plate; `passages` are its last, newest first.

    `passes` are those that were issued here and bound to the plate.
    """

    vehicle: Vehicle | None = None
    restrictions: tuple[Restriction, ...] = ()
    passages: tuple[CarPassage, ...] = ()
    passes: tuple[tuple[Claims, PassState], ...] = ()


@dataclass(frozen=True, slots=True)
class CardState:
    """What the store knows of one card, and its holder as the register has them now."""

    card: Card | None = None
    resident: Resident | None = None


@dataclass(frozen=True, slots=True)
class PinState:
    """What the store knows of a numeric code at one lane; `locked` while its keypad waits."""

    locked: bool
    claims: Claims | None = None
    state: PassState | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """Uses that changed here, for other gate machines; complete up to event `upto`."""

    uses: tuple[SharedUse, ...]
    upto: int


@dataclass(frozen=True, slots=True)
class IssuedPass:
    """A pass that was issued here, for whom and by whom."""

    claims: Claims
    label: str
    by: str
    at: datetime
    revoked: bool


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Proof for a resident that they were erased.

    `keys_expire` is the last day on which a backup may still hold the key or the name; `events` is
    the number of journal rows whose personal part was erased.
    """

    resident_id: str
    at: datetime
    keys_expire: date
    events: int


Key = tuple[str, int]
"""Which event: the journal that numbered it, and its number there."""


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One event that waits for the centre; `body` is JSON without name, face, crop or token."""

    journal: str
    seq: int
    row_hash: str
    at: datetime
    kind: str
    lane: int | None
    body: bytes

    @property
    def key(self) -> Key:
        """Which event this is."""
        return (self.journal, self.seq)


@dataclass(frozen=True, slots=True)
class Backlog:
    """What has not reached the centre; `oldest` is the time of the oldest waiting event."""

    waiting: int
    quarantined: int
    oldest: datetime | None
    forked: int = 0
    """How many of those in quarantine the centre has with another hash."""


@dataclass(frozen=True, slots=True)
class Head:
    """The chain's newest hash at a moment, signed by the edge (Ed25519, 64 bytes)."""

    journal: str
    seq: int
    hash: str
    at: datetime
    signature: bytes


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What a walk along the chain found; `first_bad` is the first seq that does not hold."""

    ok: int
    erased: int
    broken: int
    first_bad: int | None
    why: str
    heads: int
    """How many signed heads were checked and held."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A decision that is not made the same way again; `again` is None where it cannot be read."""

    seq: int
    recorded: Decision | None
    again: Decision | None


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What re-deciding the journal found; anything in `differ` is a failure."""

    agreed: int
    differ: tuple[Difference, ...]
    erased: int
    other_policy: int
