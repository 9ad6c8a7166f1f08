"""Tries at what can be guessed: who guesses has to wait, whatever is started again in between."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, case, delete, select, update

from central.database import insert_new, writing
from central.moments import microseconds, microseconds_in
from central.tables import ATTEMPTS, CENTRE

FORGET: Final = timedelta(hours=1)
"""After so long without a try the past is forgotten."""
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` failures each further one doubles the wait, up to `most` seconds."""

    free: int
    most: float


PAIR: Final = Limit(free=5, most=900.0)
"""One account or code tried from one address."""
ADDRESS: Final = Limit(free=20, most=900.0)
"""One address, whatever it tries."""
EVERYONE: Final = Limit(free=200, most=4.0)
"""All together: slows a guess from many addresses, and keeps nobody out for long."""


@dataclass(frozen=True, slots=True)
class Key:
    """Whose tries are counted: any text, of which only a keyed hash is kept, and its limit."""

    who: str
    limit: Limit


def by_address(what: str, address: str, account: str = "") -> tuple[Key, ...]:
    """Return the usual keys of a try at `what` from an address, and at one account if named."""
    pair = (Key(f"{what}\n{address}\n{account}", PAIR),) if account else ()
    return (*pair, Key(f"{what}\n{address}", ADDRESS), Key(what, EVERYONE))


def admit(engine: Engine, keys: Sequence[Key], now: datetime) -> float:
    """Return 0.0 where another try may be made, else the seconds to wait.

    A try that may be made is counted as a failure at once, until `passed` takes it back, so that
    many at the same moment gain nothing. Raises CentreFault.
    """
    with writing(engine) as connection:
        who = _digests(connection, keys)
        rows = [{"who": each, "tries": 0, "last": microseconds(now)} for each in sorted(who)]
        connection.execute(insert_new(connection, ATTEMPTS), rows)
        held = (
            select(ATTEMPTS).where(ATTEMPTS.c.who.in_(who)).order_by(ATTEMPTS.c.who)
        ).with_for_update()
        counts = {row.who: (row.tries, row.last) for row in connection.execute(held)}
        stamp = microseconds(now)
        wait = max(
            _wait(counts[each], key.limit, stamp) for each, key in zip(who, keys, strict=True)
        )
        if wait > 0:
            return wait
        old = stamp - microseconds_in(FORGET)
        connection.execute(
            update(ATTEMPTS)
            .where(ATTEMPTS.c.who.in_(who))
            .values(tries=case((ATTEMPTS.c.last <= old, 1), else_=ATTEMPTS.c.tries + 1), last=stamp)
        )
    return 0.0


def passed(engine: Engine, keys: Sequence[Key], now: datetime) -> None:
    """Take the last try back and forgive the pair; forget what is long past. Raises CentreFault."""
    with writing(engine) as connection:
        who = _digests(connection, keys)
        forgiven = [each for each, key in zip(who, keys, strict=True) if key.limit is PAIR]
        held = select(ATTEMPTS.c.who).where(ATTEMPTS.c.who.in_(who)).order_by(ATTEMPTS.c.who)
        connection.execute(held.with_for_update()).all()
        connection.execute(
            update(ATTEMPTS)
            .where(ATTEMPTS.c.who.in_(who), ATTEMPTS.c.tries > 0)
            .values(tries=ATTEMPTS.c.tries - 1)
        )
        old = microseconds(now) - microseconds_in(FORGET)
        past = select(ATTEMPTS.c.who).where(ATTEMPTS.c.last < old).with_for_update(skip_locked=True)
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.who.in_(past)))
        connection.execute(delete(ATTEMPTS).where(ATTEMPTS.c.who.in_(forgiven)))


def _wait(counted: tuple[int, int], limit: Limit, stamp: int) -> float:
    count, last = counted
    over = count - limit.free
    if over <= 0 or stamp - last >= microseconds_in(FORGET):
        return 0.0
    pause = min(2.0 ** min(over, 30), limit.most)
    left = pause - (stamp - last) / _SECOND
    # Twice the pause can be left only where the clock was put back: then the past says nothing.
    return 0.0 if left > 2 * pause else max(0.0, min(pause, left))


def _digests(connection: Connection, keys: Sequence[Key]) -> list[str]:
    secret = bytes.fromhex(connection.execute(select(CENTRE.c.secret)).scalar_one())
    purpose = b"kuahu attempt\x00"
    return [hmac.new(secret, purpose + key.who.encode(), "sha256").hexdigest() for key in keys]
