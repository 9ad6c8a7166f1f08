"""What relays are asked to do: intents, their outcomes, and the sequence numbers."""

from sqlalchemy import Connection, bindparam, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store.prepared import Prepared, prepared_insert
from edge.store.tables import intent, relay_seq
from models.command import Intent, Outcome

BLOCK = 64
"""Sequence numbers are made durable this many at a time, so that most commands cost no COMMIT."""

_INTENT = prepared_insert(
    intent,
    *("cmd_id", "event", "lane", "relay", "action", "seq", "deadline", "pass_id", "use"),
)
_NUMBER = upsert(relay_seq).values(relay=bindparam("name"), seq=bindparam("upto"))
_RESERVE = Prepared(
    _NUMBER.on_conflict_do_update(
        index_elements=["relay"],
        set_={"seq": _NUMBER.excluded.seq},
        where=relay_seq.c.seq < _NUMBER.excluded.seq,
    )
)
_WANTED = intent.c.cmd_id == bindparam("wanted")
_USE = Prepared(select(intent.c.pass_id, intent.c.use).where(_WANTED))
_OUTCOME = Prepared(select(intent.c.outcome).where(_WANTED))
_CONCLUDE = Prepared(
    update(intent)
    .values(outcome=bindparam("said"))
    .where(_WANTED)
    .where(intent.c.outcome.is_(None) | (intent.c.outcome != bindparam("done")))
)

Use = tuple[str, int]
"""A pass id and the number of its use."""


def intend(connection: Connection, wish: Intent, event: int, use: Use | None) -> None:
    """Write down a command before it is sent, and the use of a pass that it spends."""
    spent = (None, None) if use is None else use
    told = (wish.relay, wish.action.value, wish.seq, wish.deadline)
    _INTENT.run(connection, (wish.cmd_id, event, wish.lane, *told, *spent))


def conclude(connection: Connection, cmd_id: str, outcome: Outcome) -> None:
    """Say what became of a command; a "done" is never taken back."""
    _CONCLUDE.run(connection, (outcome.value, cmd_id, Outcome.DONE.value))


def use_of(connection: Connection, cmd_id: str) -> Use | None:
    """Return the use of a pass that a command was to spend."""
    row = _USE.row(connection, (cmd_id,))
    return None if row is None or row[0] is None else (row[0], row[1])


def was_done(connection: Connection, cmd_id: str) -> bool:
    """Return whether a command is known to have been done."""
    return _OUTCOME.row(connection, (cmd_id,)) == (Outcome.DONE.value,)


def unanswered(connection: Connection) -> list[tuple[str, int, int, str]]:
    """Return (cmd_id, event, lane, relay) of every command whose outcome nobody knows."""
    rows = connection.execute(
        select(intent.c.cmd_id, intent.c.event, intent.c.lane, intent.c.relay)
        .where(intent.c.outcome.is_(None))
        .order_by(intent.c.event)
    )
    return [(row.cmd_id, row.event, row.lane, row.relay) for row in rows]


def reserve(connection: Connection, relay: str, upto: int) -> None:
    """Make durable that numbers up to `upto` may have been given to a relay."""
    _RESERVE.run(connection, (relay, upto))


def reserved(connection: Connection, relay: str) -> int:
    """Return the highest number that may have been given to a relay."""
    found = connection.execute(
        select(relay_seq.c.seq).where(relay_seq.c.relay == relay)
    ).scalar_one_or_none()
    return found or 0
