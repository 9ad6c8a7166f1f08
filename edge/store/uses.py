"""Uses of passes that gate machines tell each other: what was told, and what does not fit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store import letters
from edge.store.body import Body, clock_of, clock_text
from edge.store.journal import Entry, append
from edge.store.pass_tables import double_use, use_elsewhere, use_heard
from edge.store.prepared import Prepared
from edge.store.tables import event, issued, pass_use
from edge.store.words import Told
from gate.visits import overdrawn
from models.event import EventKind
from models.lane import Direction
from models.letter import PassUsed
from models.moment import Moment
from models.visit import DOUBLE_USE, PassKind, PassUse, SharedUse, UseState

OVER = timedelta(days=1)
"""How long after its end a pass is still spoken of: whoever came in may leave that late."""
_OWN = tuple(
    pass_use.c[name]
    for name in ("pass_id", "number", "direction", "lane", "at", "opened", "kind", "allowed")
)
_ELSEWHERE = Prepared(
    select(use_elsewhere.c.number).where(use_elsewhere.c.pass_id == bindparam("wanted"))
)


def top(connection: Connection) -> int:
    """Return the newest event that made or changed a use here, 0 before the first."""
    return connection.execute(select(func.max(pass_use.c.changed))).scalar() or 0


def since(connection: Connection, edge: str, after: int, limit: int, now: datetime) -> Told:
    """Return up to `limit` uses of machine `edge`, this one, that changed after event `after`."""
    rows = connection.execute(
        select(*_OWN, pass_use.c.expires, pass_use.c.changed)
        .where(pass_use.c.changed > after, pass_use.c.at.is_not(None))
        .order_by(pass_use.c.changed)
        .limit(limit)
    ).all()
    live = clock_text(now - OVER)
    uses = tuple(
        SharedUse(
            row.pass_id,
            edge,
            row.number,
            Direction(row.direction),
            row.lane,
            clock_of(row.at),
            bool(row.opened),
            PassKind(row.kind),
            row.allowed,
            clock_of(row.expires),
        )
        for row in rows
        if row.expires > live
    )
    return Told(uses, rows[-1].changed if len(rows) == limit else max(after, top(connection)))


def known(connection: Connection) -> dict[str, int]:
    """Return up to which event the uses of each other journal are known here."""
    rows = connection.execute(select(use_heard.c.journal, use_heard.c.upto))
    return {row.journal: row.upto for row in rows}


def doubles(connection: Connection, after: int) -> tuple[tuple[int, ...], int]:
    """Return the events after `after` that tell of double uses, and the newest event of all."""
    newest = connection.execute(select(func.max(event.c.seq))).scalar() or 0
    told = (
        event.c.seq > after,
        event.c.kind == EventKind.ALERT.value,
        event.c.reason == DOUBLE_USE,
    )
    found = connection.execute(select(event.c.seq).where(*told).order_by(event.c.seq)).scalars()
    return tuple(found), newest


def merge(connection: Connection, journal: str, uses: Sequence[SharedUse], now: Moment) -> None:
    """Keep what another machine tells of its uses, and write down which are double."""
    for use in uses:
        values = {
            "pass_id": use.pass_id,
            "edge": use.edge,
            "number": use.number,
            "at": clock_text(use.at),
            "direction": use.direction.value,
            "lane": use.lane,
            "kind": use.kind.value,
            "allowed": use.allowed,
            "opened": int(use.opened),
            "expires": clock_text(use.expires),
        }
        row = upsert(use_elsewhere).values(values)
        grown = func.max(use_elsewhere.c.opened, row.excluded.opened)
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["pass_id", "edge", "number", "at"], set_={"opened": grown}
            )
        )
    for pass_id in dict.fromkeys(use.pass_id for use in uses):
        note_double(connection, journal, pass_id, now)


def heard_upto(connection: Connection, journal: str, upto: int) -> None:
    """Note that all uses of another machine's journal up to an event are known here."""
    row = upsert(use_heard).values(journal=journal, upto=upto)
    grown = func.max(use_heard.c.upto, row.excluded.upto)
    connection.execute(row.on_conflict_do_update(index_elements=["journal"], set_={"upto": grown}))


def note_double(connection: Connection, journal: str, pass_id: str, now: Moment) -> None:
    """Write that a pass was let in here and elsewhere, if it was; once for each pass."""
    if _ELSEWHERE.row(connection, (pass_id,)) is None:
        return
    mine = connection.execute(select(pass_use).where(pass_use.c.pass_id == pass_id)).all()
    theirs = connection.execute(
        select(use_elsewhere).where(use_elsewhere.c.pass_id == pass_id)
    ).all()
    here = [row for row in mine if row.opened and row.direction == Direction.ENTRY.value]
    kinds = [(row.kind, row.allowed) for row in (*mine, *theirs) if row.kind is not None]
    if not here or not kinds:
        return
    uses = [_use(row, "") for row in mine] + [_use(row, row.edge) for row in theirs]
    if not overdrawn(PassKind(kinds[0][0]), kinds[0][1], uses):
        return
    row = upsert(double_use).values(pass_id=pass_id, expires=theirs[0].expires)
    if connection.execute(row.on_conflict_do_nothing()).rowcount:
        lane = max(here, key=lambda use: use.number).lane
        _tell(connection, journal, (pass_id, lane), now)


def _tell(connection: Connection, journal: str, where: tuple[str, int], now: Moment) -> None:
    pass_id, lane = where
    one = connection.execute(
        select(issued.c.label, issued.c.host).where(issued.c.pass_id == pass_id)
    ).first()
    label, host = (None, None) if one is None else (one.label or None, one.host)
    entry = Entry(
        kind=EventKind.ALERT,
        at=now.utc,
        trust=now.trust,
        reason=DOUBLE_USE,
        lane=lane,
        body=Body(who=label, person=host, note=pass_id),
    )
    used = PassUsed(pass_id, lane, Direction.ENTRY, now.utc, opened=True, reason=DOUBLE_USE)
    letters.say(connection, replace(used, double=True))
    append(connection, journal, entry)


def _use(row: Row[Any], edge: str) -> PassUse:
    at = None if row.at is None else clock_of(row.at)
    where = (row.lane, Direction(row.direction), UseState.SPENT)
    return PassUse(row.number, *where, None, 1, at, edge, bool(row.opened))
