"""The keys to which phones seal face photos: made here, never sent anywhere, changed in time.

HPKE (RFC 9180), single shot: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. What is sealed
is bound to the compound, the photo and the resident.
"""

import os
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from edge.store.folder import sync_dir
from models.errors import StoreFault
from models.moment import Moment, Trust

RENEW_AFTER: Final = timedelta(days=90)
KEEP_OLD: Final = timedelta(days=7)
"""How long photos are still opened that were sealed before the key was changed."""
_SUITE: Final = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PRIVATE: Final = 0o600
_ID_LENGTH: Final = 16


class _Kept(msgspec.Struct, frozen=True):
    scalar: str
    made: datetime
    replaced: datetime | None = None


@dataclass(frozen=True, slots=True)
class PhotoKey:
    """The public half: an uncompressed point (65 bytes, hex), and its id."""

    point: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Sealed:
    """A photo as it came: the encapsulated key followed by the ciphertext, and whose it is."""

    photo_id: str
    resident_id: str
    key_id: str
    box: bytes


class PhotoKeys:
    """The keys in one file, 0600; safe to call from any thread."""

    def __init__(self, path: Path, compound: str) -> None:
        self._path = path
        self._compound = compound
        self._turn = threading.Lock()

    def current(self, now: Moment) -> PhotoKey:
        """Return the key to seal to, made now where there is none or the last one is old.

        Only a trusted clock ends a key. Raises StoreFault where the file cannot be used.
        """
        with self._turn:
            kept = self._read()
            fresh = _renewed(kept, now) if now.trust is Trust.TRUSTED or not kept else kept
            if fresh != kept:
                self._write(fresh)
            return _public(_key(fresh[0]))

    def change(self, now: Moment) -> PhotoKey:
        """Return a new key to seal to; the one before still opens for KEEP_OLD."""
        with self._turn:
            fresh = _changed(self._read(), now.utc)
            self._write(fresh)
            return _public(_key(fresh[0]))

    def opened(self, sealed: Sealed) -> bytes | None:
        """Return the photo, or None where no key here opens it for just that photo and resident.

        Raises StoreFault where the file cannot be read.
        """
        with self._turn:
            kept = self._read()
        names = (self._compound, sealed.photo_id, sealed.resident_id)
        info = b"kuahu photo 1\x00" + b"\x00".join(name.encode() for name in names)
        for private in map(_key, kept):
            if _public(private).key_id == sealed.key_id:
                try:
                    return _SUITE.decrypt(sealed.box, private, info)
                except (InvalidTag, ValueError):
                    return None
        return None

    def _read(self) -> tuple[_Kept, ...]:
        if not self._path.exists():
            return ()
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=tuple[_Kept, ...])
        except (OSError, msgspec.MsgspecError) as error:
            message = f"the photo keys in {self._path.name} cannot be read: {error}"
            advice = "Delete the file: phones get a new key, and photos on the way are asked again."
            raise StoreFault(message, part="store", advice=advice) from error

    def _write(self, kept: tuple[_Kept, ...]) -> None:
        replace_private(self._path, msgspec.json.encode(kept))


def replace_private(path: Path, content: bytes) -> None:
    """Put a file 0600 in the place of another, whole or not at all.

    Raises StoreFault where it cannot be written.
    """
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        with os.fdopen(os.open(half, flags, _PRIVATE), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        sync_dir(path.parent)
    except OSError as error:
        half.unlink(missing_ok=True)
        message = f"{path.name} cannot be written: {error}"
        raise StoreFault(message, part="store", advice="Look at the disk.") from error


def _renewed(kept: tuple[_Kept, ...], now: Moment) -> tuple[_Kept, ...]:
    if not kept or now.utc - kept[0].made > RENEW_AFTER:
        kept = _changed(kept, now.utc)
    return tuple(one for one in kept if one.replaced is None or now.utc - one.replaced <= KEEP_OLD)


def _changed(kept: tuple[_Kept, ...], at: datetime) -> tuple[_Kept, ...]:
    scalar = generate_private_key(SECP256R1()).private_numbers().private_value
    ended = (
        one if one.replaced is not None else msgspec.structs.replace(one, replaced=at)
        for one in kept
    )
    return (_Kept(f"{scalar:064x}", at), *ended)


def _key(kept: _Kept) -> EllipticCurvePrivateKey:
    return derive_private_key(int(kept.scalar, 16), SECP256R1())


def _public(private: EllipticCurvePrivateKey) -> PhotoKey:
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return PhotoKey(point.hex(), sha256(point).hexdigest()[:_ID_LENGTH])
