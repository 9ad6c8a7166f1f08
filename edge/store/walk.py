"""Walking along the journal without holding it up: short reads, one row after the other."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from edge.store.chain import Link
from edge.store.database import reading
from edge.store.folder import Folder
from edge.store.reads import Reads
from edge.store.tables import event, personal
from models.errors import StoreFault

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the journal and, while it is not erased, its personal part."""

    link: Link
    hash: bytes
    person: str | None
    salt: bytes | None
    body: bytes | None


@contextmanager
def reads_of(folder: Path) -> Iterator[Reads]:
    """Open the register in `folder` for reading only, beside a running core or without one.

    Raises StoreFault where there is none or it cannot be read.
    """
    file = Folder(folder).register
    if not file.is_file():
        message = f"there is no store in {folder}"
        raise StoreFault(message, part="store", advice="Name the state folder of a site.")
    reads = Reads(reading(file))
    try:
        yield reads
    finally:
        reads.close()


def steps(reads: Callable[[Callable[[Connection], list[Step]]], list[Step]]) -> Iterator[Step]:
    """Yield every row in order."""
    last = -1
    while batch := reads(_after(last)):
        yield from batch
        last = batch[-1].link.seq


def _after(last: int) -> Callable[[Connection], list[Step]]:
    query = (
        select(event, personal.c.person, personal.c.salt, personal.c.body)
        .join(personal, personal.c.seq == event.c.seq, isouter=True)
        .where(event.c.seq > last)
        .order_by(event.c.seq)
        .limit(_AT_ONCE)
    )
    return lambda connection: [_step(row) for row in connection.execute(query)]


def _step(row: Row[tuple[object, ...]]) -> Step:
    columns: dict[str, Any] = {
        column.name: _plain(getattr(row, column.name)) for column in fields(Link)
    }
    link = Link(**{**columns, "digest": _blob(row.digest)})
    erased = row.salt is None and row.body is None
    salt, body = (None, None) if erased else (_blob(row.salt), _blob(row.body))
    return Step(link, _blob(row.hash), row.person, salt, body)


def _plain(value: object) -> object:
    # SQLite keeps any type in any column; the store never writes a fraction into these.
    return repr(value) if isinstance(value, float) else value


def _blob(value: object) -> bytes:
    # A forger's text where the store writes bytes must come out as another value, not as an error.
    return value if isinstance(value, bytes) else f"{value!r} is not bytes".encode()
