"""The compounds of one centre."""

import re
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from central.database import insert_new
from central.moments import microseconds
from central.tables import COMPOUNDS
from models.errors import InputError

MAX_NAME: Final = 100
_COMPOUND: Final = re.compile(r"[0-9a-f]{8}")


def add_compound(connection: Connection, compound: str, name: str, now: datetime) -> None:
    """Take a compound in, in the caller's transaction; one that is there keeps its name.

    `compound` is the id of its site file, 8 hex digits. Raises InputError for another, and for a
    name that is empty or longer than MAX_NAME.
    """
    if not _COMPOUND.fullmatch(compound):
        message = "a compound is named by the 8 hex digits of its site file, such as 6b756168"
        raise InputError(message)
    clean = " ".join(name.split())
    if not 0 < len(clean) <= MAX_NAME or not clean.isprintable():
        message = f"give the compound a name of 1 to {MAX_NAME} letters"
        raise InputError(message)
    connection.execute(
        insert_new(connection, COMPOUNDS),
        {"compound": compound, "name": clean, "number": 0, "made_at": microseconds(now)},
    )
