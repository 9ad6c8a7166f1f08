"""Taking events in: each counts once, and nothing is called safe before it is on the disk."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Engine, insert, select, text, tuple_, update

from central.database import insert_new, writing
from central.moments import microseconds
from central.tables import EDGES, EVENTS, QUARANTINE, RECEIVED
from central.words import FORK, Arrival, Aside, Batch, Poison, Receipt

_PARTITION_LOCK: Final = 0x4B_55_41_48_56


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A batch against what is known: what is new, what is known and the same, what is neither."""

    fresh: tuple[Arrival, ...]
    safe: tuple[tuple[str, int], ...]
    aside: tuple[tuple[Aside, str], ...]


def take_in(engine: Engine, batch: Batch, now: datetime) -> Receipt:
    """Store what is new in `batch` and return what is safe, after the commit.

    A key that is known with the same hash is safe again; with another hash it is a fork, kept
    apart and never safe. A row that is no event is kept apart too and holds up nothing.
    Raises CentreFault where the database fails; then nothing of the batch was kept.
    """
    if not batch.rows:
        return Receipt((), ())
    with writing(engine) as connection:
        arrivals = _locked_edge(connection, batch.edge)
        sorted_rows = _sort(batch.rows, _known(connection, batch))
        if sorted_rows.fresh:
            _store(connection, batch.edge, sorted_rows.fresh, arrivals, now)
        if sorted_rows.aside:
            _put_aside(connection, batch.edge, sorted_rows.aside, now)
    return Receipt(sorted_rows.safe, tuple(aside for aside, _ in sorted_rows.aside))


def _locked_edge(connection: Connection, edge: str) -> int:
    """Return how many events of `edge` have come, holding off other requests of this edge.

    One number after another in the order of commits is what lets a reader ask "after n" and miss
    nothing.
    """
    connection.execute(insert_new(connection, EDGES), {"edge": edge, "arrivals": 0})
    chosen = select(EDGES.c.arrivals).where(EDGES.c.edge == edge).with_for_update()
    return int(connection.execute(chosen).scalar_one())


def _known(connection: Connection, batch: Batch) -> dict[tuple[str, int], str]:
    keys = {(row.journal, row.seq) for row in batch.rows if isinstance(row, Arrival)}
    if not keys:
        return {}
    chosen = select(RECEIVED.c.journal, RECEIVED.c.seq, RECEIVED.c.row_hash).where(
        RECEIVED.c.edge == batch.edge, tuple_(RECEIVED.c.journal, RECEIVED.c.seq).in_(sorted(keys))
    )
    return {(journal, seq): row_hash for journal, seq, row_hash in connection.execute(chosen)}


def _sort(rows: Sequence[Arrival | Poison], known: dict[tuple[str, int], str]) -> _Sorted:
    fresh: list[Arrival] = []
    safe: dict[tuple[str, int], None] = {}
    aside: list[tuple[Aside, str]] = []
    hashes = dict(known)
    for index, row in enumerate(rows):
        if isinstance(row, Poison):
            aside.append((Aside(index, row.journal, row.seq, row.row_hash, row.why), row.text))
            continue
        key = (row.journal, row.seq)
        if key not in hashes:
            hashes[key] = row.row_hash
            fresh.append(row)
        if hashes[key] == row.row_hash:
            safe[key] = None
        else:
            aside.append((Aside(index, row.journal, row.seq, row.row_hash, FORK), row.body))
    forked = {(one.journal, one.seq) for one, _ in aside if one.why == FORK}
    # A number that came with two hashes in one batch says nothing about which of them was meant.
    return _Sorted(tuple(fresh), tuple(key for key in safe if key not in forked), tuple(aside))


def _store(
    connection: Connection, edge: str, fresh: Sequence[Arrival], arrivals: int, now: datetime
) -> None:
    month = now.year * 100 + now.month
    _partition(connection, month)
    stamp = microseconds(now)
    rows: list[dict[str, Any]] = [
        asdict(one) | {"edge": edge, "arrival": number, "month": month, "received_at": stamp}
        for number, one in enumerate(fresh, arrivals + 1)
    ]
    received = [{name: row[name] for name in RECEIVED.columns.keys()} for row in rows]  # noqa: SIM118 - a collection of columns, no mapping
    connection.execute(insert(RECEIVED), received)
    connection.execute(
        insert(EVENTS),
        [{name: row[name] for name in EVENTS.columns.keys()} for row in rows],  # noqa: SIM118
    )
    connection.execute(
        update(EDGES).where(EDGES.c.edge == edge).values(arrivals=arrivals + len(fresh))
    )


def _partition(connection: Connection, month: int) -> None:
    """Make the month's partition where the engine has partitions; SQLite keeps one table."""
    if connection.dialect.name != "postgresql":
        return
    name = f"events_{month}"
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar_one() is None:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _PARTITION_LOCK})
        connection.exec_driver_sql(
            f"CREATE TABLE IF NOT EXISTS {name} PARTITION OF events FOR VALUES IN ({month})"
        )


def _put_aside(
    connection: Connection, edge: str, aside: Sequence[tuple[Aside, str]], now: datetime
) -> None:
    rows = [
        {
            "edge": edge,
            "journal": one.journal,
            "seq": one.seq,
            "row_hash": one.row_hash,
            "why": one.why,
            "digest": sha256(repr((one.journal, one.seq, one.row_hash, kept)).encode()).hexdigest(),
            "text": kept,
            "received_at": microseconds(now),
        }
        for one, kept in aside
    ]
    connection.execute(insert_new(connection, QUARANTINE), rows)
