"""Taking events in: each counts once, and nothing is called safe before it is on the disk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, Engine, select, update

from central.database import insert_new, writing
from central.keeping import Key, Shelf, keep
from central.moments import microseconds
from central.tables import EDGES, QUARANTINE
from central.words import FORK, Arrival, Aside, Batch, Poison, Receipt


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A batch against what is kept: what is kept as it was sent, and what is not."""

    safe: tuple[Key, ...]
    aside: tuple[tuple[Aside, str], ...]


def take_in(engine: Engine, batch: Batch, now: datetime) -> Receipt:
    """Store what is new in `batch` and return what is safe, after the commit.

    A key that is known with the same hash is safe again; with another hash it is a fork, kept
    apart and never safe. A row that is no event is kept apart too and holds up nothing.
    Raises CentreFault where the database fails; then nothing of the batch was kept.
    """
    if not batch.rows:
        return Receipt((), ())
    firsts: dict[Key, Arrival] = {}
    for row in batch.rows:
        if isinstance(row, Arrival):
            firsts.setdefault((row.journal, row.seq), row)
    with writing(engine) as connection:
        shelf = Shelf(batch.edge, _locked_edge(connection, batch.edge), now)
        known = keep(connection, shelf, tuple(firsts.values()))
        sorted_rows = _sort(batch.rows, {key: one.row_hash for key, one in firsts.items()} | known)
        if len(known) < len(firsts):
            _count(connection, shelf, len(firsts) - len(known))
        if sorted_rows.aside:
            _put_aside(connection, batch.edge, sorted_rows.aside, now)
    return Receipt(sorted_rows.safe, tuple(aside for aside, _ in sorted_rows.aside))


def _locked_edge(connection: Connection, edge: str) -> int:
    """Return how many events of `edge` have come, holding off other requests of this edge.

    One number after another in the order of commits is what lets a reader ask "after n" and miss
    nothing.
    """
    chosen = select(EDGES.c.arrivals).where(EDGES.c.edge == edge).with_for_update()
    arrivals = connection.execute(chosen).scalar_one_or_none()
    if arrivals is None:
        connection.execute(insert_new(connection, EDGES), {"edge": edge, "arrivals": 0})
        arrivals = connection.execute(chosen).scalar_one()
    return int(arrivals)


def _sort(rows: Sequence[Arrival | Poison], kept: Mapping[Key, str]) -> _Sorted:
    safe: dict[Key, None] = {}
    aside: list[tuple[Aside, str]] = []
    for index, row in enumerate(rows):
        if isinstance(row, Poison):
            aside.append((Aside(index, row.journal, row.seq, row.row_hash, row.why), row.text))
        elif kept[row.journal, row.seq] == row.row_hash:
            safe[row.journal, row.seq] = None
        else:
            aside.append((Aside(index, row.journal, row.seq, row.row_hash, FORK), row.body))
    forked = {(one.journal, one.seq) for one, _ in aside if one.why == FORK}
    # A number that came with two hashes in one batch says nothing about which of them was meant.
    return _Sorted(tuple(key for key in safe if key not in forked), tuple(aside))


def _count(connection: Connection, shelf: Shelf, fresh: int) -> None:
    connection.execute(
        update(EDGES)
        .where(EDGES.c.edge == shelf.edge)
        .values(arrivals=shelf.arrivals + fresh, events_at=microseconds(shelf.now))
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
