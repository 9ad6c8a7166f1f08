"""Keeping new events: keys in `received`, rows in `events`, as few statements as the engine needs.

On PostgreSQL one statement takes a whole batch as JSON: a statement a row would cost more than
all that the centre does with the row besides, and the unique key itself says what is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import Connection, insert, select, text, tuple_

from central.moments import microseconds
from central.tables import EVENTS, RECEIVED
from central.words import Arrival

Key = tuple[str, int]
"""Journal and number."""

_PARTITION_LOCK: Final = 0x4B_55_41_48_56
_KEEP: Final = text("""
WITH sent AS (
    SELECT * FROM ROWS FROM (json_to_recordset(CAST(:sent AS json)) AS (
        journal text, seq bigint, row_hash text, at bigint, kind text, lane smallint,
        before text, body text, resident text
    )) WITH ORDINALITY AS one (
        journal, seq, row_hash, at, kind, lane, before, body, resident, place
    )
), fresh AS (
    INSERT INTO received (edge, journal, seq, row_hash, before)
    SELECT :edge, journal, seq, row_hash, before FROM sent ORDER BY journal, seq
    ON CONFLICT DO NOTHING RETURNING journal, seq
)
INSERT INTO events (
    edge, arrival, month, journal, seq, row_hash, at, kind, lane, body, received_at, resident
)
SELECT :edge, :arrivals + row_number() OVER (ORDER BY place), :month, journal, seq, row_hash, at,
    kind, lane, body, :received_at, resident
FROM sent JOIN fresh USING (journal, seq)
RETURNING journal, seq
""")


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where the events of one request go: `arrivals` is how many of the edge came before."""

    edge: str
    arrivals: int
    now: datetime


def keep(connection: Connection, shelf: Shelf, rows: Sequence[Arrival]) -> dict[Key, str]:
    """Keep what is new among `rows`, no two of one key, and return the hashes of what is not.

    New ones are numbered after `arrivals` in the order of `rows`. Belongs into a transaction that
    holds the edge's row.
    """
    if not rows:
        return {}
    if connection.dialect.name == "postgresql":
        return _at_once(connection, shelf, rows)
    return _one_by_one(connection, shelf, rows)


def _at_once(connection: Connection, shelf: Shelf, rows: Sequence[Arrival]) -> dict[Key, str]:
    month = _month(shelf)
    _partition(connection, month)
    values = {
        # An array a column would be escaped value by value in Python.
        "sent": msgspec.json.encode(rows).decode(),
        "edge": shelf.edge,
        "arrivals": shelf.arrivals,
        "month": month,
        "received_at": microseconds(shelf.now),
    }
    fresh = {(journal, seq) for journal, seq in connection.execute(_KEEP, values)}
    return _known(connection, shelf.edge, {(one.journal, one.seq) for one in rows} - fresh)


def _one_by_one(connection: Connection, shelf: Shelf, rows: Sequence[Arrival]) -> dict[Key, str]:
    known = _known(connection, shelf.edge, {(one.journal, one.seq) for one in rows})
    fresh = [one for one in rows if (one.journal, one.seq) not in known]
    if fresh:
        stamp, month = microseconds(shelf.now), _month(shelf)
        keys = [
            {
                "edge": shelf.edge,
                "journal": one.journal,
                "seq": one.seq,
                "row_hash": one.row_hash,
            }
            for one in fresh
        ]
        befores = ({"before": one.before} for one in fresh)
        connection.execute(
            insert(RECEIVED), [key | more for key, more in zip(keys, befores, strict=True)]
        )
        rest = (
            {
                "arrival": number,
                "month": month,
                "at": one.at,
                "kind": one.kind,
                "lane": one.lane,
                "body": one.body,
                "received_at": stamp,
                "resident": one.resident,
            }
            for number, one in enumerate(fresh, shelf.arrivals + 1)
        )
        connection.execute(
            insert(EVENTS), [key | more for key, more in zip(keys, rest, strict=True)]
        )
    return known


def _known(connection: Connection, edge: str, keys: set[Key]) -> dict[Key, str]:
    if not keys:
        return {}
    chosen = select(RECEIVED.c.journal, RECEIVED.c.seq, RECEIVED.c.row_hash).where(
        RECEIVED.c.edge == edge, tuple_(RECEIVED.c.journal, RECEIVED.c.seq).in_(sorted(keys))
    )
    return {(journal, seq): row_hash for journal, seq, row_hash in connection.execute(chosen)}


def _month(shelf: Shelf) -> int:
    return shelf.now.year * 100 + shelf.now.month


def _partition(connection: Connection, month: int) -> None:
    """Make the month's partition; SQLite keeps one table."""
    name = f"events_{month}"
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one() is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PARTITION_LOCK})
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF events FOR VALUES IN ({month})"
        )
