"""Events told once more: what a centre that was put back from a copy may have forgotten."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store import marks
from edge.store.body import clock_text, decode_body
from edge.store.chain import COLUMNS, GENESIS, Link
from edge.store.tables import event, outbox, personal
from edge.store.wire import PLAIN, wire_body

NEXT = "retelling"
KEPT = timedelta(days=30)
"""How far back a centre may have forgotten; its backups should be younger."""


def begin(connection: Connection, now: datetime) -> None:
    """Let everything since KEPT before `now` be told once more; rows of before are left out."""
    oldest = connection.execute(
        select(func.min(event.c.seq)).where(event.c.at >= clock_text(now - KEPT))
    ).scalar()
    if oldest is not None:
        marks.write(connection, NEXT, str(oldest))


def is_due(connection: Connection) -> bool:
    """Return whether something is to be told once more."""
    return marks.read(connection, NEXT) is not None


def room(connection: Connection, most: int) -> bool:
    """Return whether fewer than `most` events wait."""
    waiting = connection.execute(select(func.count()).select_from(outbox)).scalar_one()
    return bool(waiting < most)


def go_on(connection: Connection, limit: int) -> None:
    """Put up to `limit` more events back into the outbox, behind all that is urgent.

    Their hashes are those of before, so a centre that has them counts none twice.
    """
    first = marks.read_number(connection, NEXT)
    rows = connection.execute(
        select(event, personal.c.body)
        .join(personal, personal.c.seq == event.c.seq, isouter=True)
        .where(event.c.seq >= first)
        .order_by(event.c.seq)
        .limit(limit)
    ).all()
    before = connection.execute(select(event.c.hash).where(event.c.seq == first - 1)).scalar()
    for row in rows:
        _put_back(connection, row, GENESIS if before is None else before)
        before = row.hash
    if len(rows) < limit:
        marks.forget(connection, NEXT)
    else:
        marks.write(connection, NEXT, str(rows[-1].seq + 1))


def _put_back(connection: Connection, row: Row[tuple[object, ...]], before: bytes) -> None:
    link = Link(**{name: getattr(row, name) for name in COLUMNS})
    body = None if row.body is None else decode_body(row.body)
    values = {
        "seq": row.seq,
        "journal": row.journal,
        "hash": row.hash.hex(),
        "at": row.at,
        "kind": row.kind,
        "lane": row.lane,
        "priority": PLAIN,
        "body": wire_body(link, before, body),
    }
    connection.execute(upsert(outbox).values(values).on_conflict_do_nothing())
