"""Occupancy: who is inside a stay zone, from what the journal says has passed its lanes.

Laws of this file:
- the number inside follows the loops: one more for each way in, one less for each way out, whether
  or not anybody knows who it was; it is never below nought;
- names follow the credentials, and are mended by the next thing that is seen: who comes in twice
  had left unseen, who leaves without having come in had come unseen;
- a name alone moves the number only where something may have passed uncounted (`gap`), as it
  always may where a lane has no loop;
- nothing here refuses anybody.

A book is rebuilt by the same steps from the same rows, so it is never more than the journal is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from models.lane import Direction
from models.stay import Counts, Ended, Ending, Guest, Room, Stay, StayZone, Subject

_NOBODY: Mapping[str, Stay] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Book:
    """One zone's book.

    `strangers` came in without a name. `loose` left without one, and are still among the names of
    `inside`. Until the journal row `gap` somebody may have passed uncounted.
    """

    zone: str
    strangers: int = 0
    loose: int = 0
    gap: int = 0
    inside: Mapping[str, Stay] = field(default_factory=lambda: _NOBODY)

    def __post_init__(self) -> None:
        if self.strangers < 0 or not 0 <= self.loose <= len(self.inside):
            message = f"{self.zone}: {self.strangers} strangers and {self.loose} loose cannot be"
            raise ValueError(message)

    @property
    def number(self) -> int:
        """How many are inside."""
        return self.strangers + len(self.inside) - self.loose


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody went through a lane; `seq` is the journal row that says so, `at` when (UTC)."""

    seq: int
    at: datetime
    lane: int
    direction: Direction
    who: Subject | None = None


@dataclass(frozen=True, slots=True)
class Unwatched:
    """Somebody may have passed this lane uncounted, at any time before the journal row `seq`."""

    seq: int
    lane: int


@dataclass(frozen=True, slots=True)
class SeenGone:
    """A guard has looked: this one is not there any more."""

    seq: int
    at: datetime
    zone: str
    key: str


@dataclass(frozen=True, slots=True)
class Counted:
    """A guard has counted: so many are inside a zone, whoever they are."""

    seq: int
    zone: str
    number: int


Happening = Passed | Unwatched | SeenGone | Counted
Step = tuple[Book, tuple[Ended, ...]]


def step(book: Book, zone: StayZone, what: Happening) -> Step:
    """Return the book of `zone` after `what`, and the stays that it ended."""
    match what:
        case Passed():
            leads_in = zone.leads_in(what.lane, what.direction)
            if leads_in is None:
                return book, ()
            if what.lane not in zone.loops:
                book = replace(book, gap=what.seq)
            # People are counted and never listed.
            who = None if zone.counts is Counts.PEOPLE else what.who
            return _in(book, what, who) if leads_in else _out(book, what, who)
        case Unwatched():
            ours = what.lane in zone.lanes | zone.out_by
            return (replace(book, gap=what.seq) if ours else book), ()
        case SeenGone():
            return _gone(book, what) if what.zone == zone.name else (book, ())
        case Counted():
            return (_counted(book, what) if what.zone == zone.name else book), ()


def told(book: Book, zone: StayZone, happenings: Iterable[Happening]) -> Step:
    """Return the book after all of `happenings`, and every stay that they ended, in order."""
    ended: list[Ended] = []
    for what in happenings:
        book, more = step(book, zone, what)
        ended += more
    return book, tuple(ended)


def forget(book: Book, stays: Iterable[Stay], now: tuple[int, datetime]) -> Step:
    """Return the book without the names of `stays`, who still count.

    `now` is the newest journal row and the time.
    """
    seq, at = now
    ended: list[Ended] = []
    for stay in stays:
        if book.loose == len(book.inside):
            book = replace(book, loose=book.loose - 1, inside=_without(book, stay))
        else:
            book = replace(book, strangers=book.strangers + 1, inside=_without(book, stay))
        ended.append(Ended(book.zone, stay.who, stay, Ending.FORGOTTEN, seq, at))
    return book, tuple(ended)


def room(book: Book, zone: StayZone) -> Room:
    """Return how full the zone is."""
    return Room(zone.name, zone.counts, book.number, zone.spaces, book.strangers)


def is_full(rooms: Iterable[Room]) -> bool:
    """Return whether one of `rooms` has no space left."""
    return any(one.free == 0 for one in rooms)


def all_taken(stays: Iterable[Stay], home: str, key: str, spaces: int | None) -> bool:
    """Return whether the household's own cars, this one apart, take all of its spaces.

    A car that is beyond them came in as a visitor's and takes none.
    """
    if spaces is None:
        return False
    theirs = {
        stay.who.key
        for stay in stays
        if stay.who.home == home and stay.who.guest is Guest.RESIDENT and stay.who.key != key
    }
    return len(theirs) >= spaces


def _in(book: Book, what: Passed, who: Subject | None) -> Step:
    if who is None:
        return replace(book, strangers=book.strangers + 1), ()
    ended: tuple[Ended, ...] = ()
    old = book.inside.get(who.key)
    if old is not None:
        book = _healed(book, old)
        ended = (Ended(book.zone, old.who, old, Ending.HEALED, what.seq, what.at),)
    new = Stay(book.zone, who, what.seq, what.at)
    return replace(book, inside=MappingProxyType({**book.inside, who.key: new})), ended


def _healed(book: Book, old: Stay) -> Book:
    """Return the book without a stay that turns out to have been over."""
    rest = _without(book, old)
    if book.loose:
        # One of those who left without a name was this one.
        return replace(book, loose=book.loose - 1, inside=rest)
    if old.came < book.gap:
        return replace(book, inside=rest)
    # The loops have seen nobody leave, so somebody is still in there, under a name misread.
    return replace(book, strangers=book.strangers + 1, inside=rest)


def _out(book: Book, what: Passed, who: Subject | None) -> Step:
    if who is None:
        return _one_less(book), ()
    stay = book.inside.get(who.key) or _of_the_home(book, who)
    if stay is None:
        unpaired = Ended(book.zone, who, None, Ending.UNPAIRED, what.seq, what.at)
        came_uncounted = book.gap and not book.strangers and who.guest is not Guest.UNKNOWN
        return (book if came_uncounted else _one_less(book)), (unpaired,)
    ended = Ended(book.zone, stay.who, stay, Ending.LEFT, what.seq, what.at)
    return _away(book, stay), (ended,)


def _away(book: Book, stay: Stay) -> Book:
    """Return the book after a named one left, with one less inside if there is any."""
    rest = _without(book, stay)
    if book.loose < len(book.inside):
        return replace(book, inside=rest)
    # Everybody named was thought to be gone: then it was a stranger who had left.
    fewer = max(0, book.strangers - 1)
    return replace(book, strangers=fewer, loose=book.loose - 1, inside=rest)


def _one_less(book: Book) -> Book:
    if book.strangers:
        return replace(book, strangers=book.strangers - 1)
    if book.loose < len(book.inside):
        return replace(book, loose=book.loose + 1)
    return book


def _of_the_home(book: Book, who: Subject) -> Stay | None:
    """Return who came in by another credential than a plate, and is of the same household."""
    if who.home is None:
        return None
    kin = (
        stay
        for stay in book.inside.values()
        if stay.who.home == who.home and (stay.who.plate is None or who.plate is None)
    )
    return min(kin, key=lambda stay: stay.came, default=None)


def _gone(book: Book, what: SeenGone) -> Step:
    stay = book.inside.get(what.key)
    if stay is None:
        return book, ()
    ended = Ended(book.zone, stay.who, stay, Ending.SEEN_GONE, what.seq, what.at)
    return _healed(book, stay), (ended,)


def _counted(book: Book, what: Counted) -> Book:
    """Return the book with the number that a guard counted; names are kept, as many as can be."""
    named = len(book.inside)
    strangers, loose = max(0, what.number - named), max(0, named - what.number)
    return replace(book, strangers=strangers, loose=loose, gap=0)


def _without(book: Book, stay: Stay) -> Mapping[str, Stay]:
    return MappingProxyType({key: one for key, one in book.inside.items() if key != stay.who.key})
