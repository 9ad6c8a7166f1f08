"""What guards have ordered to stand at each lane: one value of register.db, and a row for each."""

import msgspec
from sqlalchemy import Connection

from edge.store import marks
from edge.store.body import Body
from edge.store.journal import Entry, append
from models.event import EventKind
from models.moment import Moment
from models.standing import ENDED, Order

MARK = "standing"
_ORDERS = msgspec.json.Decoder(tuple[Order, ...])


def put(
    connection: Connection, journal: str, lane: int, order: Order | None, by: tuple[str, Moment]
) -> int:
    """Write what stands at `lane` from now on, None for nothing; return the seq of its row.

    `by` is the guard, and now. One COMMIT holds both.
    """
    guard, now = by
    others = tuple(one for one in all_of(connection) if one.lane != lane)
    orders = others if order is None else (*others, order)
    marks.write(connection, MARK, msgspec.json.encode(orders).decode())
    entry = Entry(
        EventKind.ADMIN,
        now.utc,
        now.trust,
        reason=ENDED if order is None else order.what.value,
        lane=lane,
        body=Body(who=guard, note=None if order is None else order.why or None),
    )
    return append(connection, journal, entry).seq


def all_of(connection: Connection) -> tuple[Order, ...]:
    """Return what stands, lane by lane."""
    text = marks.read(connection, MARK)
    return _ORDERS.decode(text) if text else ()
