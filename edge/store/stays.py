"""The stay ledger's tables: books read and written, names ended; nothing that the journal has not.

A book is followed inside the transaction that writes the row which changes it, by the same steps
that make it again from the first row on.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from edge.store import marks
from edge.store.body import clock_of, clock_text
from edge.store.prepared import Prepared
from edge.store.stay_rows import after, loops_of
from edge.store.stay_tables import lane_count, stay, stay_zone
from edge.store.tables import event
from gate import occupancy
from gate.counting import Count
from gate.occupancy import Book
from models.stay import Counts, Ended, Ending, Guest, Stay, StayZone, Subject

_UPTO = "stays_upto"
_FORM = "stays_form"
_WORDS = ("zone", "key", "guest", "home", "until", "came", "since")
_OPEN = Prepared(select(*(stay.c[name] for name in _WORDS)).where(stay.c.left.is_(None)))
_ZONES = Prepared(
    select(stay_zone.c.zone, stay_zone.c.strangers, stay_zone.c.loose, stay_zone.c.gap)
)
_OF_LANE = Prepared(
    select(lane_count.c.epoch, lane_count.c.number).where(lane_count.c.lane == bindparam("wanted"))
)
_NEWEST = select(event.c.seq).order_by(event.c.seq.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Books:
    """Every zone's book up to the journal row `upto`."""

    upto: int = 0
    books: tuple[Book, ...] = ()

    def of(self, zone: str) -> Book:
        """Return the book of a zone, empty where there is none yet."""
        return next((book for book in self.books if book.zone == zone), Book(zone))

    @property
    def stays(self) -> tuple[Stay, ...]:
        """Every stay with a name, the longest first."""
        every = (one for book in self.books for one in book.inside.values())
        return tuple(sorted(every, key=lambda one: (one.since, one.who.key)))


def begin(connection: Connection, zones: Sequence[StayZone]) -> Books:
    """Return the books of these zones, made again where the zones are others than they were."""
    form = repr(sorted(map(_form, zones)))
    if marks.read(connection, _FORM) != form:
        marks.write(connection, _FORM, form)
        return rebuild(connection, zones)
    return follow(connection, zones)


def kept(connection: Connection, zones: Sequence[StayZone]) -> Books:
    """Return the books as they are written."""
    inside: dict[str, dict[str, Stay]] = {}
    for row in _OPEN.rows(connection):
        one = _stay(row)
        inside.setdefault(one.zone, {})[one.who.key] = one
    counts = {zone: numbers for zone, *numbers in _ZONES.rows(connection)}
    return Books(
        marks.read_number(connection, _UPTO),
        tuple(_book(zone.name, counts.get(zone.name), inside.get(zone.name, {})) for zone in zones),
    )


def rebuild(connection: Connection, zones: Sequence[StayZone]) -> Books:
    """Return the books as the whole journal has them, written in place of what was there."""
    connection.execute(delete(stay))
    connection.execute(delete(stay_zone))
    marks.write(connection, _UPTO, "0")
    return follow(connection, zones)


def follow(connection: Connection, zones: Sequence[StayZone]) -> Books:
    """Return the books after every row that is new."""
    before = kept(connection, zones)
    upto, books, ended = before.upto, {book.zone: book for book in before.books}, list[Ended]()
    changed = False
    for upto, what in after(connection, before.upto, loops_of(zones)):  # noqa: B007 - the last one counts
        if what is None:
            continue
        changed = True
        for zone in zones:
            books[zone.name], over = occupancy.step(books[zone.name], zone, what)
            ended += over
    if upto == before.upto:
        return before
    marks.write(connection, _UPTO, str(upto))
    if not changed:
        return Books(upto, before.books)
    return _written(connection, before, Books(upto, tuple(books.values())), ended)


def forget(
    connection: Connection, zones: Sequence[StayZone], chosen: Iterable[Stay], now: datetime
) -> Books:
    """Return the books without the names of the stays that are `chosen`; they still count."""
    before = kept(connection, zones)
    wanted, ended, books = set(chosen), list[Ended](), []
    seq = connection.execute(_NEWEST).scalar() or 0
    for book in before.books:
        mine = [one for one in book.inside.values() if one in wanted]
        after_it, over = occupancy.forget(book, mine, (seq, now))
        books.append(after_it)
        ended += over
    if not ended:
        return before
    return _written(connection, before, Books(before.upto, tuple(books)), ended)


def erase(connection: Connection, keys: Iterable[str], now: datetime) -> None:
    """Delete every stay under one of `keys`; who is inside still counts."""
    wanted = set(keys)
    zones = [_bare(zone) for zone, *_ in _ZONES.rows(connection)]
    before = kept(connection, zones)
    forget(connection, zones, (one for one in before.stays if one.who.key in wanted), now)
    connection.execute(delete(stay).where(stay.c.key.in_(sorted(wanted))))


def past(connection: Connection, since: datetime, most: int) -> tuple[Ended, ...]:
    """Return up to `most` stays that ended after `since`, the newest first."""
    rows = connection.execute(
        select(stay)
        .where(stay.c.left.is_not(None), stay.c.at > clock_text(since))
        .order_by(stay.c.left.desc(), stay.c.id.desc())
        .limit(most)
    )
    return tuple(_ended(row) for row in rows)


def is_over(connection: Connection, before: datetime) -> bool:
    """Return whether a name came in or left before `before`."""
    old = (stay.c.at < clock_text(before)) | (
        stay.c.left.is_(None) & (stay.c.since < clock_text(before))
    )
    return connection.execute(select(stay.c.id).where(old).limit(1)).first() is not None


def end_old(connection: Connection, zones: Sequence[StayZone], before: datetime) -> Books:
    """Return the books without names that came in before `before`; ended stays are deleted."""
    connection.execute(delete(stay).where(stay.c.at < clock_text(before)))
    current = kept(connection, zones)
    return forget(connection, zones, [s for s in current.stays if s.since < before], before)


def told_count(connection: Connection, lane: int) -> Count | None:
    """Return the relay's count up to which the journal tells of everybody at a lane."""
    row = _OF_LANE.row(connection, (lane,))
    return None if row is None else Count(*row)


def count(connection: Connection, lane: int, *, more: int = 1) -> None:
    """Note that the journal tells of `more` who went through a lane."""
    connection.execute(
        update(lane_count)
        .where(lane_count.c.lane == lane)
        .values(number=lane_count.c.number + more)
    )


def count_anew(connection: Connection, lane: int, told: Count) -> None:
    """Note that the journal tells of everybody up to this count of a relay that began anew."""
    connection.execute(delete(lane_count).where(lane_count.c.lane == lane))
    values = {"lane": lane, "epoch": told.epoch, "number": told.number}
    connection.execute(insert(lane_count), values)


def _book(zone: str, counts: Sequence[int] | None, inside: Mapping[str, Stay]) -> Book:
    strangers, loose, gap = counts or (0, 0, 0)
    return Book(zone, strangers, loose, gap, MappingProxyType(dict(inside)))


def _written(connection: Connection, before: Books, later: Books, ended: Sequence[Ended]) -> Books:
    """Write what differs between the two and return the later one."""
    was = set(before.stays)
    connection.execute(delete(stay_zone))
    for book in later.books:
        counts = {"strangers": book.strangers, "loose": book.loose, "gap": book.gap}
        connection.execute(insert(stay_zone), {"zone": book.zone, **counts})
    rows = [*_closed(connection, was, ended), *(_row(s) for s in later.stays if s not in was)]
    if rows:
        connection.execute(insert(stay), rows)
    return later


def _closed(
    connection: Connection, was: set[Stay], ended: Sequence[Ended]
) -> Iterator[dict[str, Any]]:
    """Close the rows of stays that are over; yield the new rows of those that had none yet."""
    for one in ended:
        mine = stay.c.zone == one.zone, stay.c.key == one.who.key, stay.c.left.is_(None)
        if one.how is Ending.FORGOTTEN:
            connection.execute(delete(stay).where(*mine))
            continue
        over = {"ended": one.how.value, "left": one.left, "at": clock_text(one.at)}
        if one.stay in was:
            connection.execute(update(stay).where(*mine).values(over))
        elif one.stay is not None:
            yield {**_row(one.stay), **over}
        else:
            yield {**_subject_row(one.zone, one.who), "came": None, "since": None, **over}


def _row(one: Stay) -> dict[str, Any]:
    return {
        **_subject_row(one.zone, one.who),
        "came": one.came,
        "since": clock_text(one.since),
        "ended": None,
        "left": None,
        "at": None,
    }


def _subject_row(zone: str, who: Subject) -> dict[str, Any]:
    return {
        "zone": zone,
        "key": who.key,
        "guest": who.guest.value,
        "home": who.home,
        "until": None if who.until is None else clock_text(who.until),
    }


def _stay(row: Sequence[Any]) -> Stay:
    zone, key, guest, home, until, came, since = row
    who = Subject(key, Guest(guest), home, None if until is None else clock_of(until))
    return Stay(zone, who, came, clock_of(since))


def _ended(row: Any) -> Ended:  # noqa: ANN401 - a row of the driver
    until = None if row.until is None else clock_of(row.until)
    who = Subject(row.key, Guest(row.guest), row.home, until)
    begun = None if row.came is None else Stay(row.zone, who, row.came, clock_of(row.since))
    return Ended(row.zone, who, begun, Ending(row.ended), row.left, clock_of(row.at))


def _form(zone: StayZone) -> tuple[object, ...]:
    """Return what of a zone changes what the journal means for it."""
    return (zone.name, sorted(zone.lanes), sorted(zone.out_by), sorted(zone.loops), zone.counts)


def _bare(zone: str) -> StayZone:
    """Return a zone whose name alone matters, for work that looks at no lane."""
    return StayZone(zone, frozenset({1}), counts=Counts.CARS)
