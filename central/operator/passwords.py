"""Staff passwords: hashed with argon2id (RFC 9106), slow on purpose, one at a time."""

import threading
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 10
LONGEST: Final = 128

_HASHER: Final = PasswordHasher()
_TURN: Final = threading.Lock()
"""A hash takes 64 MiB and most of a core; many at once would stop the edges' work."""


def hash_password(password: str) -> str:
    """Return the argon2id string that is kept in a password's place."""
    with _TURN:
        return _HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Return whether `password` is the one; as slow where there is no account at all."""
    kept = password_hash or _decoy()
    with _TURN:
        try:
            return _HASHER.verify(kept, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _decoy() -> str:
    return hash_password("nobody's password")
