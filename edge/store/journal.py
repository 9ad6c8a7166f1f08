"""Writing the journal: an event, its personal part and its outbox row, inside one transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter

from sqlalchemy import Connection, func, select

from edge.store.body import Body, clock_text, encode
from edge.store.chain import COLUMNS, GENESIS, NOTHING, Link, digest, row_hash
from edge.store.prepared import Prepared, prepared_insert
from edge.store.tables import event, outbox, personal
from edge.store.wire import priority_of, wire_body
from models.event import EventKind
from models.lane import Credential, Direction
from models.moment import Trust

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Entry:
    """One event to be written; `body` is None where nothing in it is personal."""

    kind: EventKind
    at: datetime
    trust: Trust
    reason: str
    answer: str = ""
    lane: int | None = None
    direction: Direction | None = None
    credential: Credential | None = None
    answers: int | None = None
    ms: int | None = None
    policy: str | None = None
    body: Body | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """An event as it was written; `salt` is empty where it has no personal part."""

    seq: int
    salt: bytes


_NEWEST = select(func.max(event.c.seq)).scalar_subquery()
_LAST = Prepared(select(event.c.seq, event.c.hash).where(event.c.seq == _NEWEST))
_PUBLIC = tuple(column.name for column in event.columns if column.name in COLUMNS)
_EVENT = prepared_insert(event, *_PUBLIC, "hash")
_PERSONAL = prepared_insert(personal, "seq", "person", "salt", "body", "evidence")
_OUTBOX = prepared_insert(
    outbox, "seq", "journal", "hash", "at", "kind", "lane", "priority", "body"
)
_public_of = attrgetter(*_PUBLIC)


def append(connection: Connection, journal: str, entry: Entry) -> Written:
    """Write one event behind the last one and put it into the outbox."""
    last = _LAST.row(connection)
    seq, before = (1, GENESIS) if last is None else (last[0] + 1, last[1])
    salt, content = b"", b""
    if entry.body is not None:
        salt, content = secrets.token_bytes(SALT_BYTES), encode(entry.body)
        _append_personal(connection, seq, entry.body, salt, content)
    link = _link(journal, seq, entry, digest(salt, content) if salt else NOTHING)
    value = row_hash(before, link)
    _EVENT.run(connection, (*_public_of(link), value))
    _OUTBOX.run(
        connection,
        (
            seq,
            journal,
            value.hex(),
            link.at,
            link.kind,
            link.lane,
            priority_of(entry.kind, entry.answer, entry.reason),
            wire_body(link, before, entry.body),
        ),
    )
    return Written(seq, salt)


def _append_personal(
    connection: Connection, seq: int, body: Body, salt: bytes, content: bytes
) -> None:
    _PERSONAL.run(connection, (seq, body.person, salt, content, body.crop is not None))


def _link(journal: str, seq: int, entry: Entry, value: bytes) -> Link:
    return Link(
        journal=journal,
        seq=seq,
        kind=entry.kind.value,
        at=clock_text(entry.at),
        trust=entry.trust.value,
        lane=entry.lane,
        direction=None if entry.direction is None else entry.direction.value,
        credential=None if entry.credential is None else entry.credential.value,
        answer=entry.answer,
        reason=entry.reason,
        answers=entry.answers,
        ms=entry.ms,
        policy=entry.policy,
        digest=value,
    )
