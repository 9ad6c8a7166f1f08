"""A compound's keys at the centre: the one that signs its passes, and the one behind its tags.

Both are derived of the centre's secret, by compound and number; the database holds public keys.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from central.feed import tell
from central.moments import microseconds
from central.passes.secret import Secret
from central.passes.tables import PASS_KEYS, PASS_RINGS
from central.tables import COMPOUNDS
from gate.passes import MAX_KID, PrivateKey
from models.errors import InputError
from models.feed import PassKey, RotationKey

FIRST_KID: Final = 128
"""The first kid of a centre's keys, and MAX_KID the last; below them are those of desks."""


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys that a compound's new passes are made with."""

    compound: str
    kid: int
    rotation: int
    """How often the rotation key was renewed."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys themselves, for as long as one pass is written."""

    private: PrivateKey = field(repr=False)
    rotation: bytes = field(repr=False)


def keys_of(secret: Secret, ring: Ring) -> Keys:
    """Return the keys that `ring` names."""
    return Keys(
        PrivateKey.from_private_bytes(secret.derive("pass key", ring.compound, ring.kid)),
        secret.derive("pass rotation", ring.compound, ring.rotation),
    )


def ring_of(connection: Connection, secret: Secret, compound: str, now: datetime) -> Ring:
    """Return the compound's ring, made and told to its gates where it has none yet.

    Holds off every other maker of passes for this compound until the transaction ends. Raises
    InputError where there is no such compound.
    """
    _hold(connection, compound)
    row = connection.execute(select(PASS_RINGS).where(PASS_RINGS.c.compound == compound)).first()
    if row is not None:
        return Ring(compound, row.kid, row.rotation)
    ring = Ring(compound, FIRST_KID, 0)
    connection.execute(
        insert(PASS_RINGS), {"compound": compound, "kid": ring.kid, "rotation": ring.rotation}
    )
    _announce(connection, secret, ring, now)
    tell(connection, compound, RotationKey(keys_of(secret, ring).rotation.hex()))
    return ring


def rotation_of(connection: Connection, compound: str) -> int:
    """Return how often the compound's rotation key was renewed; 0 where it has none."""
    chosen = select(PASS_RINGS.c.rotation).where(PASS_RINGS.c.compound == compound)
    return int(connection.execute(chosen).scalar_one_or_none() or 0)


def renew(connection: Connection, secret: Secret, compound: str, now: datetime) -> Ring:
    """Sign new passes of `compound` with another key; passes that are out stay good.

    Raises InputError where there is no such compound or all kids of a centre have been used.
    """
    old = ring_of(connection, secret, compound, now)
    if old.kid >= MAX_KID:
        message = f"compound {compound} has used all key numbers of a centre, up to {MAX_KID}"
        raise InputError(message)
    ring = Ring(compound, old.kid + 1, old.rotation)
    _keep(connection, ring)
    _announce(connection, secret, ring, now)
    return ring


def renew_rotation(connection: Connection, secret: Secret, compound: str, now: datetime) -> Ring:
    """Make another rotation key for `compound`: pages that are open must be opened again."""
    old = ring_of(connection, secret, compound, now)
    ring = Ring(compound, old.kid, old.rotation + 1)
    _keep(connection, ring)
    tell(connection, compound, RotationKey(keys_of(secret, ring).rotation.hex()))
    return ring


def retire(connection: Connection, compound: str, kid: int, now: datetime) -> None:
    """Take a key's public half back from the gates, and with it every pass that it signed.

    Raises InputError where the compound has no such key in use, or signs with it.
    """
    _hold(connection, compound)
    mine = (PASS_KEYS.c.compound == compound) & (PASS_KEYS.c.kid == kid)
    live = connection.execute(
        select(PASS_KEYS.c.kid).where(mine, PASS_KEYS.c.retired_at.is_(None))
    ).first()
    if live is None:
        message = f"compound {compound} has no key {kid} in use"
        raise InputError(message)
    signing = select(PASS_RINGS.c.kid).where(PASS_RINGS.c.compound == compound)
    if connection.execute(signing).scalar_one() == kid:
        message = f"key {kid} signs the new passes of {compound}; renew it first, then retire it"
        raise InputError(message)
    connection.execute(update(PASS_KEYS).where(mine).values(retired_at=microseconds(now)))
    tell(connection, compound, PassKey(kid, None))


def _hold(connection: Connection, compound: str) -> None:
    """Lock the row that the compound's feed is numbered under: one order of locks for everybody."""
    held = select(COMPOUNDS.c.compound).where(COMPOUNDS.c.compound == compound).with_for_update()
    if connection.execute(held).first() is None:
        message = f"this centre has no compound {compound}"
        raise InputError(message)


def _keep(connection: Connection, ring: Ring) -> None:
    connection.execute(
        update(PASS_RINGS)
        .where(PASS_RINGS.c.compound == ring.compound)
        .values(kid=ring.kid, rotation=ring.rotation)
    )


def _announce(connection: Connection, secret: Secret, ring: Ring, now: datetime) -> None:
    public = keys_of(secret, ring).private.public_key()
    ed25519 = public.public_bytes_raw().hex()
    connection.execute(
        insert(PASS_KEYS),
        {
            "compound": ring.compound,
            "kid": ring.kid,
            "ed25519": ed25519,
            "made_at": microseconds(now),
        },
    )
    tell(connection, ring.compound, PassKey(ring.kid, ed25519))
