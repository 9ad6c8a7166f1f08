"""A standing order: what a named guard wants of one lane until a guard ends it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Standing(StrEnum):
    """What can stand."""

    LOCK_DOWN = "lock_down"
    """Nobody passes but by a guard's hand, not even on the way out; never over a fire input."""
    HOLD_OPEN = "hold_open"
    """The barrier is opened and never closed by us."""


ENDED = "order_ended"
"""The word under which the end of either is journaled, and the answer to the guard who ended it."""
ORDERED = "ordered"
"""The answer to a guard whose order stands."""


@dataclass(frozen=True, slots=True)
class Order:
    """What stands at a lane: by whom, why in the guard's words, and since when (UTC)."""

    lane: int
    what: Standing
    guard: str
    why: str
    since: datetime
