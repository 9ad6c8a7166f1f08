"""The visitor pass as text: what a QR code holds, and what a genuine one says (docs/pass.md).

Pure: no clock, no store. A token is read with public keys only, in this order: length, alphabet,
shape, key, signature, contents; so nothing that is not signed reaches a parser of contents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import base45
import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from models.lane import MAX_LANE
from models.visit import Claims, CodeFault, PassKind

PublicKey = Ed25519PublicKey
PrivateKey = Ed25519PrivateKey

PREFIX: Final = "KH1:"
MAX_PAYLOAD: Final = 67
"""Bytes of CBOR; what keeps the QR code at version 8-M."""
MAX_TOKEN: Final = 214
"""Characters: the prefix and the base45 of kid, signature, longest payload and rotation tag."""
MAX_KID: Final = 255
MAX_USES: Final = 65_535

_ALPHABET: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_DOMAIN: Final = b"kuahu pass 1\x00"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
_SIGNATURE: Final = 64
_TAG: Final = 8
_UINT32: Final = 2**32 - 1

# Keys of the CBOR map, in the order in which they are written.
_PASS_ID, _HOST, _COMPOUND, _LANES, _NOT_BEFORE, _LIFETIME, _USES, _KIND, _FLAGS = range(1, 10)
_ROTATING: Final = 1
_KIND_NUMBER: Final = {PassKind.SINGLE: 1, PassKind.WINDOW: 2}
_KIND_OF: Final = {number: kind for kind, number in _KIND_NUMBER.items()}
_ID_BYTES: Final = {_PASS_ID: 16, _HOST: 8, _COMPOUND: 4}


@dataclass(frozen=True, slots=True)
class _Parts:
    """The bytes of a token, cut apart and believed in no way."""

    kid: int
    signature: bytes
    rest: bytes


def mint(claims: Claims, private_key: PrivateKey) -> str:
    """Return the token that says `claims`, signed as key `claims.kid`.

    Raises ValueError where the claims do not fit a token: an identity that is not lower-case hex
    of its length, a time without zone or not in whole seconds of 1970 to 2106, a lane, use count
    or kid out of range, a single pass of several uses, or a rotating pass, which no issuer makes
    yet.
    """
    if claims.rotating:
        message = "a rotating pass needs a tag of the moment, which no issuer makes yet"
        raise ValueError(message)
    if not 0 <= claims.kid <= MAX_KID:
        message = f"kid {claims.kid} is not within 0 to {MAX_KID}"
        raise ValueError(message)
    payload = _payload(claims)
    signature = private_key.sign(_signed_text(claims.kid, payload))
    text: bytes = base45.b45encode(bytes([claims.kid]) + signature + payload)
    return PREFIX + text.decode("ascii")


def read(token: str, keys: Mapping[int, PublicKey]) -> Claims | CodeFault:
    """Return what a genuine token says, or the one fault that shows it is none.

    Total: every string has an answer. `keys` maps kid to public key. A rotating pass is answered
    STALE_CODE even when its signature is good, because this reader cannot check the tag of the
    moment and a still picture of one must open nothing.
    """
    if len(token) > MAX_TOKEN:
        return CodeFault.TOO_LONG
    if not _ALPHABET.issuperset(token):
        return CodeFault.WRONG_ALPHABET
    parts = _cut(token)
    if parts is None:
        return CodeFault.MALFORMED
    key = keys.get(parts.kid)
    return CodeFault.UNKNOWN_KEY if key is None else _believed(parts, key)


def _believed(parts: _Parts, key: PublicKey) -> Claims | CodeFault:
    """Return what the parts say once `key` vouches for them, with or without a rotation tag.

    Only the signed flag says whether a tag follows, so the signature is tried on both cuts before
    a byte of the contents is parsed.
    """
    tagged = False
    payload = parts.rest
    if not _genuine(parts, payload, key):
        tagged = True
        payload = parts.rest[:-_TAG]
        if not _genuine(parts, payload, key):
            return CodeFault.FORGED
    claims = _claims(payload, parts.kid)
    # A tag that was cut off, or put behind a pass that has none, was put so by hand.
    if claims is None or claims.rotating != tagged:
        return CodeFault.MALFORMED
    return CodeFault.STALE_CODE if tagged else claims


def _cut(token: str) -> _Parts | None:
    if not token.startswith(PREFIX):
        return None
    try:
        raw = base45.b45decode(token.removeprefix(PREFIX).encode("ascii"))
    except ValueError:
        return None
    if not 1 + _SIGNATURE < len(raw) <= 1 + _SIGNATURE + MAX_PAYLOAD + _TAG:
        return None
    return _Parts(raw[0], raw[1 : 1 + _SIGNATURE], raw[1 + _SIGNATURE :])


def _signed_text(kid: int, payload: bytes) -> bytes:
    return _DOMAIN + bytes([kid]) + payload


def _genuine(parts: _Parts, payload: bytes, key: PublicKey) -> bool:
    try:
        key.verify(parts.signature, _signed_text(parts.kid, payload))
    except InvalidSignature:
        return False
    return True


def _payload(claims: Claims) -> bytes:
    """Return the one encoding of `claims`; raises ValueError where they do not fit it."""
    if claims.not_before.tzinfo is None or claims.expires.tzinfo is None:
        message = "a pass's times need a time zone"
        raise ValueError(message)
    not_before = _seconds(claims.not_before - _EPOCH)
    lifetime = _seconds(claims.expires - claims.not_before)
    ranges = (
        ("the start, in seconds since 1970,", not_before, 0, _UINT32),
        ("the time from start to expiry, in seconds,", lifetime, 1, _UINT32),
        ("uses", claims.uses, 1, 1 if claims.kind is PassKind.SINGLE else MAX_USES),
        *(("a lane number", lane, 1, MAX_LANE) for lane in claims.lanes),
    )
    for name, value, low, high in ranges:
        if not low <= value <= high:
            message = f"{name} is {value}, not within {low} to {high}"
            raise ValueError(message)
    fields: dict[int, int | bytes] = {
        _PASS_ID: _identity(claims.pass_id, _PASS_ID),
        _HOST: _identity(claims.host, _HOST),
        _COMPOUND: _identity(claims.compound, _COMPOUND),
        _LANES: sum(1 << lane for lane in claims.lanes),
        _NOT_BEFORE: not_before,
        _LIFETIME: lifetime,
        _USES: claims.uses,
        _KIND: _KIND_NUMBER[claims.kind],
    }
    if claims.rotating:
        fields[_FLAGS] = _ROTATING
    return cbor2.dumps(fields, canonical=True)


def _identity(text: str, field: int) -> bytes:
    raw = bytes.fromhex(text)
    if len(raw) != _ID_BYTES[field] or raw.hex() != text:
        message = f"{text!r} is not {_ID_BYTES[field]} bytes in lower-case hex"
        raise ValueError(message)
    return raw


def _seconds(span: timedelta) -> int:
    if span % _SECOND:
        message = f"{span} is not whole seconds; a pass counts in those"
        raise ValueError(message)
    return span // _SECOND


def _claims(payload: bytes, kid: int) -> Claims | None:
    """Return the claims that `payload` is the one encoding of, or None.

    Encoding the answer again and comparing bytes is what refuses every other spelling: doubled or
    unknown keys, longer integers, another order, trailing bytes, a value out of its range.
    """
    if len(payload) > MAX_PAYLOAD:
        return None
    try:
        said = cbor2.loads(payload, max_depth=2, allow_indefinite=False, allow_duplicate_keys=False)
    except cbor2.CBORDecodeError:
        return None
    if type(said) is not dict:
        return None
    try:
        claims = _claims_of(said, kid)
        again = _payload(claims)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return claims if again == payload else None


def _claims_of(said: dict[object, object], kid: int) -> Claims:
    mask = _number(said[_LANES])
    not_before = _EPOCH + timedelta(seconds=_number(said[_NOT_BEFORE]))
    return Claims(
        pass_id=_bytes(said[_PASS_ID]).hex(),
        host=_bytes(said[_HOST]).hex(),
        compound=_bytes(said[_COMPOUND]).hex(),
        lanes=frozenset(bit for bit in range(mask.bit_length()) if mask >> bit & 1),
        not_before=not_before,
        expires=not_before + timedelta(seconds=_number(said[_LIFETIME])),
        uses=_number(said[_USES]),
        kind=_KIND_OF[_number(said[_KIND])],
        kid=kid,
        rotating=_number(said.get(_FLAGS, 0)) == _ROTATING,
    )


def _number(value: object) -> int:
    if type(value) is not int:
        message = f"{value!r} is no whole number"
        raise TypeError(message)
    return value


def _bytes(value: object) -> bytes:
    if type(value) is not bytes:
        message = f"{value!r} is no byte string"
        raise TypeError(message)
    return value
