"""Claim codes: an operator makes one, and whoever shows it first is known from then on."""

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import Connection, Engine, insert, select, update

from central.database import insert_new, writing
from central.moments import microseconds, microseconds_in
from central.tables import CLAIM_CODES, COMPOUNDS, EDGES
from models.errors import InputError

LIFE: Final = timedelta(hours=24)
EDGE: Final = "edge"
STAFF: Final = "staff"

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS: Final = 4
_GROUP: Final = 4
_READ_AS: Final = str.maketrans("OIL", "011", " -")
_EDGE_ID: Final = re.compile(r"[0-9a-f]{32}")
_KEY: Final = re.compile(r"[0-9a-f]{64}")


class ClaimRefusedError(InputError):
    """A claim that is not granted; the sentence says why."""

    code = "claim_refused"


@dataclass(frozen=True, slots=True)
class Claiming:
    """What an edge shows: a code, its id, its Ed25519 public key (hex) and its compound."""

    code: str = field(repr=False)
    edge: str
    public_key: str
    compound: str


def make_edge_code(connection: Connection, compound: str, by: str, now: datetime) -> str:
    """Return a new code by which one edge of `compound` can claim; its hash alone is kept.

    Belongs into the caller's transaction. Raises InputError where there is no such compound.
    """
    known = select(COMPOUNDS.c.compound).where(COMPOUNDS.c.compound == compound)
    if connection.execute(known).first() is None:
        message = f"there is no compound {compound!r} at this centre"
        raise InputError(message)
    return make_code(connection, EDGE, by, now, compound)


def make_code(
    connection: Connection, purpose: str, by: str, now: datetime, compound: str | None = None
) -> str:
    """Return a new code of 80 random bits in groups, good for LIFE."""
    drawn = "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _GROUP))
    connection.execute(
        insert(CLAIM_CODES).values(
            digest=digest_of(drawn),
            purpose=purpose,
            compound=compound,
            made_by=by,
            expires=microseconds(now) + microseconds_in(LIFE),
        )
    )
    return "-".join(drawn[at : at + _GROUP] for at in range(0, len(drawn), _GROUP))


def digest_of(code: str) -> str:
    """Return the hash by which a code is kept, however it was typed."""
    plain = code.upper().translate(_READ_AS)
    return sha256(b"kuahu code\x00" + plain.encode()).hexdigest()


def claim_edge(engine: Engine, claiming: Claiming, now: datetime) -> None:
    """Make the edge known by its key, once it shows a code that is good.

    The same code with the same key is good again while it lives, for an answer that was lost.
    Raises ClaimRefusedError, InputError for what is no claim, and CentreFault.
    """
    _check(claiming)
    with writing(engine) as connection:
        _lock_edge(connection, claiming.edge)
        _spend(connection, claiming, now)
        edge = connection.execute(select(EDGES).where(EDGES.c.edge == claiming.edge)).one()
        if edge.compound not in {None, claiming.compound}:
            message = "this edge belongs to another compound; give the machine a new state folder"
            raise ClaimRefusedError(message)
        connection.execute(
            update(EDGES)
            .where(EDGES.c.edge == claiming.edge)
            .values(
                compound=claiming.compound,
                public_key=claiming.public_key,
                claimed_at=microseconds(now),
                revoked_at=None,
            )
        )


def _check(claiming: Claiming) -> None:
    shaped = _EDGE_ID.fullmatch(claiming.edge) and _KEY.fullmatch(claiming.public_key)
    if not shaped or sha256(bytes.fromhex(claiming.public_key)).hexdigest()[:32] != claiming.edge:
        message = "an edge is named by the first 32 hex digits of its public key's SHA-256"
        raise InputError(message)


def _lock_edge(connection: Connection, edge: str) -> None:
    connection.execute(insert_new(connection, EDGES), {"edge": edge, "arrivals": 0})
    chosen = select(EDGES.c.edge).where(EDGES.c.edge == edge).with_for_update()
    connection.execute(chosen).one()


def _spend(connection: Connection, claiming: Claiming, now: datetime) -> None:
    stamp = microseconds(now)
    digest = digest_of(claiming.code)
    chosen = select(CLAIM_CODES).where(
        CLAIM_CODES.c.digest == digest, CLAIM_CODES.c.purpose == EDGE
    )
    code = connection.execute(chosen.with_for_update()).one_or_none()
    if code is None or code.compound != claiming.compound:
        message = "this code is not known here for this compound; ask the centre's operator for one"
        raise ClaimRefusedError(message)
    if stamp >= code.expires:
        message = "this code has expired; ask the centre's operator for a new one"
        raise ClaimRefusedError(message)
    if code.used_at is not None and code.edge != claiming.edge:
        message = "this code was used already; ask the centre's operator for a new one"
        raise ClaimRefusedError(message)
    connection.execute(
        update(CLAIM_CODES)
        .where(CLAIM_CODES.c.digest == digest)
        .values(edge=claiming.edge, used_at=stamp)
    )
