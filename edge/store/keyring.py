"""The keyring: one key for each face, wrapped by the device key, and the tombstones."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store.body import clock_text
from edge.store.sealing import KEY_BYTES, derived, lock_away, take_out
from edge.store.tables import erased, key, seal
from models.errors import StoreFault

FACE = "face"
RESIDENT = "resident"
VEHICLE = "vehicle"
CARD = "card"
_PURPOSE = "keyring"
_PROOF = b"this keyring belongs to this device key"


def prove(connection: Connection, device: bytes) -> None:
    """Check that the device key opens this keyring; the first call seals the proof.

    Raises StoreFault when the keyring belongs to another device key.
    """
    wrap = derived(device, _PURPOSE)
    row = connection.execute(select(seal)).first()
    if row is None:
        nonce, box = lock_away(wrap, _PROOF, b"seal")
        connection.execute(insert(seal), {"id": 1, "nonce": nonce, "box": box})
        return
    if take_out(wrap, row.nonce, row.box, b"seal") != _PROOF:
        message = "keyring/device.key does not belong to keyring/keyring.db"
        advice = "Put both back from the same copy; without them no template can be read."
        raise StoreFault(message, part="store", advice=advice)


def new_key(connection: Connection, device: bytes, face: str) -> bytes:
    """Return a new 32-byte key for a face, wrapped and kept."""
    fresh = secrets.token_bytes(KEY_BYTES)
    nonce, box = lock_away(derived(device, _PURPOSE), fresh, face.encode())
    connection.execute(insert(key), {"face": face, "nonce": nonce, "box": box})
    return fresh


def all_keys(connection: Connection, device: bytes) -> dict[str, bytes]:
    """Return every key that the device key opens, by face."""
    wrap = derived(device, _PURPOSE)
    found: dict[str, bytes] = {}
    for row in connection.execute(select(key)):
        opened = take_out(wrap, row.nonce, row.box, row.face.encode())
        if opened is not None:
            found[row.face] = opened
    return found


def destroy(connection: Connection, face: str) -> None:
    """Delete a face's key: its templates can never be read again."""
    connection.execute(delete(key).where(key.c.face == face))


def bury(connection: Connection, kind: str, gone: str, at: datetime) -> None:
    """Write a tombstone, which outlives every restored backup."""
    values = {"id": gone, "kind": kind, "at": clock_text(at)}
    connection.execute(upsert(erased).values(values).on_conflict_do_nothing())


def buried(connection: Connection) -> dict[str, str]:
    """Return the kind of each tombstone by the id that it buries."""
    return {row.id: row.kind for row in connection.execute(select(erased))}
