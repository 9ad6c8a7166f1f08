"""The seal: what this site signs so that a browser can carry it and not change it."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from itsdangerous import BadSignature, URLSafeSerializer

from models.errors import StoreFault

SECRET_FILE = "web.secret"  # noqa: S105 - a file's name
_LENGTH = 32


class Seal:
    """Signs cookies, form tokens and lane keys with one secret."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, purpose: str, value: object) -> str:
        """Return `value` (plain JSON) as text that nobody can change or use for another purpose."""
        return self._serializer(purpose).dumps(value)

    def read(self, purpose: str, text: str) -> object | None:
        """Return what was signed for `purpose`, or None when we never signed this."""
        try:
            value: object = self._serializer(purpose).loads(text)
        except BadSignature:
            return None
        return value

    def token(self, nonce: str) -> str:
        """Return the form token that belongs to a browser's `nonce`."""
        return self._mac(f"form {nonce}")

    def lane_key(self, number: int, generation: int = 0) -> str:
        """Return the key that makes a device lane `number`'s screen, one for each generation."""
        return self._mac(f"lane {number} {generation}")

    def fingerprint(self, text: str) -> str:
        """Return a short mark of `text` that tells nothing else about it."""
        return self._mac(f"mark {text}")[:16]

    def _mac(self, text: str) -> str:
        return hmac.new(self._secret, text.encode(), hashlib.sha256).hexdigest()[:32]

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        kinds = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
        return URLSafeSerializer(self._secret, salt=purpose, signer_kwargs=kinds)


def same(one: str, other: str) -> bool:
    """Return whether two secrets are equal, in time that tells nothing."""
    return hmac.compare_digest(one.encode(), other.encode())


def open_secret(folder: Path) -> bytes:
    """Return the site's web secret, 32 bytes, made once in `folder` and open to this user only.

    Raises StoreFault when it can neither be read nor made.
    """
    path = folder / SECRET_FILE
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_LENGTH))
    except FileExistsError:
        pass
    except OSError as error:
        message = f"cannot make {path}: {error}"
        raise StoreFault(message, part="web", advice="see whether the disk is full") from error
    try:
        secret = path.read_bytes()
    except OSError as error:
        message = f"cannot read {path}: {error}"
        raise StoreFault(message, part="web", advice="give it back to the daemon's user") from error
    if len(secret) != _LENGTH:
        message = f"{path} is damaged: {len(secret)} bytes where {_LENGTH} are expected"
        advice = (
            "delete it; everyone logs in again, and lane screens are opened from the desk again"
        )
        raise StoreFault(message, part="web", advice=advice)
    return secret
