"""Who an edge is: a challenge, signed by the edge's own key, becomes a token for an hour."""

import hmac
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Engine, delete, select, update

from central.database import insert_new, reading, writing
from central.moments import microseconds, microseconds_in
from central.tables import CENTRE, EDGES, SESSIONS
from models.errors import KuahuError

LIFE: Final = timedelta(hours=1)
ANSWER_WITHIN: Final = timedelta(seconds=60)

_PURPOSE: Final = b"kuahu session 1\x00"
_CHALLENGE: Final = b"kuahu challenge 1\x00"
_SHAPE: Final = re.compile(r"[0-9a-f]{112}")
_UNKNOWN: Final = "this centre does not know this edge, or knows it no longer"
_STAMP: Final = 8
_NONCE: Final = 16
_LONGEST_TOKEN: Final = 100


class StrangerError(KuahuError):
    """Whoever asks is not known, or known no longer."""

    code = "stranger"


@dataclass(frozen=True, slots=True)
class Speaker:
    """The edge that speaks, and its compound: for these two alone it reads and writes."""

    edge: str
    compound: str


@dataclass(frozen=True, slots=True)
class Answered:
    """An edge's answer to a challenge; `signature` is 64 bytes in hex."""

    edge: str
    challenge: str
    signature: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A session: the token and how long it lives."""

    token: str = field(repr=False)
    seconds: int


def challenge_for(engine: Engine, edge: str, now: datetime) -> str:
    """Return a challenge that `edge` can answer for a minute; nothing of it is kept."""
    stamp = (microseconds(now) + microseconds_in(ANSWER_WITHIN)).to_bytes(_STAMP)
    rest = stamp + secrets.token_bytes(_NONCE)
    with reading(engine) as connection:
        return (rest + _mac(connection, edge, rest)).hex()


def open_session(engine: Engine, answered: Answered, now: datetime) -> Opened:
    """Return a session for an edge that signed its challenge; each challenge is good once.

    Raises StrangerError where the edge is not known or was revoked, or the challenge is not ours,
    too old or answered already, or the signature does not hold. Raises CentreFault.
    """
    known = select(EDGES.c.public_key).where(
        EDGES.c.edge == answered.edge, EDGES.c.revoked_at.is_(None)
    )
    with reading(engine) as connection:
        # Whoever cannot sign takes no lock of anybody's.
        _check_challenge(connection, answered, now)
        key = connection.execute(known).scalar_one_or_none()
    if key is None or not _signed(key, answered):
        raise StrangerError(_UNKNOWN)
    token = secrets.token_urlsafe(32)
    with writing(engine) as connection:
        if connection.execute(known.with_for_update()).scalar_one_or_none() != key:
            raise StrangerError(_UNKNOWN)
        stamp = microseconds(now)
        connection.execute(delete(SESSIONS).where(SESSIONS.c.expires <= stamp))
        made = connection.execute(
            insert_new(connection, SESSIONS).returning(SESSIONS.c.digest),
            {
                "digest": token_digest(token),
                "edge": answered.edge,
                "challenge": sha256(answered.challenge.encode()).hexdigest(),
                "expires": stamp + microseconds_in(LIFE),
            },
        ).first()
        if made is None:
            message = "this challenge was answered already; ask for a new one"
            raise StrangerError(message)
    return Opened(token, int(LIFE.total_seconds()))


def speaker(engine: Engine, token: str, now: datetime) -> Speaker:
    """Return who holds `token`.

    Raises StrangerError where it is none of ours, has run out or died with its edge's revocation.
    Raises CentreFault.
    """
    chosen = (
        select(EDGES.c.edge, EDGES.c.compound)
        .join(SESSIONS, SESSIONS.c.edge == EDGES.c.edge)
        .where(
            SESSIONS.c.digest == token_digest(token[:_LONGEST_TOKEN]),
            SESSIONS.c.expires > microseconds(now),
            EDGES.c.revoked_at.is_(None),
        )
    )
    with reading(engine) as connection:
        row = connection.execute(chosen).one_or_none()
    if row is None:
        message = "begin a session first: this token is not known, or no longer"
        raise StrangerError(message)
    return Speaker(row.edge, row.compound)


def revoke(connection: Connection, edge: str, now: datetime) -> bool:
    """Let `edge` in no more, its sessions included; return whether it was known till now."""
    done = connection.execute(
        update(EDGES)
        .where(EDGES.c.edge == edge, EDGES.c.revoked_at.is_(None), EDGES.c.public_key.is_not(None))
        .values(revoked_at=microseconds(now))
    )
    connection.execute(delete(SESSIONS).where(SESSIONS.c.edge == edge))
    return done.rowcount > 0


def _check_challenge(connection: Connection, answered: Answered, now: datetime) -> None:
    message = "this challenge is none of this centre's, or too old; ask for a new one"
    if not _SHAPE.fullmatch(answered.challenge):
        raise StrangerError(message)
    raw = bytes.fromhex(answered.challenge)
    rest, mac = raw[: _STAMP + _NONCE], raw[_STAMP + _NONCE :]
    if not hmac.compare_digest(mac, _mac(connection, answered.edge, rest)):
        raise StrangerError(message)
    left = int.from_bytes(rest[:_STAMP]) - microseconds(now)
    if not 0 < left <= microseconds_in(ANSWER_WITHIN):
        raise StrangerError(message)


def _mac(connection: Connection, edge: str, rest: bytes) -> bytes:
    secret = bytes.fromhex(connection.execute(select(CENTRE.c.secret)).scalar_one())
    return hmac.digest(secret, _CHALLENGE + edge.encode() + b"\x00" + rest, "sha256")


def _signed(key: str, answered: Answered) -> bool:
    text = _PURPOSE + answered.edge.encode() + b"\x00" + answered.challenge.encode()
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(
            bytes.fromhex(answered.signature), text
        )
    except (InvalidSignature, ValueError):
        return False
    return True


def token_digest(token: str) -> str:
    """Return the hash by which a token is kept."""
    return sha256(b"kuahu token\x00" + token.encode()).hexdigest()
