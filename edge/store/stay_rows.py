"""What the journal says about who went where: its rows as the stay ledger's happenings."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnClause, Connection, bindparam, exists, literal_column, or_, select

from edge.store.body import Case, case_of, clock_of, decode_body
from edge.store.prepared import Prepared
from edge.store.tables import event, personal
from gate.occupancy import Counted, Happening, Passed, SeenGone, Unwatched
from models.command import Outcome
from models.decision import Reason, Verdict
from models.event import EventKind
from models.lane import Direction
from models.observation import (
    CardShown,
    FaceSeen,
    GuardPressed,
    GuardReason,
    PassShown,
    PinEntered,
    PlateSeen,
)
from models.plate import Band
from models.stay import Guest, StayZone, Subject

THROUGH = "through"
"""The word of a passage that the loops counted and no opening tells of."""
UNWATCHED = "unwatched"
"""The word for a lane that somebody may have passed uncounted."""
SEEN_GONE = "stay_seen_gone"
COUNTED = "stay_counted"
PASSED = "passed"
AT_ONCE = 1000


def _word(word: str) -> ColumnClause[str]:
    """Return a word of the program as a constant of a prepared statement."""
    return literal_column(f"'{word}'")


_opening = event.alias("opening")
_knows = personal.alias("knows")
_KINDS = (EventKind.REPORT, EventKind.PASSAGE, EventKind.LATE, EventKind.ADMIN)
_AFTER = Prepared(
    select(
        *(event.c[name] for name in ("seq", "kind", "at", "lane", "direction", "reason")),
        event.c.answer,
        event.c.answers,
        _opening.c.kind,
        _opening.c.direction,
        _opening.c.answers,
        _knows.c.body,
        personal.c.body,
    )
    .join(_opening, _opening.c.seq == event.c.answers, isouter=True)
    .join(_knows, _knows.c.seq == event.c.answers, isouter=True)
    .join(personal, personal.c.seq == event.c.seq, isouter=True)
    .where(event.c.seq > bindparam("after"), or_(*(event.c.kind == _word(one) for one in _KINDS)))
    .order_by(event.c.seq)
    .limit(bindparam("most"))
)
_BODY = Prepared(select(personal.c.body).where(personal.c.seq == bindparam("which")))
_earlier = event.alias("earlier")
_DONE_BEFORE = Prepared(
    select(
        exists().where(
            _earlier.c.answers == bindparam("opening"),
            _earlier.c.kind == _word(EventKind.REPORT),
            _earlier.c.answer == _word(Outcome.DONE),
            _earlier.c.seq < bindparam("seq"),
        )
    )
)
_PRESSED = {
    GuardReason.VISITOR_CONFIRMED: Guest.VISITOR,
    GuardReason.DELIVERY: Guest.VISITOR,
    GuardReason.RESIDENT_NOT_RECOGNISED: Guest.RESIDENT,
}


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, and the opening that it answers."""

    seq: int
    kind: str
    at: str
    lane: int | None
    direction: str | None
    reason: str
    answer: str
    answers: int | None
    opening_kind: str | None
    opening_direction: str | None
    opening_answers: int | None
    opening_body: bytes | None
    body: bytes | None


def after(
    connection: Connection, seq: int, loops: frozenset[int]
) -> Iterator[tuple[int, Happening | None]]:
    """Yield every journal row above `seq` that may matter, and what it means for stays.

    At lanes of `loops` what was counted counts; at the others what was opened.
    """
    while rows := _AFTER.rows(connection, (seq, AT_ONCE, 0)):
        for values in rows:
            row = _Row(*values)
            seq = row.seq
            yield seq, _meaning(connection, row, loops)


def _meaning(connection: Connection, row: _Row, loops: frozenset[int]) -> Happening | None:
    match row.kind:
        case EventKind.ADMIN:
            return _admin(row)
        case EventKind.PASSAGE if row.lane is not None and row.reason == UNWATCHED:
            return Unwatched(row.seq, row.lane)
        case EventKind.PASSAGE if row.reason in (PASSED, THROUGH) and row.lane in loops:
            return _passed(connection, row, row.direction or row.opening_direction)
        case EventKind.LATE if row.lane not in loops:
            return _passed(connection, row, row.direction)
        case EventKind.REPORT if row.lane not in loops and _first_done(connection, row):
            return _passed(connection, row, row.opening_direction)
    return None


def _first_done(connection: Connection, row: _Row) -> bool:
    """Return whether the row is the first to say that a decision's barrier opened."""
    opened = row.opening_kind == EventKind.DECISION and row.answer == Outcome.DONE
    if not opened or row.answers is None:
        return False
    found = _DONE_BEFORE.row(connection, (row.answers, row.seq))
    return found is not None and not found[0]


def _passed(connection: Connection, row: _Row, direction: str | None) -> Happening | None:
    if row.lane is None or direction is None:
        return None
    who = _who(connection, row)
    return Passed(row.seq, clock_of(row.at), row.lane, Direction(direction), who)


def _who(connection: Connection, row: _Row) -> Subject | None:
    """Return whose way it was by the opening, or by the refused row that a guard answered."""
    if row.kind == EventKind.LATE:
        return None if row.answers is None else _subject(_case(row.opening_body), None)
    case = _case(row.opening_body)
    if case is None or not isinstance(case.seen, GuardPressed):
        return _subject(case, None)
    if row.opening_answers is None:
        return None
    found = _BODY.row(connection, (row.opening_answers,))
    return _subject(_case(None if found is None else found[0]), case.seen.why)


def _subject(case: Case | None, why: GuardReason | None) -> Subject | None:
    """Return whom a decision is about; `why` is the guard's reason for opening against it."""
    if case is None:
        return None
    facts, claims = case.facts, case.facts.claims
    match case.seen:
        case PlateSeen(reading=reading) if reading.text and reading.band is not Band.IGNORE:
            guest = _guest(case, why)
            visitor = guest is Guest.VISITOR and claims is not None
            until = claims.expires if visitor and claims is not None else None
            home = None if facts.vehicle is None else str(facts.vehicle.home)
            return Subject(reading.text, guest, home, until)
        case PassShown() | PinEntered() if claims is not None:
            return Subject(f"pass:{claims.pass_id}", Guest.VISITOR, None, claims.expires)
        case FaceSeen() | CardShown() if facts.resident is not None:
            one = facts.resident
            return Subject(f"resident:{one.resident_id}", Guest.RESIDENT, str(one.home))
    return None


def _guest(case: Case, why: GuardReason | None) -> Guest:
    if case.decision.verdict is Verdict.OPEN and case.decision.reason is Reason.VISITOR:
        return Guest.VISITOR
    if why is not None and why in _PRESSED:
        return _PRESSED[why]
    return Guest.UNKNOWN if case.facts.vehicle is None else Guest.RESIDENT


def _admin(row: _Row) -> Happening | None:
    zone, _, number = row.answer.partition(":")
    if row.reason == COUNTED and number.isdecimal():
        return Counted(row.seq, zone, int(number))
    if row.reason == SEEN_GONE and row.body is not None:
        return SeenGone(row.seq, clock_of(row.at), zone, _note(row.body))
    return None


def _note(body: bytes) -> str:
    try:
        return decode_body(body).note or ""
    except ValueError:
        return ""


def _case(body: bytes | None) -> Case | None:
    try:
        return None if body is None else case_of(decode_body(body))
    except ValueError:
        return None


def loops_of(zones: Iterable[StayZone]) -> frozenset[int]:
    """Return every lane whose passages are counted."""
    return frozenset(lane for zone in zones for lane in zone.loops)
