"""Passes issued here, revocations, and the uses that a gate counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    null,
    select,
    true,
    union,
    union_all,
    update,
)
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store.body import clock_of, clock_text, encode
from edge.store.pass_tables import pass_pin, use_elsewhere
from edge.store.prepared import Prepared, prepared_insert
from edge.store.tables import issued, pass_use, revoked
from edge.store.words import IssuedPass, PassState, UseTaken
from models.errors import InputError
from models.lane import Direction
from models.moment import Moment
from models.visit import NONE_EARLIER, Claims, Earlier, PassUse, UseState

_TOLD = 24
"""Uses of one pass that a decision is told one by one, besides the first way in."""
_WANTED: BindParameter[str] = bindparam("wanted")
_ASKED = select(_WANTED.label("id")).subquery()
_HERE = ("number", "lane", "direction", "state", "at_mono", "tries", "boot", "at", "opened")
_WAY, _AT = _HERE.index("direction"), _HERE.index("at")
_SPENT_THERE: ColumnElement[str] = literal_column(f"'{UseState.SPENT}'")
_THERE = use_elsewhere.c
_USES = union_all(
    select(*(pass_use.c[name] for name in _HERE), literal_column("''").label("edge")).where(
        pass_use.c.pass_id == _WANTED
    ),
    select(
        *(_THERE.number, _THERE.lane, _THERE.direction, _SPENT_THERE, null()),
        *(literal_column("1"), literal_column("''"), _THERE.at, _THERE.opened, _THERE.edge),
    ).where(_THERE.pass_id == _WANTED),
).subquery()
# One statement, so that all of it is of one committed state: at least one row, one a use.
_STATE = Prepared(
    select(revoked.c.at, issued.c.label, *_USES.c)
    .select_from(_ASKED)
    .outerjoin(revoked, revoked.c.pass_id == _ASKED.c.id)
    .outerjoin(issued, issued.c.pass_id == _ASKED.c.id)
    .outerjoin(_USES, true())
    .order_by(_USES.c.edge, _USES.c.number)
)
_THIS = (pass_use.c.pass_id == _WANTED, pass_use.c.number == bindparam("which"))
_ONE = Prepared(select(pass_use.c.state, pass_use.c.lane, pass_use.c.direction).where(*_THIS))
_USE = prepared_insert(
    pass_use,
    *("pass_id", "number", "direction", "lane", "state", "boot", "at_mono", "tries", "event"),
    *("expires", "at", "kind", "allowed", "changed"),
)
_AGAIN = Prepared(
    update(pass_use)
    .values(
        state=bindparam("now"), tries=pass_use.c.tries + bindparam("more"), event=bindparam("by")
    )
    .where(*_THIS)
)
_SPENT = Prepared(
    update(pass_use).values(state=bindparam("now"), opened=literal_column("1")).where(*_THIS)
)
_CHANGED = Prepared(update(pass_use).values(changed=bindparam("by")).where(*_THIS))
_BACK = Prepared(
    update(pass_use)
    .values(state=bindparam("now"))
    .where(pass_use.c.event == bindparam("by"), pass_use.c.state == bindparam("was"))
)


@dataclass(frozen=True, slots=True)
class Spending:
    """One use of a pass that an opening is about to spend; `event` is the decision's seq."""

    claims: Claims
    number: int
    lane: int
    direction: Direction
    boot: str
    at: Moment
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
    connection.execute(delete(pass_pin).where(pass_pin.c.pass_id.in_(ids)))
    connection.execute(delete(issued).where(issued.c.host == host))


def state_of(connection: Connection, pass_id: str, boot: str) -> PassState:
    """Return what is known of a pass; uses of an earlier start of the machine have no `at_mono`."""
    rows = _STATE.rows(connection, (pass_id,) * len(_STATE.names))
    ended, label = rows[0][:2]
    told, earlier = _told([row[2:] for row in rows if row[2] is not None])
    uses = tuple(_use(row, boot) for row in told)
    return PassState(ended is not None, uses, label or "", earlier)


def _use(row: tuple[Any, ...], boot: str) -> PassUse:
    number, lane, direction, state, at_mono, tries, its_boot, at, opened, edge = row
    return PassUse(
        number,
        lane,
        Direction(direction),
        UseState(state),
        at_mono if its_boot == boot else None,
        tries,
        None if at is None else clock_of(at),
        edge,
        bool(opened),
    )


def _told(uses: list[tuple[Any, ...]]) -> tuple[list[tuple[Any, ...]], Earlier]:
    """Return the uses that a decision is told one by one, and how many there are before those."""
    if len(uses) <= _TOLD:
        return uses, NONE_EARLIER
    # A time as the store keeps it sorts as it reads.
    uses.sort(key=lambda use: use[_AT] or "")
    rest, entry = uses[:-_TOLD], Direction.ENTRY.value
    first = next((use for use in rest if use[_WAY] == entry), None)
    if first is not None:
        rest.remove(first)
    ways_in = sum(use[_WAY] == entry for use in rest)
    told = [*(() if first is None else (first,)), *uses[-_TOLD:]]
    return told, Earlier(ways_in, len(rest) - ways_in)


def spend(connection: Connection, one: Spending) -> None:
    """Write a use, or another try of the same use after it was returned.

    A retry keeps the time of the first try, so that tries cannot carry a use on for ever. Raises
    UseTaken when the use is not free (any more).
    """
    pass_id, claims = one.claims.pass_id, one.claims
    row = _ONE.row(connection, (pass_id, one.number))
    if row is None:
        where = (one.direction.value, one.lane, UseState.OPEN.value, one.boot, one.at.mono)
        what = (clock_text(claims.expires), clock_text(one.at.utc), claims.kind.value, claims.uses)
        _USE.run(connection, (pass_id, one.number, *where, 1, one.event, *what, one.event))
        return
    if row != (UseState.RETURNED.value, one.lane, one.direction.value):
        message = f"use {one.number} of pass {pass_id} was taken at lane {row[1]} meanwhile"
        raise UseTaken(message, part="store", advice="Gather the facts again and decide again.")
    _AGAIN.run(connection, (UseState.OPEN.value, 1, one.event, pass_id, one.number))


def keep_spent(connection: Connection, pass_id: str, number: int) -> None:
    """Say that a use is spent: the barrier opened for it, in this try or an earlier one."""
    _SPENT.run(connection, (UseState.SPENT.value, pass_id, number))


def tell(connection: Connection, pass_id: str, number: int, event: int) -> None:
    """Note that other gate machines should hear what `event` made of a use."""
    _CHANGED.run(connection, (event, pass_id, number))


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
