"""What outlives a store that forgets, as a state folder outlives a real one."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime

from edge.store.words import IssuedPass
from gate.counting import Count
from gate.pin_lock import PinLock
from models.card import Card
from models.command import Intent, Outcome
from models.errors import InputError, StoreFault
from models.event import Event, EventKind
from models.lane import Credential, Direction
from models.observation import GuardReason
from models.registry import Resident
from models.standing import ENDED, Order, Standing
from models.template import Template
from models.user import User
from models.vehicle import CarPassage, Restriction, Vehicle
from models.visit import PassUse

URGENT = frozenset(
    {"forged", "used", "revoked", "not_live", "locked_down", "guard", "no_vehicle", "tailgated"}
    | {"keypad_paused", "double_use"}
    | {ENDED, *Standing}
)
URGENT_KINDS = frozenset({EventKind.LATE, EventKind.FAULT, EventKind.CALL})


@dataclass
class Use:
    """One use of a pass: its newest try's boot and decision."""

    use: PassUse
    boot: str
    event: int


@dataclass
class Wish:
    """A command that was recorded, and what became of it."""

    intent: Intent
    event: int
    use: tuple[str, int] | None
    outcome: Outcome | None = None


@dataclass
class DriveBy:
    """One opening for a car."""

    plate: str
    passage: CarPassage
    boot: str


@dataclass
class Shelf:
    """What stays when a MemoryStore is closed; `broken` makes every write fail."""

    journal: str = field(default_factory=lambda: secrets.token_hex(16))
    held: bool = False
    broken: bool = False
    people: dict[str, Resident] = field(default_factory=dict)
    templates: dict[str, tuple[Template, ...]] = field(default_factory=dict)
    version: int = 0
    floor: int = 0
    served: object = None
    issued: dict[str, IssuedPass] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    pins: dict[str, str] = field(default_factory=dict)
    """The pass that each numeric code stands for."""
    pin_locks: dict[int, tuple[str, PinLock]] = field(default_factory=dict)
    """Each lane's keypad, and the start of the machine whose times it has."""
    uses: dict[tuple[str, int], Use] = field(default_factory=dict)
    wishes: dict[str, Wish] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    rows: list[Event] = field(default_factory=list)
    about: dict[int, str] = field(default_factory=dict)
    crops: dict[int, bytes] = field(default_factory=dict)
    waiting: dict[int, int] = field(default_factory=dict)
    """The priority of each event that waits for the centre."""
    aside: dict[int, tuple[str, int]] = field(default_factory=dict)
    """Why each event in quarantine is there, and its priority."""
    seqs: dict[str, int] = field(default_factory=dict)
    standing: dict[int, Order] = field(default_factory=dict)
    vehicles: dict[str, Vehicle] = field(default_factory=dict)
    restrictions: list[Restriction] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    bound: dict[str, str] = field(default_factory=dict)
    """The plate of each pass that is bound to one."""
    drives: dict[int, DriveBy] = field(default_factory=dict)
    counts: dict[int, Count] = field(default_factory=dict)
    """The opening of each decision that let a car through."""

    def new_gallery(self) -> int:
        """Return the next version of the gallery, whose members are not known yet."""
        self.version += 1
        self.served = None
        return self.version


@dataclass
class Line:
    """One event that is to be written."""

    kind: EventKind
    at: datetime
    reason: str
    answer: str = ""
    lane: int | None = None
    direction: Direction | None = None
    credential: Credential | None = None
    answers: int | None = None
    ms: int | None = None
    who: str | None = None
    home: str | None = None
    note: str | None = None
    why: GuardReason | None = None
    about: str | None = None
    evidence: bool = False


@dataclass
class Book:
    """The journal of one opening of a shelf."""

    shelf: Shelf
    boot: str
    is_open: bool = True

    def must_write(self) -> None:
        """Raise StoreFault where a real disk would refuse."""
        if self.shelf.broken or not self.is_open:
            message = "the disk refuses" if self.is_open else "the store is closed"
            raise StoreFault(message, part="store", advice="Look at the disk.")

    def append(self, line: Line) -> int:
        """Write one event and put it into the outbox; return its seq."""
        self.must_write()
        if line.answers is not None and not -(2**63) <= line.answers < 2**63:
            message = "a number in it is too large to be kept"
            raise InputError(message)
        seq = len(self.shelf.rows) + 1
        self.shelf.rows.append(
            Event(
                journal=self.shelf.journal,
                seq=seq,
                kind=line.kind,
                at=line.at,
                lane=line.lane,
                direction=line.direction,
                credential=line.credential,
                answer=line.answer,
                reason=line.reason,
                who=line.who,
                home=line.home,
                evidence=line.evidence,
                ms=line.ms,
                answers=line.answers,
                note=line.note,
                why=line.why,
            )
        )
        if line.about is not None:
            self.shelf.about[seq] = line.about
        urgent = line.kind in URGENT_KINDS or line.reason in URGENT or line.answer == "asked"
        self.shelf.waiting[seq] = 0 if urgent else 1
        return seq

    def row_hash(self, seq: int) -> str:
        """Return 64 hex digits that name an event's unchanging part."""
        row = self.shelf.rows[seq - 1]
        words = (row.journal, row.seq, row.kind, row.at, row.lane, row.reason, row.answer)
        return hashlib.sha256(repr(words).encode()).hexdigest()
