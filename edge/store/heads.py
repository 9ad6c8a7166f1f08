"""Signed heads: the edge vouches for the chain so far, so that it cannot be cut short unseen."""

from datetime import datetime

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store.body import clock_of, clock_text
from edge.store.chain import head_message
from edge.store.folder import Keys
from edge.store.tables import event, head
from edge.store.words import Head


def sign(connection: Connection, keys: Keys, at: datetime) -> Head:
    """Return the signed head of the chain as it is now, and keep it."""
    last = connection.execute(select(event).order_by(event.c.seq.desc()).limit(1)).one()
    when = clock_text(at)
    signature = keys.sign(head_message((last.journal, last.seq, last.hash), when))
    values = {
        "seq": last.seq,
        "journal": last.journal,
        "hash": last.hash,
        "at": when,
        "signature": signature,
    }
    connection.execute(upsert(head).values(values).on_conflict_do_nothing())
    kept = connection.execute(select(head).where(head.c.seq == last.seq)).one()
    return _head(kept)


def since(connection: Connection, seq: int, limit: int) -> tuple[Head, ...]:
    """Return up to `limit` signed heads above `seq`, in order."""
    rows = connection.execute(
        select(head).where(head.c.seq > seq).order_by(head.c.seq).limit(limit)
    )
    return tuple(_head(row) for row in rows)


def _head(row: Row[tuple[object, ...]]) -> Head:
    return Head(row.journal, row.seq, row.hash.hex(), clock_of(row.at), row.signature)
