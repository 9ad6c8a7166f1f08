"""Statements compiled once: they find and refuse exactly what SQLAlchemy's own would."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError

from edge.store.prepared import Prepared, prepared_insert, run_plain

NOTE = Table(
    "note",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("text", String, nullable=False),
    Column("by", String),
)
PUT = prepared_insert(NOTE, "id", "text")
OF = Prepared(select(NOTE.c.text).where(NOTE.c.id == bindparam("wanted")))
ALL = Prepared(select(NOTE.c.id, NOTE.c.text).order_by(NOTE.c.id))


@pytest.fixture
def file() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        NOTE.create(connection)
        yield connection
    engine.dispose()


def test_rows_are_written_and_found(file: Connection) -> None:
    PUT.run(file, (2, "two"))
    PUT.run(file, (1, "one'; DROP TABLE note; --"))
    assert OF.row(file, (2,)) == ("two",)
    assert OF.row(file, (3,)) is None
    assert ALL.rows(file) == [(1, "one'; DROP TABLE note; --"), (2, "two")]


def test_values_are_told_apart_by_name_where_the_statement_is_made(file: Connection) -> None:
    PUT.run(file, (1, "before"))
    change = Prepared(
        update(NOTE).values(text=bindparam("now")).where(NOTE.c.id == bindparam("which"))
    )
    assert change.names == ("now", "which")
    change.run(file, ("after", 1))
    assert OF.row(file, (1,)) == ("after",)


def test_columns_in_another_order_than_the_table_are_no_insert() -> None:
    with pytest.raises(ValueError, match="come as"):
        prepared_insert(NOTE, "text", "id")


def test_an_error_is_sqlalchemys_and_keeps_the_drivers(file: Connection) -> None:
    PUT.run(file, (1, "one"))
    with pytest.raises(IntegrityError) as refused:
        PUT.run(file, (1, "again"))
    assert refused.value.orig is refused.value.__cause__
    NOTE.drop(file)
    with pytest.raises(OperationalError):
        ALL.rows(file)
    with pytest.raises(OperationalError):
        run_plain(file, "RELEASE nothing")
