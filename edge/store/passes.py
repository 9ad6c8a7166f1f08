"""Passes issued here, revocations, and the uses that a gate counts."""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import (
    BindParameter,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    select,
    union,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store.body import clock_of, clock_text, encode
from edge.store.prepared import Prepared, prepared_insert
from edge.store.tables import issued, pass_use, revoked
from edge.store.words import IssuedPass, PassState, UseTaken
from models.errors import InputError
from models.lane import Direction
from models.visit import Claims, PassUse, UseState

_WANTED: BindParameter[str] = bindparam("wanted")
_ASKED = select(_WANTED.label("id")).subquery()
# One statement, so that all of it is of one committed state: at least one row, one a use.
_STATE = Prepared(
    select(
        revoked.c.at,
        issued.c.label,
        *(
            pass_use.c[name]
            for name in ("number", "lane", "direction", "state", "at_mono", "tries", "boot")
        ),
    )
    .select_from(_ASKED)
    .outerjoin(revoked, revoked.c.pass_id == _ASKED.c.id)
    .outerjoin(issued, issued.c.pass_id == _ASKED.c.id)
    .outerjoin(pass_use, pass_use.c.pass_id == _ASKED.c.id)
    .order_by(pass_use.c.number)
)
_THIS = (pass_use.c.pass_id == _WANTED, pass_use.c.number == bindparam("which"))
_ONE = Prepared(select(pass_use.c.state, pass_use.c.lane, pass_use.c.direction).where(*_THIS))
_USE = prepared_insert(
    pass_use,
    *("pass_id", "number", "direction", "lane", "state", "boot", "at_mono", "tries", "event"),
    "expires",
)
_AGAIN = Prepared(
    update(pass_use)
    .values(
        state=bindparam("now"), tries=pass_use.c.tries + bindparam("more"), event=bindparam("by")
    )
    .where(*_THIS)
)
_SPENT = Prepared(update(pass_use).values(state=bindparam("now")).where(*_THIS))
_BACK = Prepared(
    update(pass_use)
    .values(state=bindparam("now"))
    .where(pass_use.c.event == bindparam("by"), pass_use.c.state == bindparam("was"))
)


@dataclass(frozen=True, slots=True)
class Spending:
    """One use of a pass that an opening is about to spend; `event` is the decision's seq."""

    pass_id: str
    expires: datetime
    number: int
    lane: int
    direction: Direction
    boot: str
    at_mono: float
    event: int


def note(connection: Connection, one: IssuedPass) -> None:
    """Write down a pass that was issued; raises InputError for an id that was issued before."""
    if connection.execute(
        select(issued.c.pass_id).where(issued.c.pass_id == one.claims.pass_id)
    ).first():
        message = f"the pass {one.claims.pass_id!r} was issued before"
        raise InputError(message)
    connection.execute(
        insert(issued),
        {
            "pass_id": one.claims.pass_id,
            "host": one.claims.host,
            "claims": encode(one.claims),
            "label": one.label,
            "by": one.by,
            "at": clock_text(one.at),
            "expires": clock_text(one.claims.expires),
        },
    )


def all_of(connection: Connection) -> tuple[IssuedPass, ...]:
    """Return every pass issued here, newest first."""
    rows = connection.execute(
        select(issued, revoked.c.at.label("ended"))
        .join(revoked, revoked.c.pass_id == issued.c.pass_id, isouter=True)
        .order_by(issued.c.at.desc(), issued.c.pass_id)
    )
    return tuple(
        IssuedPass(
            msgspec.json.decode(row.claims, type=Claims),
            row.label,
            row.by,
            clock_of(row.at),
            row.ended is not None,
        )
        for row in rows
    )


def revoke(connection: Connection, pass_id: str, at: datetime) -> None:
    """Revoke a pass, issued here or not; a second time changes nothing."""
    values = {
        "pass_id": pass_id,
        "at": clock_text(at),
        "expires": _expires(connection, pass_id),
    }
    connection.execute(upsert(revoked).values(values).on_conflict_do_nothing())


def revoke_of_host(connection: Connection, host: str, at: datetime) -> None:
    """Revoke every pass that a host gave, and forget whom it was for."""
    ids = connection.execute(select(issued.c.pass_id).where(issued.c.host == host)).scalars().all()
    for pass_id in ids:
        revoke(connection, pass_id, at)
    connection.execute(delete(issued).where(issued.c.host == host))


def state_of(connection: Connection, pass_id: str, boot: str) -> PassState:
    """Return what is known of a pass; uses of an earlier start of the machine have no `at_mono`."""
    rows = _STATE.rows(connection, (pass_id,))
    ended, label = rows[0][:2]
    uses = tuple(
        PassUse(
            number,
            lane,
            Direction(direction),
            UseState(state),
            at_mono if its_boot == boot else None,
            tries,
        )
        for _, _, number, lane, direction, state, at_mono, tries, its_boot in rows
        if number is not None
    )
    return PassState(ended is not None, uses, label or "")


def spend(connection: Connection, one: Spending) -> None:
    """Write a use, or another try of the same use after it was returned.

    A retry keeps the time of the first try, so that tries cannot carry a use on for ever. Raises
    UseTaken when the use is not free (any more).
    """
    row = _ONE.row(connection, (one.pass_id, one.number))
    if row is None:
        where = (one.direction.value, one.lane, UseState.OPEN.value, one.boot, one.at_mono)
        end = clock_text(one.expires)
        _USE.run(connection, (one.pass_id, one.number, *where, 1, one.event, end))
        return
    if row != (UseState.RETURNED.value, one.lane, one.direction.value):
        message = f"use {one.number} of pass {one.pass_id} was taken at lane {row[1]} meanwhile"
        raise UseTaken(message, part="store", advice="Gather the facts again and decide again.")
    _AGAIN.run(connection, (UseState.OPEN.value, 1, one.event, one.pass_id, one.number))


def keep_spent(connection: Connection, pass_id: str, number: int) -> None:
    """Say that a use is spent: the barrier opened for it, in this try or an earlier one."""
    _SPENT.run(connection, (UseState.SPENT.value, pass_id, number))


def give_back(connection: Connection, event: int, was: UseState) -> None:
    """Return the use whose newest try was decided in `event`, if it stands at `was`.

    A try that failed returns an open use, never one that an earlier try spent after all; a passage
    that nobody made returns a spent one.
    """
    _BACK.run(connection, (UseState.RETURNED.value, event, was.value))


def _expires(connection: Connection, pass_id: str) -> str | None:
    """Return when a pass that was issued or used here is over, or None."""
    known = union(
        *(select(one.c.expires).where(one.c.pass_id == pass_id) for one in (issued, pass_use))
    ).subquery()
    latest: str | None = connection.execute(select(func.max(known.c.expires))).scalar_one()
    return latest
