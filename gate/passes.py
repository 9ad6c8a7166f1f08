"""The visitor pass as text: what a QR code holds, and what a genuine one says (docs/pass.md).

Pure: no clock, no store. A token is read with public keys only, in this order: length, alphabet,
shape, key, signature, contents; so nothing that is not signed reaches a parser of contents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import base45
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gate.pass_contents import MAX_PAYLOAD, claims_in, payload_of
from gate.rotation import TAG_BYTES, Rotation, inner_key, is_fresh, tag_of
from models.moment import Trust
from models.visit import Claims, CodeFault

PublicKey = Ed25519PublicKey
PrivateKey = Ed25519PrivateKey

PREFIX: Final = "KH1:"
MAX_TOKEN: Final = 214
"""Characters: the prefix and the base45 of kid, signature, longest payload and rotation tag."""
MAX_KID: Final = 255

_ALPHABET: Final = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_DOMAIN: Final = b"kuahu pass 1\x00"
_SIGNATURE: Final = 64


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
    or kid out of range, a single visit of several uses, or a rotating pass, which no text that
    stands still can be.
    """
    if claims.rotating:
        message = "a rotating pass needs a tag of the moment: mint it without one, then add that"
        raise ValueError(message)
    return _minted(claims, private_key)


def mint_rotating(claims: Claims, private_key: PrivateKey) -> str:
    """Return the token of a rotating pass without its tag, which by itself opens nothing.

    Raises ValueError like `mint`, and where the claims are not of a rotating pass.
    """
    if not claims.rotating:
        message = "this pass does not rotate: mint it whole"
        raise ValueError(message)
    return _minted(claims, private_key)


def with_tag(untagged: str, inner: bytes, step: int) -> str:
    """Return the rotating token of one step: what `mint_rotating` made, its tag behind it.

    `inner` is the pass's inner key (`gate.rotation`). Raises ValueError where `untagged` is no
    token.
    """
    parts = _cut(untagged)
    if parts is None:
        message = "what is to get a tag is no token"
        raise ValueError(message)
    return _text(parts.kid, parts.signature, parts.rest + tag_of(inner, step))


def _minted(claims: Claims, private_key: PrivateKey) -> str:
    if not 0 <= claims.kid <= MAX_KID:
        message = f"kid {claims.kid} is not within 0 to {MAX_KID}"
        raise ValueError(message)
    payload = payload_of(claims)
    return _text(claims.kid, private_key.sign(_signed_text(claims.kid, payload)), payload)


def _text(kid: int, signature: bytes, rest: bytes) -> str:
    text: bytes = base45.b45encode(bytes([kid]) + signature + rest)
    return PREFIX + text.decode("ascii")


def read(
    token: str, keys: Mapping[int, PublicKey], rotation: Rotation | None = None
) -> Claims | CodeFault:
    """Return what a genuine token says, or the one fault that shows it is none.

    Total: every string has an answer. `keys` maps kid to public key. A rotating pass must carry
    the tag of the moment in `rotation` or of a step beside it, else it is STALE_CODE; so it is
    where there is nothing to check it against, for a still picture of one must open nothing. With
    a clock that is not trusted the answer is CLOCK.
    """
    if len(token) > MAX_TOKEN:
        return CodeFault.TOO_LONG
    if not _ALPHABET.issuperset(token):
        return CodeFault.WRONG_ALPHABET
    parts = _cut(token)
    if parts is None:
        return CodeFault.MALFORMED
    key = keys.get(parts.kid)
    return CodeFault.UNKNOWN_KEY if key is None else _believed(parts, key, rotation)


def _believed(parts: _Parts, key: PublicKey, rotation: Rotation | None) -> Claims | CodeFault:
    """Return what the parts say once `key` vouches for them, with or without a rotation tag.

    Only the signed flag says whether a tag follows, so the signature is tried on both cuts before
    a byte of the contents is parsed.
    """
    tagged = False
    payload = parts.rest
    if not _genuine(parts, payload, key):
        tagged = True
        payload = parts.rest[:-TAG_BYTES]
        if not _genuine(parts, payload, key):
            return CodeFault.FORGED
    claims = claims_in(payload, parts.kid)
    # A tag that was cut off, or put behind a pass that has none, was put so by hand.
    if claims is None or claims.rotating != tagged:
        return CodeFault.MALFORMED
    return _of_now(claims, parts.rest[-TAG_BYTES:], rotation) if tagged else claims


def _of_now(claims: Claims, tag: bytes, rotation: Rotation | None) -> Claims | CodeFault:
    if rotation is None or rotation.key is None:
        return CodeFault.STALE_CODE
    if rotation.now.trust is not Trust.TRUSTED:
        return CodeFault.CLOCK
    fresh = is_fresh(tag, inner_key(rotation.key, claims.pass_id), rotation.now.utc)
    return claims if fresh else CodeFault.STALE_CODE


def _cut(token: str) -> _Parts | None:
    if not token.startswith(PREFIX):
        return None
    try:
        raw = base45.b45decode(token.removeprefix(PREFIX).encode("ascii"))
    except ValueError:
        return None
    if not 1 + _SIGNATURE < len(raw) <= 1 + _SIGNATURE + MAX_PAYLOAD + TAG_BYTES:
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
