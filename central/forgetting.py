"""Forgetting a person whom the gates have erased: everywhere in the centre's own tables.

What stays is the mark that they are gone, under a random id, and the order to erase itself, which
an edge that is put back from a copy must hear again.
"""

from typing import Any, Final

import msgspec
from sqlalchemy import Connection, delete, select, update

from central.register_tables import PASS_USES, RECEIPTS, RESIDENTS, VEHICLES
from central.tables import EDGES, EVENTS, FEED, QUARANTINE

_ORDER: Final = "erase"
_MARK: Final = "erased"


def forget(connection: Connection, compound: str, resident: str) -> None:
    """Take `resident` out of events, feed, uses, vehicles and receipts of `compound`.

    Belongs into the caller's transaction.
    """
    cars = (VEHICLES.c.compound == compound) & (VEHICLES.c.resident == resident)
    named = [resident, *connection.execute(select(VEHICLES.c.vehicle).where(cars)).scalars()]
    edges = select(EDGES.c.edge).where(EDGES.c.compound == compound)
    _events(connection, edges, named)
    _uses(connection, compound, resident)
    _feed(connection, compound, resident)
    connection.execute(
        update(VEHICLES).where(cars).values(gone=True, resident=None, plate=None, until=None)
    )
    connection.execute(
        update(RESIDENTS)
        .where(RESIDENTS.c.compound == compound, RESIDENTS.c.guardian == resident)
        .values(guardian=None)
    )
    connection.execute(
        delete(RECEIPTS).where(RECEIPTS.c.compound == compound, RECEIPTS.c.resident == resident)
    )


def _events(connection: Connection, edges: Any, named: list[str]) -> None:  # noqa: ANN401 - a select
    about = EVENTS.c.edge.in_(edges) & EVENTS.c.resident.in_(named)
    rows = connection.execute(
        select(EVENTS.c.edge, EVENTS.c.arrival, EVENTS.c.body).where(about)
    ).all()
    for row in rows:
        said = msgspec.json.decode(row.body, type=dict[str, Any])
        body = msgspec.json.encode({**said, "resident": None, "home": None}).decode()
        connection.execute(
            update(EVENTS)
            .where(EVENTS.c.edge == row.edge, EVENTS.c.arrival == row.arrival)
            .values(body=body, resident=None)
        )
    for each in named:
        connection.execute(
            update(QUARANTINE)
            .where(QUARANTINE.c.edge.in_(edges), QUARANTINE.c.text.contains(each, autoescape=True))
            .values(text="")
        )


def _uses(connection: Connection, compound: str, resident: str) -> None:
    passes = select(FEED.c.subject).where(
        FEED.c.compound == compound, FEED.c.resident == resident, FEED.c.kind == "pass_made"
    )
    connection.execute(
        delete(PASS_USES).where(PASS_USES.c.compound == compound, PASS_USES.c.pass_id.in_(passes))
    )


def _feed(connection: Connection, compound: str, resident: str) -> None:
    mine = (FEED.c.compound == compound) & (FEED.c.kind != _ORDER)
    connection.execute(delete(FEED).where(mine, FEED.c.resident == resident))
    mentions = mine & FEED.c.body.contains(f'"{resident}"', autoescape=True)
    for row in connection.execute(select(FEED.c.number, FEED.c.body).where(mentions)).all():
        said = msgspec.json.decode(row.body, type=dict[str, Any])
        body = msgspec.json.encode(_without(said, resident), order="deterministic").decode()
        connection.execute(
            update(FEED)
            .where(FEED.c.compound == compound, FEED.c.number == row.number)
            .values(body=body)
        )


def _without(said: dict[str, Any], resident: str) -> dict[str, Any]:
    """Return an item about somebody else without this resident's name in it."""
    changed: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, dict):
            changed[name] = _without(value, resident)
        elif value == resident:
            changed[name] = None if name == "guardian" else _MARK
        else:
            changed[name] = value
    return changed
