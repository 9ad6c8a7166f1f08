"""P11: events taken in a second, each counted once, against a bare upsert of the same rows.

Ours is the centre's own intake on PostgreSQL: a batch is read as a stranger's, known numbers are
told from new ones and from forks, events and keys are written, and after each block the edge is
asked for gaps and breaks of its chain. Every tenth batch comes twice, as after a lost answer. The
peer puts the same columns of the same rows into one plain table in batches of the same size, by
one `INSERT ... SELECT FROM unnest ... ON CONFLICT DO NOTHING` each. The server does not wait for
its disk (the tests' server), which favours the peer: both would wait alike.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
from sqlalchemy import Engine, make_url

from central.batch import read_batch
from central.database import migrate, open_database
from central.ledger import take_in
from central.reports import gaps_of
from edge.sync.wire import request
from tests.bench import _row
from tests.bench._blocks import BLOCKS, interleave, show
from tests.fakes import postgres
from tests.fakes.centre_events import Row, chain

BATCH = 500
BATCHES = 20
AGAIN = 10
"""One batch in so many comes twice."""
NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
GOAL = _row.Goal(">=", 0.5)

_TABLE = """
CREATE TABLE bare (
    edge text, journal text, seq bigint, row_hash text, at timestamptz, kind text, lane smallint,
    body text, PRIMARY KEY (edge, journal, seq)
)
"""
_UPSERT = """
INSERT INTO bare SELECT * FROM unnest(
    %s::text[], %s::text[], %s::bigint[], %s::text[], %s::timestamptz[], %s::text[],
    %s::smallint[], %s::text[]
) ON CONFLICT DO NOTHING
"""


def main() -> None:
    """Print P11."""
    with postgres.server() as server, postgres.database(server) as url:
        engine = open_database(url)
        migrate(engine)
        names = (f"{number:032x}" for number in itertools.count(1))
        with psycopg.connect(make_url(url).render_as_string(hide_password=False)) as raw:
            raw.execute(_TABLE)
            raw.commit()
            contenders = {
                "ours": lambda: ours(engine, next(names)),
                "bare": lambda: bare(raw, next(names)),
            }
            for once in contenders.values():
                once()
            rates = interleave(contenders, BLOCKS)
        engine.dispose()
    about = _row.About(
        "P11",
        f"bare upsert of {BATCH} rows by unnest on the same PostgreSQL",
        "our events a second / its rows a second",
        "a second",
        BLOCKS * BATCH * BATCHES,
    )
    show(_row.Row(about, GOAL, tuple(rates["ours"]), tuple(rates["bare"])))


def journal_of(edge: str) -> list[Row]:
    """Return the events of one edge, each naming one of a hundred residents as most do."""
    rows = chain(BATCH * BATCHES, journal=edge)
    return [
        replace(row, body=row.body[:-1] + b',"resident":"%016x"}' % (row.seq % 100)) for row in rows
    ]


def sent(edge: str) -> Iterator[bytes]:
    """Return the requests of one edge with a journal of its own."""
    rows = journal_of(edge)
    for number in range(BATCHES):
        share = request(edge, rows[number * BATCH : (number + 1) * BATCH])
        yield share
        if number % AGAIN == 0:
            yield share


def ours(engine: Engine, edge: str) -> float:
    """Return the events a second that the centre takes in, each counted once."""
    requests = list(sent(edge))
    start = time.perf_counter()
    for one in requests:
        receipt = take_in(engine, read_batch(one), NOW)
        assert len(receipt.safe) == BATCH
    gaps = gaps_of(engine, edge)
    taken = time.perf_counter() - start
    assert [(one.count, one.missing, one.breaks) for one in gaps.journals] == [
        (BATCH * BATCHES, (), ())
    ]
    return BATCH * BATCHES / taken


def bare(raw: psycopg.Connection, edge: str) -> float:
    """Return the rows a second of the bare upsert; what comes twice comes twice here too."""
    rows = journal_of(edge)
    columns = []
    for number in range(BATCHES):
        share = rows[number * BATCH : (number + 1) * BATCH]
        one = (
            [edge] * BATCH,
            *([getattr(row, name) for row in share] for name in _FIELDS),
            [row.body.decode() for row in share],
        )
        columns += [one] * (2 if number % AGAIN == 0 else 1)
    start = time.perf_counter()
    for one in columns:
        raw.execute(_UPSERT, one)
        raw.commit()
    return BATCH * BATCHES / (time.perf_counter() - start)


_FIELDS = ("journal", "seq", "row_hash", "at", "kind", "lane")


if __name__ == "__main__":
    main()
