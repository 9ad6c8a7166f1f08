"""Writing the journal: an event, its personal part and its outbox row, inside one transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from edge.store.body import Body, clock_text, encode
from edge.store.chain import COLUMNS, GENESIS, NOTHING, Link, digest, row_hash
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


# Built once: building a statement costs SQLAlchemy more than running it.
_LAST = select(event.c.seq, event.c.hash).order_by(event.c.seq.desc()).limit(1)
_EVENT, _OUTBOX, _PERSONAL = insert(event), insert(outbox), insert(personal)

LINK_COLUMNS = tuple(event.c[name] for name in COLUMNS)


def append(connection: Connection, journal: str, entry: Entry) -> Written:
    """Write one event behind the last one and put it into the outbox."""
    last = connection.execute(_LAST).first()
    seq, before = (1, GENESIS) if last is None else (last.seq + 1, last.hash)
    salt, content = b"", b""
    if entry.body is not None:
        salt, content = secrets.token_bytes(SALT_BYTES), encode(entry.body)
        _append_personal(connection, seq, entry.body, salt, content)
    link = _link(journal, seq, entry, digest(salt, content) if salt else NOTHING)
    value = row_hash(before, link)
    connection.execute(
        _EVENT,
        {**{name: getattr(link, name) for name in COLUMNS}, "hash": value},
    )
    connection.execute(
        _OUTBOX,
        {
            "seq": seq,
            "journal": journal,
            "hash": value.hex(),
            "at": link.at,
            "kind": link.kind,
            "lane": link.lane,
            "priority": priority_of(entry.kind, entry.answer, entry.reason),
            "body": wire_body(link, before, entry.body),
        },
    )
    return Written(seq, salt)


def _append_personal(
    connection: Connection, seq: int, body: Body, salt: bytes, content: bytes
) -> None:
    connection.execute(
        _PERSONAL,
        {
            "seq": seq,
            "person": body.person,
            "salt": salt,
            "body": content,
            "evidence": body.crop is not None,
        },
    )


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
