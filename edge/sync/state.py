"""How the way up is doing, for the health page."""

from dataclasses import dataclass
from datetime import datetime


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
