"""Staff accounts: the first by a code from the terminal, the others by an operator."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from central.admission import Audience
from central.claims import STAFF as FIRST_CODE
from central.claims import digest_of, make_code
from central.database import insert_new, reading, writing
from central.moments import microseconds, microseconds_in
from central.operator.passwords import LONGEST, SHORTEST, fits, hash_password
from central.tables import CENTRE, CLAIM_CODES, STAFF, STAFF_SESSIONS
from models.errors import InputError

COOKIE: Final = "staff"
LIFE: Final = timedelta(hours=12)
_NAME: Final = re.compile(r"[0-9A-Za-z_.-]{1,64}")


class Role(StrEnum):
    """What a member of staff may do."""

    OPERATOR = "operator"
    """Takes compounds in, lets edges in and puts them out, keeps accounts."""
    READER = "reader"
    """Looks."""


@dataclass(frozen=True, slots=True)
class Staff:
    """A member of staff who is logged in."""

    name: str
    role: Role

    @property
    def audiences(self) -> frozenset[Audience]:
        """Whom the account counts as."""
        both = frozenset({Audience.STAFF, Audience.MANAGER})
        return both if self.role is Role.OPERATOR else frozenset({Audience.STAFF})


def first_code(engine: Engine, now: datetime) -> str | None:
    """Return a new code for the first account, or None where there is an account already."""
    with writing(engine) as connection:
        if _someone(connection):
            return None
        return make_code(connection, FIRST_CODE, "terminal", now)


def open_to_first(engine: Engine) -> bool:
    """Return whether the first account is still to be made."""
    with reading(engine) as connection:
        return not _someone(connection)


def make_first(engine: Engine, code: str, name: str, password: str, now: datetime) -> bool:
    """Make the first account, an operator's; False where the code is not good for that.

    Raises InputError for a name or password that cannot be one.
    """
    made = _row(name, password, Role.OPERATOR, now)
    with writing(engine) as connection:
        # Two with a code of their own at one moment are not both the first.
        connection.execute(select(CENTRE.c.id).with_for_update()).one()
        good = select(CLAIM_CODES.c.digest).where(
            CLAIM_CODES.c.digest == digest_of(code),
            CLAIM_CODES.c.purpose == FIRST_CODE,
            CLAIM_CODES.c.expires > microseconds(now),
        )
        if _someone(connection) or connection.execute(good).first() is None:
            return False
        connection.execute(insert(STAFF).values(**made))
        connection.execute(delete(CLAIM_CODES).where(CLAIM_CODES.c.purpose == FIRST_CODE))
    return True


def add(connection: Connection, name: str, password: str, role: Role, now: datetime) -> None:
    """Make an account in the caller's transaction.

    Raises InputError for a name that is taken, and a name or password that cannot be one.
    """
    made = connection.execute(
        insert_new(connection, STAFF).returning(STAFF.c.name), _row(name, password, role, now)
    )
    if made.first() is None:
        message = "there is an account of that name already"
        raise InputError(message)


def close(connection: Connection, name: str) -> None:
    """Close an account for good, its sessions included.

    Raises InputError where it is the last open one of an operator.
    """
    connection.execute(select(CENTRE.c.id).with_for_update()).one()
    others = select(func.count()).where(
        STAFF.c.role == Role.OPERATOR, STAFF.c.closed.is_(False), STAFF.c.name != name
    )
    if connection.execute(others).scalar_one() == 0:
        message = "one operator's account must stay open"
        raise InputError(message)
    connection.execute(update(STAFF).where(STAFF.c.name == name).values(closed=True))
    connection.execute(delete(STAFF_SESSIONS).where(STAFF_SESSIONS.c.name == name))


def accounts(connection: Connection) -> tuple[tuple[str, Role, bool], ...]:
    """Return name, role and whether it is closed of every account, by name."""
    rows = connection.execute(select(STAFF).order_by(STAFF.c.name))
    return tuple((row.name, Role(row.role), row.closed) for row in rows)


def log_in(engine: Engine, name: str, password: str, now: datetime) -> str | None:
    """Return the secret of a new session, or None; as slow for either mistake."""
    with reading(engine) as connection:
        open_one = select(STAFF.c.password_hash).where(
            STAFF.c.name == name, STAFF.c.closed.is_(False)
        )
        kept = connection.execute(open_one).scalar_one_or_none()
    if not fits(kept, password[: LONGEST + 1]):
        return None
    secret = secrets.token_urlsafe(32)
    stamp = microseconds(now)
    with writing(engine) as connection:
        connection.execute(delete(STAFF_SESSIONS).where(STAFF_SESSIONS.c.expires <= stamp))
        connection.execute(
            insert(STAFF_SESSIONS).values(
                digest=_digest(secret), name=name, expires=stamp + microseconds_in(LIFE)
            )
        )
    return secret


def log_out(engine: Engine, secret: str) -> None:
    """End the session of `secret`."""
    with writing(engine) as connection:
        connection.execute(delete(STAFF_SESSIONS).where(STAFF_SESSIONS.c.digest == _digest(secret)))


def find(engine: Engine, secret: str, now: datetime) -> Staff | None:
    """Return whose session `secret` is, or None."""
    chosen = (
        select(STAFF.c.name, STAFF.c.role)
        .join(STAFF_SESSIONS, STAFF_SESSIONS.c.name == STAFF.c.name)
        .where(
            STAFF_SESSIONS.c.digest == _digest(secret),
            STAFF_SESSIONS.c.expires > microseconds(now),
            STAFF.c.closed.is_(False),
        )
    )
    with reading(engine) as connection:
        row = connection.execute(chosen).one_or_none()
    return None if row is None else Staff(row.name, Role(row.role))


def _row(name: str, password: str, role: Role, now: datetime) -> dict[str, object]:
    if not _NAME.fullmatch(name):
        message = "a name has 1 to 64 of letters, digits and _ . -"
        raise InputError(message)
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"a password has {SHORTEST} to {LONGEST} characters"
        raise InputError(message)
    return {
        "name": name,
        "role": role,
        "password_hash": hash_password(password),
        "made_at": microseconds(now),
        "closed": False,
    }


def _someone(connection: Connection) -> bool:
    return connection.execute(select(STAFF.c.name).limit(1)).first() is not None


def _digest(secret: str) -> str:
    return sha256(b"kuahu staff\x00" + secret.encode()).hexdigest()
