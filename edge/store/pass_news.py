"""What became of a pass that was shown, for whoever gave it: no name of anybody in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from edge.store import log
from edge.store.body import case_of, decode_body
from edge.store.tables import personal
from models.command import Outcome
from models.event import Event, EventKind
from models.lane import Direction
from models.visit import DOUBLE_USE, Claims


@dataclass(frozen=True, slots=True)
class PassNews:
    """One showing of a pass: `opened` once its barrier has, `double` for two gates at once."""

    journal: str
    event: int
    pass_id: str
    host: str
    lane: int | None
    direction: Direction | None
    at: datetime
    opened: bool
    reason: str
    double: bool = False


def of_event(connection: Connection, seq: int) -> PassNews | None:
    """Return what a row says of a pass that was shown; None for every other row."""
    row = log.one(connection, seq)
    if row is None or row.kind not in (EventKind.DECISION, EventKind.ALERT):
        return None
    content = connection.execute(
        select(personal.c.body).where(personal.c.seq == row.seq)
    ).scalar_one_or_none()
    return None if content is None else _news(row, content)


def _news(row: Event, content: bytes) -> PassNews | None:
    try:
        body = decode_body(content)
        case = case_of(body)
    except ValueError:
        return None
    if row.reason == DOUBLE_USE and body.note is not None:
        return _of(row, body.note, body.person or "")
    claims: Claims | None = None if case is None else case.facts.claims
    return None if claims is None else _of(row, claims.pass_id, claims.host)


def _of(row: Event, pass_id: str, host: str) -> PassNews:
    double = row.reason == DOUBLE_USE
    opened = double or (row.answer == "opened" and row.outcome == Outcome.DONE)
    where = (row.lane, row.direction, row.at)
    return PassNews(row.journal, row.seq, pass_id, host, *where, opened, row.reason, double)
