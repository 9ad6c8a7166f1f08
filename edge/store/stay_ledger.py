"""The stay ledger: the store's side of who is inside, for lanes, pages and the command line."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from edge.store import stays
from edge.store.body import Body
from edge.store.journal import Entry, append
from edge.store.opening import Parts
from edge.store.stay_rows import COUNTED, SEEN_GONE, THROUGH, UNWATCHED
from edge.store.stays import Books
from edge.store.tables import event
from gate.counting import Count
from gate.occupancy import room
from models.errors import InputError, StoreFault
from models.event import EventKind
from models.lane import Direction
from models.moment import Moment
from models.stay import Ended, Room, StayZone

LONGEST = 90
"""Days after which nobody is listed by name any more."""
MOST = 100_000
"""A number that no guard has counted."""
LASTING = 3600.0
"""Seconds for what follows an opening: given up, it would be written a second time."""


class StayLedger:
    """Keeps the books of the zones that it was given; before that it keeps none."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._zones: tuple[StayZone, ...] = ()

    @property
    def zones(self) -> tuple[StayZone, ...]:
        """The zones whose stays are kept."""
        return self._zones

    def keep(self, zones: Iterable[StayZone]) -> None:
        """Keep these zones' books from now on, as the whole journal has them.

        A disk that takes nothing leaves the books as they were; the doors work all the same.
        """
        self._zones = tuple(zones)
        with suppress(StoreFault):
            self._parts.writer.submit(lambda c: stays.begin(c, self._zones), wait=LASTING)

    def follow(self, connection: Connection, lane: int | None) -> None:
        """Bring the books up to the rows that this transaction has written at `lane`."""
        if any(lane in one.lanes or lane in one.out_by for one in self._zones):
            stays.follow(connection, self._zones)

    def follow_opening(self, connection: Connection, opening: int, *, passed: bool) -> None:
        """Bring the books up to a row that says whether anybody passed after `opening`."""
        lane = connection.execute(select(event.c.lane).where(event.c.seq == opening)).scalar()
        if passed and lane is not None:
            stays.count(connection, lane)
            self.follow(connection, lane)

    def rebuild(self) -> int:
        """Make the books again from the whole journal; return how many stays have a name."""
        again = self._parts.writer.submit(lambda c: stays.rebuild(c, self._zones), wait=LASTING)
        return len(again.stays)

    def books(self) -> Books:
        """Return every zone's book as it is written."""
        return self._parts.reads(lambda c: stays.kept(c, self._zones))

    def rooms(self, books: Books | None = None) -> tuple[Room, ...]:
        """Return how full each zone is, by `books` where they have been read already."""
        read = books or self.books()
        return tuple(room(read.of(zone.name), zone) for zone in self._zones)

    def past(self, since: datetime, most: int = 1000) -> tuple[Ended, ...]:
        """Return stays that ended after `since`, the newest first."""
        return self._parts.reads(lambda c: stays.past(c, since, most))

    def told_count(self, lane: int) -> Count | None:
        """Return the relay's count up to which the journal tells of everybody at a lane."""
        return self._parts.reads(lambda c: stays.told_count(c, lane))

    def through(
        self,
        lane: int,
        ways: Sequence[tuple[Direction | None, int | None]],
        anew: Count | None,
        now: Moment,
    ) -> int:
        """Record who went through without a row of their own; return the newest row.

        `ways` are direction and opening of each, as far as they are known; whose direction is not
        known leaves the lane unwatched. With `anew` the relay counts from the start again, and
        everybody up to that count is told of.
        """
        journal = self._parts.journal

        def work(connection: Connection) -> int:
            seq = 0
            blind = [way for way in ways if way[0] is None]
            if anew is not None:
                stays.count_anew(connection, lane, anew)
            else:
                stays.count(connection, lane, more=len(ways))
            words: list[tuple[str, Direction | None, int | None]] = []
            if anew is not None or blind:
                words.append((UNWATCHED, None, None))
            words += [(THROUGH, *way) for way in ways if way[0] is not None]
            for word, direction, opening in words:
                entry = Entry(
                    kind=EventKind.PASSAGE,
                    at=now.utc,
                    trust=now.trust,
                    reason=word,
                    answer=word,
                    lane=lane,
                    direction=direction,
                    answers=opening,
                )
                seq = append(connection, journal, entry).seq
            self.follow(connection, lane)
            return seq

        return self._parts.writer.submit(work, wait=LASTING)

    def seen_gone(self, zone: str, key: str, guard: str, now: Moment) -> int:
        """Record that a guard looked and found one not there; return the row.

        Raises InputError where the ledger has no such stay.
        """
        known = any(one.zone == zone and one.who.key == key for one in self.books().stays)
        if not known:
            message = f"{key} is not listed as inside {zone}; see `kuahu stays list`"
            raise InputError(message)
        return self._tell(SEEN_GONE, zone, Body(who=guard, note=key), now)

    def counted(self, zone: str, number: int, guard: str, now: Moment) -> int:
        """Record that a guard counted `number` inside a zone; return the row.

        Raises InputError for a zone that is none, and for what cannot be a count.
        """
        if all(one.name != zone for one in self._zones):
            message = f"there is no stay zone {zone!r}; the site file names them"
            raise InputError(message)
        if not 0 <= number <= MOST:
            message = f"{number} is no count; write how many are inside"
            raise InputError(message)
        return self._tell(COUNTED, f"{zone}:{number}", Body(who=guard), now)

    def end_old(self, now: datetime, days: int = LONGEST) -> bool:
        """End the names that are older than `days`; return whether there were any."""
        before = now - timedelta(days=min(days, LONGEST))
        if not self._parts.reads(lambda c: stays.is_over(c, before)):
            return False
        self._parts.writer.submit(lambda c: stays.end_old(c, self._zones, before))
        return True

    def _tell(self, reason: str, answer: str, body: Body, now: Moment) -> int:
        entry = Entry(EventKind.ADMIN, now.utc, now.trust, reason, answer=answer, body=body)

        def work(connection: Connection) -> int:
            seq = append(connection, self._parts.journal, entry).seq
            stays.follow(connection, self._zones)
            return seq

        return self._parts.writer.submit(work)
