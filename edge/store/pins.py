"""Numeric codes: which pass each one stands for, and how often a lane's keypad was wrong."""

from hashlib import sha256
from hmac import digest

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store import passes
from edge.store.body import clock_text
from edge.store.pass_tables import pass_pin, pin_lock
from edge.store.prepared import Prepared
from edge.store.tables import issued, revoked
from edge.store.words import PinState
from gate.pin_lock import PinLock, after_restart, is_locked, wrong
from models.errors import InputError
from models.pin import pin_digits
from models.visit import Claims

_CLAIMS = Prepared(
    select(issued.c.claims)
    .join(pass_pin, pass_pin.c.pass_id == issued.c.pass_id)
    .where(pass_pin.c.pin == bindparam("wanted"))
)
_LOCK = Prepared(
    select(*(pin_lock.c[name] for name in ("boot", "wrong", "until", "level"))).where(
        pin_lock.c.lane == bindparam("wanted")
    )
)


def pin_hash(key: bytes, digits: str) -> str:
    """Return what a numeric code is kept as: its HMAC-SHA256 under a key of this site, in hex.

    Six digits can be tried out by whoever has the key, and by nobody else. Raises InputError for
    what is no such code.
    """
    try:
        return digest(key, pin_digits(digits).encode(), sha256).hex()
    except ValueError as error:
        raise InputError(str(error)) from error


def note_pin(connection: Connection, pass_id: str, pin: str) -> None:
    """Let the numeric code with this keyed hash stand for a pass that was noted here.

    It takes the place of the pass's earlier one. Raises InputError for an unknown pass, and where
    the code is that of another pass that is not over yet.
    """
    one = connection.execute(select(issued.c.claims).where(issued.c.pass_id == pass_id)).first()
    if one is None:
        message = f"pass {pass_id} is not known here; note it before its numeric code"
        raise InputError(message)
    begins = msgspec.json.decode(one.claims, type=Claims).not_before
    live = connection.execute(
        select(pass_pin.c.pass_id)
        .join(issued, issued.c.pass_id == pass_pin.c.pass_id)
        .join(revoked, revoked.c.pass_id == pass_pin.c.pass_id, isouter=True)
        .where(
            pass_pin.c.pin == pin,
            pass_pin.c.pass_id != pass_id,
            revoked.c.pass_id.is_(None),
            issued.c.expires > clock_text(begins),
        )
    ).first()
    if live is not None:
        message = "this numeric code stands for another pass that is not over yet; make another"
        raise InputError(message)
    connection.execute(
        delete(pass_pin).where((pass_pin.c.pin == pin) | (pass_pin.c.pass_id == pass_id))
    )
    connection.execute(insert(pass_pin), {"pin": pin, "pass_id": pass_id})


def look(connection: Connection, lane: int, pin: str, at: tuple[str, float]) -> PinState:
    """Return what a numeric code at a lane stands for; nothing while its keypad waits.

    `at` is the start of the machine and the seconds since then. Lane 0 is no keypad, but a guard.
    """
    boot, mono = at
    if is_locked(lock_of(connection, lane, boot), mono):
        return PinState(locked=True)
    row = _CLAIMS.row(connection, (pin,))
    if row is None:
        return PinState(locked=False)
    claims = msgspec.json.decode(row[0], type=Claims)
    known = passes.state_of(connection, claims.pass_id, boot)
    return PinState(locked=False, claims=claims, state=known)


def lock_of(connection: Connection, lane: int, boot: str) -> PinLock:
    """Return how a lane's keypad stands in this start of the machine."""
    row = _LOCK.row(connection, (lane,))
    if row is None:
        return PinLock()
    its_boot, times, until, level = row
    lock = PinLock(tuple(msgspec.json.decode(times, type=list[float])), until, level)
    return lock if its_boot == boot else after_restart(lock)


def count_wrong(connection: Connection, lane: int, at: tuple[str, float]) -> bool:
    """Write that a wrong number was typed; return whether the keypad waits from now on."""
    boot, mono = at
    lock = wrong(lock_of(connection, lane, boot), mono)
    values = {
        "boot": boot,
        "wrong": msgspec.json.encode(lock.wrong).decode(),
        "until": lock.until,
        "level": lock.level,
    }
    row = upsert(pin_lock).values(lane=lane, **values)
    connection.execute(row.on_conflict_do_update(index_elements=["lane"], set_=values))
    return is_locked(lock, mono)
