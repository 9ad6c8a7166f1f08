"""Letting go in time: names in old events, sessions that nobody uses, wishes that are settled.

Done a piece at a time, whenever a resident's use of the page is noted; nobody has to run anything.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, func, select, update

from central.database import upsert
from central.moments import microseconds
from central.resident.tables import HOME_SESSIONS, NAME_MARKS, WISHES
from central.tables import EDGES, EVENTS

PASSAGES: Final = timedelta(days=90)
"""How long after its receipt an event says whose it was."""
UNUSED: Final = timedelta(days=180)
"""How long a session lives that nobody uses."""
WISHED: Final = timedelta(days=30)
"""How long a wish is kept to be shown."""
_PIECE: Final = 2000
"""Events of one sweep."""


def sweep(connection: Connection, now: datetime) -> int:
    """Let go what is past its time, in the caller's transaction; return how many events."""
    connection.execute(
        delete(HOME_SESSIONS).where(HOME_SESSIONS.c.seen_at < microseconds(now - UNUSED))
    )
    connection.execute(delete(WISHES).where(WISHES.c.at < microseconds(now - WISHED)))
    marks = (
        select(EDGES.c.edge, func.coalesce(NAME_MARKS.c.arrival, 0))
        .outerjoin(NAME_MARKS, NAME_MARKS.c.edge == EDGES.c.edge)
        .order_by(EDGES.c.edge)
    )
    left = _PIECE
    for edge, mark in connection.execute(marks).all():
        if left > 0:
            left -= _unname(connection, edge, mark, (now - PASSAGES, left))
    return _PIECE - left


def _unname(connection: Connection, edge: str, mark: int, until: tuple[datetime, int]) -> int:
    """Take the names out of one edge's events behind `mark`; return how many were looked at.

    Events of an edge are numbered in the order of receipt, so that what is behind the mark has
    been done, and what was received too lately ends the walk.
    """
    before, most = until
    rows = connection.execute(
        select(EVENTS.c.arrival, EVENTS.c.resident, EVENTS.c.body)
        .where(
            EVENTS.c.edge == edge,
            EVENTS.c.arrival > mark,
            EVENTS.c.arrival <= mark + most,
            EVENTS.c.received_at < microseconds(before),
        )
        .order_by(EVENTS.c.arrival)
    ).all()
    if not rows:
        return 0
    _write(connection, edge, rows)
    last = rows[-1].arrival
    connection.execute(
        upsert(connection, NAME_MARKS)
        .values(edge=edge, arrival=last)
        .on_conflict_do_update(index_elements=["edge"], set_={"arrival": last})
    )
    return len(rows)


def _write(connection: Connection, edge: str, rows: Sequence[Any]) -> None:
    for row in rows:
        said = msgspec.json.decode(row.body, type=dict[str, Any])
        if row.resident is None and said.get("home") is None:
            continue
        body = msgspec.json.encode({**said, "resident": None, "home": None}).decode()
        connection.execute(
            update(EVENTS)
            .where(EVENTS.c.edge == edge, EVENTS.c.arrival == row.arrival)
            .values(body=body, resident=None)
        )
