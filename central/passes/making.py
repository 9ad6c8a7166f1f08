"""Making passes and taking them back: each in the transaction that tells the gates of it."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from central.feed import tell
from central.feed_words import kind_of
from central.moments import microseconds
from central.passes.link import link_digest, link_path, link_token
from central.passes.order import MOST_LIVE, Host, Order, Rule, Unfit, checked
from central.passes.record import Record, find_pass, row_of
from central.passes.ring import ring_of
from central.passes.secret import Secret
from central.passes.tables import PASSES
from central.register_tables import PASS_USES
from central.resident.site import site_of
from central.tables import FEED
from models.errors import InputError
from models.feed import PassMade, Revoked
from models.home import Home

KEPT: Final = timedelta(days=90)
"""How long a pass that is over is kept for its host to look at."""
MOST_LIVE_HERE: Final = 10_000
"""Live passes of one compound: one guess in a hundred at a numeric code would be right."""
_MADE: Final = kind_of(PassMade)
_PINS: Final = 1_000_000
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NoSuchPass(InputError):  # noqa: N818 - it names what was asked for, as its parent does
    """This home has no such pass."""

    code = "no_such_pass"


@dataclass(frozen=True, slots=True)
class MadePass:
    """A pass that is made: `link` is the path of its page on the centre, `pin` six digits."""

    pass_id: str
    link: str = field(repr=False)
    pin: str = field(repr=False)


def make_pass(
    connection: Connection, secret: Secret, host: Host, order: Order, now: datetime
) -> MadePass:
    """Make a pass and tell the compound's gates of it, all within the caller's transaction.

    Raises Unfit with the rule that the order breaks, and InputError where the centre has no such
    compound. Whether `host` may invite at all is the caller's question.
    """
    wanted = checked(order, now)
    known = {lane.number for lane in site_of(connection, host.compound).lanes}
    if known and not wanted.lanes <= known:
        raise Unfit(Rule.LANES)
    ring = ring_of(connection, secret, host.compound, now)
    _free_numbers(connection, host.compound, now)
    forget_old(connection, now)
    _room(connection, host, now)
    record = Record(
        pass_id=secrets.token_hex(16),
        host=host,
        label=wanted.label,
        kind=wanted.kind,
        lanes=wanted.lanes,
        not_before=wanted.not_before,
        expires=wanted.expires,
        uses=wanted.uses,
        weekly=wanted.weekly,
        rotating=bool(wanted.rotating),
        plate=wanted.plate,
        kid=ring.kid,
        pin=_number(connection, host.compound),
        made_at=now,
    )
    token = link_token(secret, host.compound, record.pass_id)
    connection.execute(insert(PASSES), row_of(record, link_digest(token) or ""))
    tell(connection, host.compound, _told(record))
    return MadePass(record.pass_id, link_path(token), record.pin or "")


def revoke_pass(
    connection: Connection, compound: str, home: Home, pass_id: str, now: datetime
) -> Record:
    """Take a home's pass back and return it; a second time changes nothing.

    Raises NoSuchPass where the home has none of this id.
    """
    record = find_pass(connection, compound, home, pass_id)
    if record is None:
        message = "this home has no such pass; look at the list again"
        raise NoSuchPass(message)
    if record.revoked_at is None:
        _take_back(connection, record, now)
    return record


def forget_host(connection: Connection, compound: str, resident_id: str, now: datetime) -> int:
    """Revoke what a resident's passes still open and drop them all; return how many there were."""
    theirs = (PASSES.c.compound == compound) & (PASSES.c.host == resident_id)
    live = (
        select(PASSES.c.pass_id)
        .where(theirs, PASSES.c.revoked_at.is_(None), PASSES.c.expires > microseconds(now))
        .order_by(PASSES.c.pass_id)
    )
    for pass_id in connection.execute(live).scalars().all():
        tell(connection, compound, Revoked(pass_id))
    return _drop(connection, theirs)


def forget_passes(connection: Connection, compound: str, resident_id: str) -> None:
    """Revoke and drop all passes of a resident who is on the register no longer."""
    forget_host(connection, compound, resident_id, _EVER)


def forget_old(connection: Connection, now: datetime) -> int:
    """Drop the passes that have been over for `KEPT`, and when they were used; return how many."""
    return _drop(connection, PASSES.c.expires < microseconds(now - KEPT))


def _drop(connection: Connection, which: ColumnElement[bool]) -> int:
    """Drop passes with all that is kept of them, and return how many there were."""
    ids = select(PASSES.c.pass_id).where(which)
    connection.execute(delete(PASS_USES).where(PASS_USES.c.pass_id.in_(ids)))
    connection.execute(delete(FEED).where(FEED.c.kind == _MADE, FEED.c.subject.in_(ids)))
    return connection.execute(delete(PASSES).where(which)).rowcount


def _take_back(connection: Connection, record: Record, now: datetime) -> None:
    connection.execute(
        update(PASSES)
        .where(PASSES.c.pass_id == record.pass_id)
        .values(revoked_at=microseconds(now), pin=None)
    )
    # The note of it, with its name and number, has nothing more to say to anybody.
    note = (FEED.c.compound == record.host.compound) & (FEED.c.subject == record.pass_id)
    connection.execute(delete(FEED).where(note, FEED.c.kind == _MADE))
    tell(connection, record.host.compound, Revoked(record.pass_id))


def _free_numbers(connection: Connection, compound: str, now: datetime) -> None:
    """Let the numbers of passes that are over be given again."""
    connection.execute(
        update(PASSES)
        .where(
            PASSES.c.compound == compound,
            PASSES.c.pin.is_not(None),
            PASSES.c.expires <= microseconds(now),
        )
        .values(pin=None)
    )


def _room(connection: Connection, host: Host, now: datetime) -> None:
    live = (
        PASSES.c.compound == host.compound,
        PASSES.c.revoked_at.is_(None),
        PASSES.c.expires > microseconds(now),
    )
    count = select(func.count()).select_from(PASSES)
    of_home = count.where(*live, PASSES.c.home == str(host.home))
    if connection.execute(of_home).scalar_one() >= MOST_LIVE:
        raise Unfit(Rule.TOO_MANY)
    if connection.execute(count.where(*live)).scalar_one() >= MOST_LIVE_HERE:
        raise Unfit(Rule.FULL)


def _number(connection: Connection, compound: str) -> str:
    """Return six digits that no live pass of the compound has; the caller holds its lock."""
    while True:
        pin = f"{secrets.randbelow(_PINS):06}"
        taken = select(PASSES.c.pass_id).where(PASSES.c.compound == compound, PASSES.c.pin == pin)
        if connection.execute(taken).first() is None:
            return pin


def _told(record: Record) -> PassMade:
    return PassMade(
        pass_id=record.pass_id,
        host=record.host.resident_id,
        label=record.label,
        kind=record.kind,
        lanes=record.lanes,
        not_before=record.not_before,
        expires=record.expires,
        uses=record.uses,
        kid=record.kid,
        rotating=record.rotating,
        pin=record.pin,
        plate=record.plate,
        weekly=record.weekly,
    )
