"""A statement of SQLAlchemy Core, compiled once and run on the driver's own cursor.

What a lane runs for every decision goes through here: SQLAlchemy's way to execute a statement
takes ten times what SQLite then does. Types are the driver's: text, numbers, bytes, None.
"""

import sqlite3
from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import ClauseElement, Connection, TableClause, insert
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.compiler import SQLCompiler

_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")

Values = tuple[str | int | float | bytes | None, ...]


class Prepared:
    """A statement whose values are given as a tuple, in the order of `names`."""

    __slots__ = ("_sql", "names")

    def __init__(self, statement: ClauseElement, columns: Sequence[str] | None = None) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=columns)
        assert isinstance(compiled, SQLCompiler)
        self._sql = compiled.string
        self.names = tuple(compiled.positiontup or ())

    def run(self, connection: Connection, values: Values) -> None:
        """Run it for its effect; raises DBAPIError as SQLAlchemy would."""
        run_plain(connection, self._sql, values)

    def rows(self, connection: Connection, values: Values = ()) -> list[tuple[Any, ...]]:
        """Return all rows; raises DBAPIError as SQLAlchemy would."""
        try:
            return _driver(connection).execute(self._sql, values).fetchall()
        except sqlite3.Error as error:
            raise _told(self._sql, values, error) from error

    def row(self, connection: Connection, values: Values = ()) -> tuple[Any, ...] | None:
        """Return the first row, or None."""
        found = self.rows(connection, values)
        return found[0] if found else None


def prepared_insert(table: TableClause, *columns: str) -> Prepared:
    """Return the insert of a row with these columns, named in the order of the table.

    Raises ValueError for another order: values are told apart by their place alone.
    """
    made = Prepared(insert(table), columns)
    if made.names != columns:
        message = f"the columns of {table.name} come as {made.names}, not as {columns}"
        raise ValueError(message)
    return made


def run_plain(connection: Connection, sql: str, values: Values = ()) -> None:
    """Run a statement as it stands; raises DBAPIError as SQLAlchemy would."""
    try:
        _driver(connection).execute(sql, values)
    except sqlite3.Error as error:
        raise _told(sql, values, error) from error


def _told(sql: str, values: Values, error: sqlite3.Error) -> Exception:
    return DBAPIError.instance(sql, values, error, sqlite3.Error, dialect=_DIALECT)


def _driver(connection: Connection) -> sqlite3.Connection:
    return cast("sqlite3.Connection", connection.connection.dbapi_connection)
