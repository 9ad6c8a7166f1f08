"""Reading the journal as people see it: a decision together with what became of it."""

from sqlalchemy import Connection, Row, Select, select
from sqlalchemy.sql.selectable import NamedFromClause

from edge.store import consents
from edge.store.body import Names, clock_of, decode_names
from edge.store.database import LARGEST
from edge.store.learning import Passage
from edge.store.tables import event, personal
from models.command import Outcome
from models.event import Event, EventKind
from models.lane import Credential, Direction

_AGREED = consents.learning_since(personal.c.person).label("agreed")


def page(
    connection: Connection, since: int, limit: int, *, newest: bool, before: int | None = None
) -> tuple[Event, ...]:
    """Return up to `limit` events above `since` and below `before`, in order of seq.

    With `newest` they are the last ones, newest first.
    """
    before = LARGEST if before is None else min(max(before, 0), LARGEST)
    since, limit = min(max(since, 0), LARGEST), min(max(limit, 0), LARGEST)
    order = event.c.seq.desc() if newest else event.c.seq
    within = (event.c.seq > since, event.c.seq < before)
    chosen = select(event.c.seq).where(*within).order_by(order).limit(limit).subquery()
    query = _joined(chosen).order_by(order)
    return _events(connection, query)


def one(connection: Connection, seq: int) -> Event | None:
    """Return one event, or None."""
    if not 0 < seq <= LARGEST:
        return None
    chosen = select(event.c.seq).where(event.c.seq == seq).subquery()
    found = _events(connection, _joined(chosen))
    return found[0] if found else None


def _joined(chosen: NamedFromClause) -> Select[tuple[object, ...]]:
    return (
        select(event, personal.c.body, personal.c.evidence, _AGREED)
        .join(chosen, chosen.c.seq == event.c.seq)
        .join(personal, personal.c.seq == event.c.seq, isouter=True)
    )


def _events(connection: Connection, query: Select[tuple[object, ...]]) -> tuple[Event, ...]:
    rows = connection.execute(query).all()
    reports = _reports(connection, [row.seq for row in rows])
    return tuple(_event(row, reports.get(row.seq)) for row in rows)


def _reports(connection: Connection, seqs: list[int]) -> dict[int, Row[tuple[object, ...]]]:
    """Return each decision's report: the one that says "done", otherwise the newest."""
    rows = connection.execute(
        select(event)
        .where(event.c.answers.in_(seqs), event.c.kind == EventKind.REPORT.value)
        .order_by(event.c.seq)
    )
    found: dict[int, Row[tuple[object, ...]]] = {}
    for row in rows:
        before = found.get(row.answers)
        if before is None or before.answer != Outcome.DONE.value:
            found[row.answers] = row
    return found


def _event(row: Row[tuple[object, ...]], report: Row[tuple[object, ...]] | None) -> Event:
    names = Names() if row.body is None else decode_names(row.body)
    return Event(
        journal=row.journal,
        seq=row.seq,
        kind=EventKind(row.kind),
        at=clock_of(row.at),
        lane=row.lane,
        direction=None if row.direction is None else Direction(row.direction),
        credential=None if row.credential is None else Credential(row.credential),
        answer=row.answer,
        reason=row.reason,
        who=names.who,
        home=names.home,
        evidence=bool(row.evidence),
        ms=row.ms if report is None else report.ms,
        outcome=None if report is None else report.answer,
        answers=row.answers,
        note=names.note,
        why=names.why,
        learnable=bool(row.evidence) and not _why_not(row),
    )


def _why_not(row: Row[tuple[object, ...]]) -> str:
    passage = Passage(row.kind, row.credential, row.answer, row.reason, row.at, row.agreed)
    return passage.why_not
