"""Claiming a home with the desk's code: once, in time, and not by guessing."""

import re
import unicodedata
from datetime import datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, select, update

from central.moments import microseconds
from central.register_tables import HOME_CLAIMS
from central.resident.register import household_of

_BETWEEN: Final = re.compile(r"[\s\-_.·]+")


def digest_of(code: str) -> str:
    """Return what a code is known by (models/letter.py), however it was typed."""
    # A keyboard for Chinese types letters and digits of full width.
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", code)).upper()
    return sha256(f"kuahu claim {plain}".encode("utf-8", "surrogatepass")).hexdigest()


def take(connection: Connection, code: str, now: datetime) -> tuple[str, str] | None:
    """Use a code up and return (compound, resident) whose it was.

    None, and nothing used, for a code that is wrong, was used or is past its time, and for a
    resident who may not come in: the asker cannot tell which.
    """
    stamp = microseconds(now)
    good = (
        HOME_CLAIMS.c.digest == digest_of(code),
        HOME_CLAIMS.c.used_at.is_(None),
        HOME_CLAIMS.c.expires > stamp,
    )
    row = connection.execute(
        select(HOME_CLAIMS.c.compound, HOME_CLAIMS.c.resident).where(*good)
    ).first()
    if row is None or household_of(connection, row.compound, row.resident, "", now) is None:
        return None
    # Of two who come at once with one code, the second finds it used.
    mine = update(HOME_CLAIMS).where(*good, HOME_CLAIMS.c.compound == row.compound)
    used = connection.execute(mine.values(used_at=stamp)).rowcount
    return (row.compound, row.resident) if used == 1 else None
