"""A pass: a temporary right of entry, and what the gate knows of its uses."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.lane import Direction


class PassKind(StrEnum):
    """What a pass is good for."""

    SINGLE = "single"
    """One way in and one way out."""
    WINDOW = "window"
    """As often as `uses` says within its time."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a genuine pass says of itself; nothing of it is about now."""

    pass_id: str
    host: str
    compound: str
    lanes: frozenset[int]
    """The lanes it opens; empty means every lane of the compound."""
    not_before: datetime
    expires: datetime
    uses: int
    kind: PassKind
    kid: int
    rotating: bool = False


class CodeFault(StrEnum):
    """Why a code is no pass, found before any database is touched."""

    MALFORMED = "malformed"
    TOO_LONG = "too_long"
    WRONG_ALPHABET = "wrong_alphabet"
    UNKNOWN_KEY = "unknown_key"
    FORGED = "forged"
    STALE_CODE = "stale_code"


class UseState(StrEnum):
    """How far one use of a pass got."""

    OPEN = "open"
    """Decided and commanded; no answer yet."""
    SPENT = "spent"
    """The barrier opened, and nothing says that nobody went through."""
    RETURNED = "returned"
    """The relay refused, timed out or is unknown, or the sensors saw nobody pass."""


@dataclass(frozen=True, slots=True)
class PassUse:
    """One use of a pass at one lane, in one direction."""

    number: int
    lane: int
    direction: Direction
    state: UseState
    at_mono: float | None
    """When it was decided; None for a use made before this start of the machine."""
    tries: int
