"""AES-256-GCM and the keys derived from the device key."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12


def lock_away(key: bytes, content: bytes, about: bytes) -> tuple[bytes, bytes]:
    """Return (nonce, box): `content` sealed under `key` and bound to `about`."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce, AESGCM(key).encrypt(nonce, content, about)


def take_out(key: bytes, nonce: bytes, box: bytes, about: bytes) -> bytes | None:
    """Return what `lock_away` sealed, or None for a wrong key, another `about` or a changed box."""
    try:
        return AESGCM(key).decrypt(nonce, box, about)
    except (InvalidTag, ValueError):
        return None


def derived(device: bytes, purpose: str, salt: bytes = b"") -> bytes:
    """Return the 32-byte key for one purpose (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), KEY_BYTES, salt, f"kuahu {purpose}".encode()).derive(device)
