"""What relays are asked to do: intents, their outcomes, and the sequence numbers."""

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store.tables import intent, relay_seq
from models.command import Intent, Outcome

BLOCK = 64
"""Sequence numbers are made durable this many at a time, so that most commands cost no COMMIT."""

_INTENT = insert(intent)
"""Built once: building a statement costs SQLAlchemy more than running it."""

Use = tuple[str, int]
"""A pass id and the number of its use."""


def intend(connection: Connection, wish: Intent, event: int, use: Use | None) -> None:
    """Write down a command before it is sent, and the use of a pass that it spends."""
    connection.execute(
        _INTENT,
        {
            "cmd_id": wish.cmd_id,
            "event": event,
            "lane": wish.lane,
            "relay": wish.relay,
            "action": wish.action.value,
            "seq": wish.seq,
            "deadline": wish.deadline,
            "pass_id": None if use is None else use[0],
            "use": None if use is None else use[1],
        },
    )


def conclude(connection: Connection, cmd_id: str, outcome: Outcome) -> None:
    """Say what became of a command; a "done" is never taken back."""
    connection.execute(
        update(intent)
        .where(intent.c.cmd_id == cmd_id)
        .where(intent.c.outcome.is_(None) | (intent.c.outcome != Outcome.DONE.value))
        .values(outcome=outcome.value)
    )


def use_of(connection: Connection, cmd_id: str) -> Use | None:
    """Return the use of a pass that a command was to spend."""
    row = connection.execute(
        select(intent.c.pass_id, intent.c.use).where(intent.c.cmd_id == cmd_id)
    ).first()
    return None if row is None or row.pass_id is None else (row.pass_id, row.use)


def was_done(connection: Connection, cmd_id: str) -> bool:
    """Return whether a command is known to have been done."""
    found = connection.execute(
        select(intent.c.outcome).where(intent.c.cmd_id == cmd_id)
    ).scalar_one_or_none()
    return found == Outcome.DONE.value


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
    row = upsert(relay_seq).values(relay=relay, seq=upto)
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["relay"],
            set_={"seq": upto},
            where=relay_seq.c.seq < upto,
        )
    )


def reserved(connection: Connection, relay: str) -> int:
    """Return the highest number that may have been given to a relay."""
    found = connection.execute(
        select(relay_seq.c.seq).where(relay_seq.c.relay == relay)
    ).scalar_one_or_none()
    return found or 0
