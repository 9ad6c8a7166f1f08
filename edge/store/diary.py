"""The journal's side of the store: what lanes write, and what people read."""

from datetime import datetime

from sqlalchemy import Connection, select

from edge.store import log, recording, standing
from edge.store.body import Body, Case, clock_of
from edge.store.database import LARGEST
from edge.store.evidence import Crop
from edge.store.journal import Entry, Written, append
from edge.store.numbers import Numbers
from edge.store.opening import Parts
from edge.store.stay_ledger import StayLedger
from edge.store.tables import event, personal
from models.command import Intent, Report
from models.decision import Decision
from models.event import Event, EventKind
from models.facts import Facts
from models.moment import Moment, Trust
from models.observation import GuardPressed, Observation
from models.standing import Order

PATIENCE = 5.0
"""Seconds that a caller waits for the disk unless it says otherwise."""
LASTING = 3600.0
"""Seconds for what follows an opening: given up, it would be written a second time."""


class Diary:
    """Writes events and reads them."""

    def __init__(self, parts: Parts, stays: StayLedger) -> None:
        self._parts = parts
        self._stays = stays
        self._numbers = Numbers(parts.writer, parts.reads)

    def record(  # noqa: PLR0913 - one transaction, and all that goes into it
        self,
        seen: Observation,
        facts: Facts,
        decision: Decision,
        now: Moment,
        *,
        intent: Intent | None,
        crop: bytes | None,
        policy: str,
        who: str | None,
        home: str | None,
        wait: float = PATIENCE,
    ) -> int:
        """Record a decision, the use and the command that it leads to, all or nothing.

        Returns the event's seq once all of it is durable. Raises UseTaken when another lane took
        the pass's use meanwhile, StoreFault when nothing could be kept within `wait` seconds; what
        the disk takes after that is reported as unknown, and its use given back.
        """
        diary = (self._parts.journal, self._parts.boot)
        case = Case(seen, facts, decision, now)
        asked = recording.Asked(intent, crop, policy, who, home)

        def work(connection: Connection) -> Written:
            return recording.record(connection, diary, case, asked)

        def regret(connection: Connection, written: Written) -> None:
            if intent is not None:
                command = (intent.cmd_id, written.seq, intent.lane, intent.relay)
                recording.unknown(connection, diary[0], command, now)

        written = self._parts.writer.submit(work, wait=wait, regret=regret)
        if crop is not None:
            self._parts.evidence.keep(Crop(diary[0], written.seq, written.salt, crop))
        return written.seq

    def outcome(self, report: Report, event_seq: int, ms: int | None, now: Moment) -> int:
        """Record what became of the command of event `event_seq`; return the new event's seq.

        A use is spent by "done" and given back by anything else.
        """
        journal = self._parts.journal
        about = (event_seq, ms, now)

        def work(connection: Connection) -> int:
            seq = recording.outcome(connection, journal, report, about)
            self._stays.follow(connection, report.lane)
            return seq

        return self._parts.writer.submit(work, wait=LASTING)

    def passage(self, event_seq: int, passed: bool, now: Moment) -> int:  # noqa: FBT001 - the fact itself
        """Record whether anybody went through; a use that nobody took is given back."""
        journal = self._parts.journal

        def work(connection: Connection) -> int:
            seq = recording.passage(connection, journal, event_seq, passed=passed, now=now)
            self._stays.follow_opening(connection, event_seq, passed=passed)
            return seq

        return self._parts.writer.submit(work, wait=LASTING)

    def late(self, seen: GuardPressed, at: datetime, now: Moment) -> int:
        """Record an opening by hand of the time `at` that could not be recorded then."""
        journal = self._parts.journal

        def work(connection: Connection) -> int:
            seq = recording.late(connection, journal, seen, at, now)
            self._stays.follow(connection, seen.at.lane)
            return seq

        return self._parts.writer.submit(work, wait=LASTING)

    def note(
        self,
        kind: EventKind,
        reason: str,
        now: Moment,
        *,
        lane: int | None = None,
        who: str | None = None,
        text: str | None = None,
    ) -> int:
        """Record something that is no decision; return its seq."""
        body = None if who is None and text is None else Body(who=who, note=text)
        entry = Entry(kind, now.utc, now.trust, reason=reason, lane=lane, body=body)
        return self._parts.writer.submit(lambda c: append(c, self._parts.journal, entry).seq)

    def stand(self, lane: int, order: Order | None, guard: str, now: Moment) -> int:
        """Record what a guard orders to stand at a lane, None to end it; return the seq."""
        journal = self._parts.journal
        return self._parts.writer.submit(
            lambda c: standing.put(c, journal, lane, order, (guard, now)), wait=LASTING
        )

    def standing(self, lane: int) -> Order | None:
        """Return what stands at a lane, or None."""
        orders = self._parts.reads(standing.all_of)
        return next((one for one in orders if one.lane == lane), None)

    def next_seq(self, relay: str, last_seq: int) -> int:
        """Return the next command number of `relay`: above every one given before and `last_seq`.

        Numbers are made durable in blocks, so that they still rise after a power cut, with a gap.
        """
        return self._numbers.next(relay, last_seq)

    def events(
        self, since: int = 0, limit: int = 100, *, newest: bool = False, before: int | None = None
    ) -> tuple[Event, ...]:
        """Return up to `limit` events above `since` and below `before`, in order of seq.

        With `newest` they are the last ones, newest first.
        """
        return self._parts.reads(lambda c: log.page(c, since, limit, newest=newest, before=before))

    def event(self, seq: int) -> Event | None:
        """Return one event together with what became of it, or None."""
        return self._parts.reads(lambda connection: log.one(connection, seq))

    def crop(self, seq: int) -> bytes | None:
        """Return the evidence picture of an event, or None where none is kept (any more)."""
        if not 0 < seq <= LARGEST:
            return None
        query = (
            select(event.c.journal, personal.c.salt)
            .join(personal, personal.c.seq == event.c.seq)
            .where(event.c.seq == seq, personal.c.evidence)
        )
        row = self._parts.reads(lambda connection: connection.execute(query).first())
        return None if row is None else self._parts.evidence.picture(row.journal, seq, row.salt)

    def clock_floor(self) -> datetime | None:
        """Return the newest trusted time in the journal: the true time is this or later."""
        query = (
            select(event.c.at)
            .where(event.c.trust == Trust.TRUSTED.value, event.c.kind != EventKind.LATE.value)
            .order_by(event.c.seq.desc())
            .limit(1)
        )
        text = self._parts.reads(lambda connection: connection.execute(query).scalar_one_or_none())
        return None if text is None else clock_of(text)
