"""How the way up is doing, for the health page."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Answered(StrEnum):
    """What the centre last answered."""

    NONE = "none"
    """It was not asked yet."""
    TAKEN = "taken"
    BUSY = "busy"
    """429: it is to be asked later."""
    STRANGER = "stranger"
    """401 or 403: it does not accept this compound's claim."""
    REFUSED = "refused"
    """Another 4xx."""
    FAILING = "failing"
    """5xx, or anything else that is no answer of a centre."""
    NOTHING_STORED = "nothing_stored"
    """200, and nothing of what was sent is called safe."""
    UNREACHED = "unreached"
    """No answer came, or it was none of a centre."""


@dataclass(frozen=True, slots=True)
class SyncState:
    """`connected` after an answer that could be believed, until one fails.

    `waiting` events have not been proved to be at the centre; `last_proof` is when an answer was
    last believed, by this machine's clock; `complaint` says in words what is wrong, if anything.
    """

    connected: bool = False
    waiting: int = 0
    last_proof: datetime | None = None
    complaint: str | None = None
    answer: Answered = Answered.NONE


_BUSY = 429
_STRANGER = frozenset({401, 403})
_CLIENT = range(400, 500)


def answer_of(status: int) -> Answered:
    """Return what a refusal with this HTTP status is called."""
    if status == _BUSY:
        return Answered.BUSY
    if status in _STRANGER:
        return Answered.STRANGER
    return Answered.REFUSED if status in _CLIENT else Answered.FAILING
