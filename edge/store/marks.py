"""The few single values that register.db keeps: journal id, gallery version, faults."""

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store.prepared import Prepared
from edge.store.tables import state

JOURNAL = "journal"
EDGE = "edge"
FAULTS = "faults"
RUN = "run"
GALLERY = "gallery_version"
FLOOR = "gallery_floor"
MEMBERS = "gallery_members"


_VALUE = Prepared(select(state.c.value).where(state.c.name == bindparam("wanted")))


def read(connection: Connection, name: str) -> str | None:
    """Return one value, or None before it was first written."""
    row = _VALUE.row(connection, (name,))
    return None if row is None else row[0]


def read_number(connection: Connection, name: str) -> int:
    """Return one number, 0 before it was first written."""
    return int(read(connection, name) or 0)


def write(connection: Connection, name: str, value: str) -> None:
    """Write one value."""
    row = upsert(state).values(name=name, value=value)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value}))


def forget(connection: Connection, *names: str) -> None:
    """Delete values, as if they had never been written."""
    connection.execute(delete(state).where(state.c.name.in_(names)))


def count(connection: Connection, name: str, step: int = 1) -> int:
    """Return one number after raising it by `step`."""
    number = read_number(connection, name) + step
    write(connection, name, str(number))
    return number


def note_fault(connection: Connection) -> None:
    """Count a fault of the file: the write that settles a reopened one."""
    count(connection, FAULTS)


def new_gallery(connection: Connection, step: int = 1) -> int:
    """Return the next version of the gallery, whose members are not known yet."""
    write(connection, MEMBERS, "")
    return count(connection, GALLERY, step)


def raise_floor(connection: Connection, step: int = 1) -> None:
    """Make a new gallery version the first that may still name anybody."""
    write(connection, FLOOR, str(new_gallery(connection, step)))
