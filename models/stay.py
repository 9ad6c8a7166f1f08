"""Stays: who is inside which part of the compound, as far as the journal knows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.lane import Direction


class Counts(StrEnum):
    """What is counted in a stay zone."""

    CARS = "cars"
    PEOPLE = "people"
    """People are counted and never listed."""


class Beyond(StrEnum):
    """What becomes of a household's car that finds all of the household's spaces taken."""

    VISITOR = "visitor"
    """It comes in as a visitor's."""
    ASK = "ask"
    """The guard is asked."""


class Guest(StrEnum):
    """As what somebody came in."""

    RESIDENT = "resident"
    VISITOR = "visitor"
    UNKNOWN = "unknown"
    """By a guard's hand, or on the way out: nothing says what they are."""


class Ending(StrEnum):
    """How a stay ended."""

    LEFT = "left"
    HEALED = "healed"
    """It came in again, so it had left unseen."""
    SEEN_GONE = "seen_gone"
    """A guard looked and found it gone."""
    UNPAIRED = "unpaired"
    """It left, and nothing was known of its coming in."""
    FORGOTTEN = "forgotten"
    """Its name is not kept any longer; it still counts."""


@dataclass(frozen=True, slots=True)
class StayZone:
    """A part of the compound whose stays are kept; `spaces` is None where nobody counts them.

    The entry direction of `lanes` leads into it; that of `out_by` leads out of it, as the ramp of a
    garage leads out of the yard. Lanes of `loops` count who goes through; at the others an opening
    counts as one who went.
    """

    name: str
    lanes: frozenset[int]
    spaces: int | None = None
    out_by: frozenset[int] = frozenset()
    loops: frozenset[int] = frozenset()
    counts: Counts = Counts.CARS

    def __post_init__(self) -> None:
        if not self.lanes:
            message = f"stay zone {self.name} has no way in: name the lanes that lead into it"
            raise ValueError(message)
        if self.lanes & self.out_by:
            message = f"stay zone {self.name}: one lane leads both into it and out of it"
            raise ValueError(message)
        if self.spaces is not None and self.spaces < 0:
            message = f"stay zone {self.name}: {self.spaces} spaces; write how many there are"
            raise ValueError(message)

    def leads_in(self, lane: int, direction: Direction) -> bool | None:
        """Return whether this way leads in (True) or out (False); None for a way elsewhere."""
        if lane in self.lanes:
            return direction is Direction.ENTRY
        if lane in self.out_by:
            return direction is Direction.EXIT
        return None


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose way it was: `key` is a plate, or `pass:` or `resident:` with an id.

    `until` is when a visitor's right ends, `home` the household that it is with.
    """

    key: str
    guest: Guest
    home: str | None = None
    until: datetime | None = None

    @property
    def plate(self) -> str | None:
        """The plate, None where it came in by another credential."""
        return None if ":" in self.key else self.key


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay in a zone: `came` is the journal row of its coming in, `since` its time (UTC)."""

    zone: str
    who: Subject
    came: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """A stay that is over: `stay` is None for one who left without having come in."""

    zone: str
    who: Subject
    stay: Stay | None
    how: Ending
    left: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """How full a zone is now; `free` is None where its spaces are not counted."""

    zone: str
    counts: Counts
    inside: int
    spaces: int | None
    strangers: int = 0
    """How many of those inside nobody has a name for."""

    @property
    def free(self) -> int | None:
        """The spaces that are free, never below 0; None where they are not counted."""
        return None if self.spaces is None else max(0, self.spaces - self.inside)
