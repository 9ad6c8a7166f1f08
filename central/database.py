"""The centre's database: PostgreSQL by URL, or one SQLite file; opened, migrated, used."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, Table, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from models.errors import CentreFault, ConfigError

_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_MIGRATION_LOCK: Final = 0x4B_55_41_48_55
"""The advisory lock under which one of several starting workers migrates."""
_POSTGRES_OPTIONS: Final = "-c statement_timeout=30000 -c lock_timeout=10000 -c timezone=UTC"


def open_database(address: str) -> Engine:
    """Return an engine on `address`: `sqlite:///FILE` or `postgresql://…`.

    Nothing is read yet; a new file is made, for its owner only.
    Raises ConfigError where the address names neither.
    """
    try:
        url = make_url(address)
    except ArgumentError as error:
        # The address may hold a password, so the sentence does not repeat it.
        message = "database_url is no database address; write sqlite:///centre.db or postgresql://…"
        raise ConfigError(message) from error
    match url.get_backend_name():
        case "sqlite" if url.database not in {None, "", ":memory:"}:
            return _sqlite(url)
        case "postgresql":
            return _postgresql(url)
        case other:
            message = (
                f"database_url names {other!r} without a file, or another engine; "
                "write sqlite:///centre.db or postgresql://…"
            )
            raise ConfigError(message)


def migrate(engine: Engine) -> None:
    """Bring the schema up to this program's; one worker does it and the others wait.

    Raises CentreFault where the database cannot be reached or changed.
    """
    with writing(engine) as connection:
        upgrade(connection)


def upgrade(connection: Connection, target: str = "head") -> None:
    """Bring the schema up to `target` inside a transaction that holds off every other writer.

    Raises CentreFault where a newer program wrote the schema.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
    config = Config(attributes={"connection": connection})
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    try:
        command.upgrade(config, target)
    except CommandError as error:
        message = "the centre's database has a schema that this program does not know"
        advice = "A newer Kuahu wrote it: start that one, or give this one another database."
        raise CentreFault(message, part="database", advice=advice) from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Yield a connection in one transaction, on the disk when the block is left without error.

    Raises CentreFault where the database fails; nothing of the block is kept then.
    """
    with (
        _translated(),
        engine.connect().execution_options(kuahu_write=True) as connection,
        connection.begin(),
    ):
        yield connection


def insert_new(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - one per dialect
    """Return an insert into `table` that leaves rows alone which are there."""
    return upsert(connection, table).on_conflict_do_nothing()


def upsert(connection: Connection, table: Table) -> Any:  # noqa: ANN401 - one per dialect
    """Return an insert into `table` that can be told what to do about rows which are there."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    return dialect.insert(table)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Yield a connection for reading; raises CentreFault where the database fails."""
    with _translated(), engine.connect() as connection:
        yield connection


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        message = f"the centre's database failed: {type(error).__name__}"
        advice = "Look whether the database runs, has room and accepts this user."
        raise CentreFault(message, part="database", advice=advice) from error


def _postgresql(url: URL) -> Engine:
    return create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        pool_pre_ping=True,
        pool_size=10,
        max_overflow=10,
        connect_args={"connect_timeout": 5, "options": _POSTGRES_OPTIONS},
    )


def _keep_private(file: Path) -> None:
    """Make the file for its owner only; its journal and index files take after it."""
    # A folder that is missing or closed is told by the first connection, in words.
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def _sqlite(url: URL) -> Engine:
    _keep_private(Path(url.database or ""))
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(raw: sqlite3.Connection, _record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's own
        # sqlite3's own BEGIN comes late and shared; ours below decides.
        raw.isolation_level = None
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
            raw.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("kuahu_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
