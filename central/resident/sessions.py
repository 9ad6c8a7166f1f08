"""Sessions: the browsers that have claimed a home, listed for their owner and ended by them."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import ColumnElement, Connection, Engine, delete, insert, select, update

from central.absence import Absent
from central.database import reading, writing
from central.moments import microseconds, moment
from central.resident.household import Household
from central.resident.register import household_of
from central.resident.retention import UNUSED, sweep
from central.resident.tables import HOME_SESSIONS

COOKIE: Final = "home"
LIFE: Final = timedelta(days=400)
"""How long a browser keeps the secret; no browser keeps one longer."""
_NOTED: Final = timedelta(hours=6)
"""How often its use is written down."""
_MOST: Final = 10
"""Sessions of one resident; the one longest unused makes room."""

_DEVICES: Final = (
    (re.compile(r"iPhone"), "iPhone"),
    (re.compile(r"iPad"), "iPad"),
    (re.compile(r"HarmonyOS|OpenHarmony"), "HarmonyOS"),
    (re.compile(r"Android"), "Android"),
    (re.compile(r"Windows"), "Windows"),
    (re.compile(r"Macintosh"), "Mac"),
    (re.compile(r"Linux"), "Linux"),
)
_BROWSERS: Final = (
    (re.compile(r"MicroMessenger"), "WeChat"),
    (re.compile(r"AlipayClient"), "Alipay"),
    (re.compile(r"DingTalk"), "DingTalk"),
    (re.compile(r"Edg[A-Z]*/"), "Edge"),
    (re.compile(r"Firefox|FxiOS"), "Firefox"),
    (re.compile(r"Chrome|CriOS"), "Chrome"),
    (re.compile(r"Safari"), "Safari"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """One browser of a resident; `mark` names it in a form and opens nothing."""

    mark: str
    name: str = field(repr=False)
    made_at: datetime
    seen_at: datetime
    current: bool


def begin(connection: Connection, compound: str, resident: str, agent: str, now: datetime) -> str:
    """Make a session and return the secret for its browser; only the secret's hash is kept."""
    secret = secrets.token_urlsafe(32)
    stamp = microseconds(now)
    mine = (HOME_SESSIONS.c.compound == compound) & (HOME_SESSIONS.c.resident == resident)
    oldest = (
        select(HOME_SESSIONS.c.digest)
        .where(mine)
        .order_by(HOME_SESSIONS.c.seen_at.desc(), HOME_SESSIONS.c.digest)
        .offset(_MOST - 1)
    )
    over = connection.execute(oldest).scalars().all()
    connection.execute(delete(HOME_SESSIONS).where(HOME_SESSIONS.c.digest.in_(over)))
    connection.execute(
        insert(HOME_SESSIONS).values(
            digest=_digest(secret),
            compound=compound,
            resident=resident,
            device=device_name(agent),
            made_at=stamp,
            seen_at=stamp,
        )
    )
    return secret


def find(engine: Engine, secret: str, now: datetime) -> Household | None:
    """Return the household that a browser's secret stands for.

    None for a secret that is nobody's, for a session that was ended or lay unused for half a
    year, and for a resident whom the register has no more or whose last day is over. Raises
    CentreFault.
    """
    digest = _digest(secret)
    with reading(engine) as connection:
        row = connection.execute(
            select(HOME_SESSIONS).where(HOME_SESSIONS.c.digest == digest)
        ).first()
        if row is None or row.seen_at < microseconds(now - UNUSED):
            return None
        household = household_of(connection, row.compound, row.resident, digest, now)
    if household is not None and row.seen_at < microseconds(now - _NOTED):
        with writing(engine) as connection:
            connection.execute(
                update(HOME_SESSIONS)
                .where(HOME_SESSIONS.c.digest == digest)
                .values(seen_at=microseconds(now))
            )
            sweep(connection, now)
    return household


def devices(connection: Connection, household: Household) -> tuple[Device, ...]:
    """Return the browsers of the asker, the one in hand first, then by last use."""
    rows = connection.execute(
        select(HOME_SESSIONS).where(*_mine(household)).order_by(HOME_SESSIONS.c.seen_at.desc())
    )
    found = [
        Device(
            row.digest[:16],
            row.device,
            moment(row.made_at),
            moment(row.seen_at),
            row.digest == household.session,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda each: not each.current))


def end(connection: Connection, household: Household, mark: str) -> bool:
    """End one of the asker's sessions; return whether it was the one in hand.

    Raises Absent where the asker has no such session.
    """
    known = connection.execute(select(HOME_SESSIONS.c.digest).where(*_mine(household))).scalars()
    digest = next((each for each in known if each[:16] == mark), None)
    if digest is None:
        message = "there is no such device any more"
        raise Absent(message)
    connection.execute(delete(HOME_SESSIONS).where(HOME_SESSIONS.c.digest == digest))
    return bool(digest == household.session)


def end_all(connection: Connection, compound: str, resident: str) -> int:
    """End every session of a resident; return how many there were."""
    return connection.execute(
        delete(HOME_SESSIONS).where(
            HOME_SESSIONS.c.compound == compound, HOME_SESSIONS.c.resident == resident
        )
    ).rowcount


def device_name(agent: str) -> str:
    """Return what sort of device a User-Agent header names, in two words at most."""
    named = (
        next((name for pattern, name in words if pattern.search(agent)), "")
        for words in (_DEVICES, _BROWSERS)
    )
    return " · ".join(name for name in named if name)


def _mine(household: Household) -> tuple[ColumnElement[bool], ...]:
    return (
        HOME_SESSIONS.c.compound == household.compound,
        HOME_SESSIONS.c.resident == household.me.resident_id,
    )


def _digest(secret: str) -> str:
    return sha256(f"kuahu home {secret}".encode("utf-8", "surrogatepass")).hexdigest()
