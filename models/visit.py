"""A pass: a temporary right of entry, and what the gate knows of its uses."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from models.lane import Direction

UNLIMITED: Final = 65_535
"""The number of uses that is as often as its holder likes."""
DAY: Final = 1440
"""Minutes."""
DOUBLE_USE: Final = "double_use"
"""The reason of a row that tells of a pass which two gates let in, where one was allowed."""


class PassKind(StrEnum):
    """What a pass is good for."""

    SINGLE = "single"
    """One way in and one way out."""
    WINDOW = "window"
    """As often as `uses` says within its time."""
    RECURRING = "recurring"
    """On some days of each week between two times of day, as often as `uses` says."""
    DELIVERY = "delivery"
    """One visit; within an hour of the first way in, in again at any of its lanes."""
    PRINTED = "printed"
    """On paper, for whoever has no phone: as often as `uses` says, never rotating."""


@dataclass(frozen=True, slots=True)
class Weekly:
    """Days of each week and a span of the site's own day, in minutes; `end` is too late.

    `days` are 0 (Monday) to 6, `start` 0 to 1439, `end` 1 to 1440. With `end` before `start` the
    span that begins on one of the days goes on past midnight.
    """

    days: frozenset[int]
    start: int
    end: int

    def __post_init__(self) -> None:
        if not self.days or not self.days <= frozenset(range(7)):
            message = f"days {sorted(self.days)} are not some of 0 (Monday) to 6"
            raise ValueError(message)
        if not (0 <= self.start < DAY and 0 < self.end <= DAY) or self.start == self.end:
            message = f"{self.start} to {self.end} are no two different minutes of a day"
            raise ValueError(message)

    def holds(self, day: date, minute: int) -> bool:
        """Return whether minute `minute` of `day`, both the site's own, is within."""
        today = day.weekday() in self.days
        if self.start < self.end:
            return today and self.start <= minute < self.end
        yesterday = (day - timedelta(days=1)).weekday() in self.days
        return (today and minute >= self.start) or (yesterday and minute < self.end)


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine pass says of itself; nothing of it is about now.

    Raises ValueError where a recurring pass has no `weekly`, or another one has.
    """

    pass_id: str
    host: str
    compound: str
    lanes: frozenset[int]
    """The lanes it opens; empty means every lane of the compound."""
    not_before: datetime
    expires: datetime
    uses: int
    kind: PassKind
    kid: int
    rotating: bool = False
    weekly: Weekly | None = None

    def __post_init__(self) -> None:
        if (self.kind is PassKind.RECURRING) == (self.weekly is None):
            message = "a recurring pass needs its days and times of each week, and no other has any"
            raise ValueError(message)


class CodeFault(StrEnum):
    """Why a code is no pass, found before any database is touched."""

    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    WRONG_ALPHABET = "wrong_alphabet"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    STALE_CODE = "stale_code"
    """A rotating code of another moment, or a picture of one."""
    CLOCK = "clock"
    """A rotating code, and no clock to hold it against."""


class UseState(StrEnum):
    """How far one use of a pass got."""

    OPEN = "open"
    """Decided and commanded; no answer yet."""
    SPENT = "spent"
    """The barrier opened, and nothing says that nobody went through."""
    RETURNED = "returned"
    """The relay refused, timed out or is unknown, or the sensors saw nobody pass."""


@dataclass(frozen=True, slots=True)
class PassUse:
    """One use of a pass at one lane, in one direction."""

    number: int
    lane: int
    direction: Direction
    state: UseState
    at_mono: float | None
    """When it was decided; None for a use made before this start of the machine, or elsewhere."""
    tries: int
    at: datetime | None = None
    """When it was decided, by the wall clock of where that was."""
    edge: str = ""
    """Which other gate machine of the compound it was at; empty for this one."""
    opened: bool = False
    """Whether a barrier has ever opened for it."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """How often a much used pass went in and out before those uses that are told one by one."""

    ways_in: int = 0
    ways_out: int = 0


NONE_EARLIER: Final = Earlier()


@dataclass(frozen=True, slots=True)
class SharedUse:
    """One use of a pass as gate machines of one compound tell each other; merged, never taken back.

    `edge` is the machine it was at, which numbers its uses of each pass; with `at` they name it
    even after that machine's register was put back from a backup.
    """

    pass_id: str
    edge: str
    number: int
    direction: Direction
    lane: int
    at: datetime
    opened: bool
    kind: PassKind
    allowed: int
    """The uses that the pass has."""
    expires: datetime
