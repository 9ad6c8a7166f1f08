"""A user: someone of the staff who logs in at the guard's desk."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a user may do."""

    GUARD = "guard"
    """Sees the lanes and the log, opens by hand, calls and answers."""
    MANAGER = "manager"
    """May also change the register, the passes and the users."""


@dataclass(frozen=True, slots=True)
class User:
    """A login of the guard's desk; `password_hash` is an argon2id string and never leaves core."""

    name: str
    role: Role
    password_hash: str
