"""Passwords: hashed with argon2id (RFC 9106), which is slow on purpose; the one user of argon2."""

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 10
LONGEST = 128

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the argon2id string that is kept in a password's place."""
    return _HASHER.hash(password)


def fits(password_hash: str, password: str) -> bool:
    """Return whether `password` is the one that `password_hash` was made of."""
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
