"""Forgetting a resident in the tables of the residents' page, once the gates have erased them."""

from typing import Final

import msgspec
from sqlalchemy import Connection, delete, select, update

from central.resident.tables import CONSENTS, HOME_SESSIONS, PHOTOS, REQUESTS, WISHES

_NAMED: Final = (CONSENTS, HOME_SESSIONS, PHOTOS, WISHES)


def forget(connection: Connection, compound: str, resident: str) -> None:
    """Take `resident` out of sessions, consents, photos and wishes, in the caller's transaction.

    What stays of a request is its id and its time, so that its receipt can still be read.
    """
    for table in _NAMED:
        connection.execute(
            delete(table).where(table.c.compound == compound, table.c.resident == resident)
        )
    connection.execute(
        update(CONSENTS)
        .where(CONSENTS.c.compound == compound, CONSENTS.c.guardian == resident)
        .values(guardian=None, by="")
    )
    _unname(connection, compound, resident)
    connection.execute(
        update(REQUESTS)
        .where(REQUESTS.c.compound == compound, REQUESTS.c.resident == resident)
        .values(resident=None)
    )


def _unname(connection: Connection, compound: str, resident: str) -> None:
    """Drop what the resident asked for others: the gates have had it, and it names who asked."""
    rows = connection.execute(
        select(WISHES.c.number, WISHES.c.body).where(
            WISHES.c.compound == compound, WISHES.c.body.contains(f'"{resident}"', autoescape=True)
        )
    ).all()
    for row in rows:
        said = msgspec.json.decode(row.body, type=dict[str, object])
        if resident in {said.get("by"), said.get("guardian")}:
            connection.execute(
                delete(WISHES).where(WISHES.c.compound == compound, WISHES.c.number == row.number)
            )
