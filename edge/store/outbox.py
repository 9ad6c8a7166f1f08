"""The events that wait for the centre; only what it has named as safe leaves."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Connection, Row, delete, false, func, select, update

from edge.store.body import clock_of
from edge.store.database import LARGEST
from edge.store.tables import outbox, personal
from edge.store.wire import URGENT, forgotten
from edge.store.words import Backlog, Key, OutboxRow

FORK = "fork"
"""The centre's word for the same number with another hash (docs/centre.md)."""
_WAITING = outbox.c.quarantined.is_(None)


def batch(connection: Connection, limit: int) -> tuple[OutboxRow, ...]:
    """Return up to `limit` waiting events: security first, then live ones, then the oldest.

    Security may fill half of a batch and the newest events a quarter, so that neither waits behind
    a backlog and the backlog still drains; each part is oldest first.
    """
    if limit < 1:
        return ()
    waiting = select(outbox).where(_WAITING)
    all_of_it = waiting.order_by(outbox.c.priority, outbox.c.seq).limit(limit + 1)
    ordered = connection.execute(all_of_it).all()
    if len(ordered) <= limit:
        return tuple(_row(row) for row in ordered)
    urgent = [row for row in ordered if row.priority == URGENT][: max(1, limit // 2)]
    newest = waiting.order_by(outbox.c.seq.desc()).limit(max(1, limit // 4))
    live = connection.execute(newest).all()[: limit - len(urgent)]
    oldest = connection.execute(waiting.order_by(outbox.c.seq).limit(limit)).all()
    picked = {row.seq: _row(row) for row in (*urgent, *reversed(live), *oldest)}
    return tuple(picked.values())[:limit]


def acknowledge(connection: Connection, keys: Iterable[Key]) -> int:
    """Take out the events that the centre has named as safe; return how many there were."""
    gone = 0
    for key in keys:
        gone += connection.execute(delete(outbox).where(*_mine(key))).rowcount
    return gone


def quarantine(connection: Connection, key: Key, why: str) -> None:
    """Set an event aside that the centre will not take, so that it blocks no other."""
    connection.execute(update(outbox).where(*_mine(key)).values(quarantined=why))


def set_aside(connection: Connection) -> tuple[tuple[OutboxRow, str], ...]:
    """Return the events in quarantine, each with why, oldest first."""
    rows = connection.execute(
        select(outbox).where(outbox.c.quarantined.is_not(None)).order_by(outbox.c.seq)
    )
    return tuple((_row(row), row.quarantined) for row in rows)


def release(connection: Connection, key: Key) -> None:
    """Let an event out of quarantine, to be sent again."""
    connection.execute(update(outbox).where(*_mine(key)).values(quarantined=None))


def backlog(connection: Connection) -> Backlog:
    """Return how much waits and since when."""
    waiting, oldest = connection.execute(
        select(func.count(), func.min(outbox.c.at)).where(_WAITING)
    ).one()
    aside, forked = connection.execute(
        select(func.count(), func.count().filter(outbox.c.quarantined == FORK)).where(
            outbox.c.quarantined.is_not(None)
        )
    ).one()
    return Backlog(waiting, aside, None if oldest is None else clock_of(oldest), forked)


def forget_person(connection: Connection, person: str) -> None:
    """Take a person out of the events that still wait."""
    about = select(personal.c.seq).where(personal.c.person == person)
    _forget(connection, outbox.c.seq.in_(about))


def forget_events(connection: Connection, seqs: Sequence[int]) -> None:
    """Take the person and the home out of those of these events that still wait or lie aside."""
    _forget(connection, outbox.c.seq.in_(seqs))


def _forget(connection: Connection, which: ColumnElement[bool]) -> None:
    rows = connection.execute(select(outbox.c.seq, outbox.c.body).where(which)).all()
    for row in rows:
        connection.execute(
            update(outbox).where(outbox.c.seq == row.seq).values(body=forgotten(row.body))
        )


def _mine(key: Key) -> tuple[ColumnElement[bool], ...]:
    journal, seq = key
    if not 0 < seq <= LARGEST:
        return (false(),)
    return (outbox.c.journal == journal, outbox.c.seq == seq)


def _row(row: Row[tuple[object, ...]]) -> OutboxRow:
    return OutboxRow(row.journal, row.seq, row.hash, clock_of(row.at), row.kind, row.lane, row.body)
