"""What the way up needs of the store. The store satisfies this by shape."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

Key = tuple[str, int]
"""Which event: journal and sequence number."""


class Row(Protocol):
    """Something that waits to be sent: an event or a letter."""

    @property
    def journal(self) -> str:
        """Return what numbered it: for an event the random id of the journal file, in hex."""

    @property
    def seq(self) -> int:
        """Return its number there, 1 or more."""


class OutboxRow(Row, Protocol):
    """One event that the centre has not yet proved to have."""

    @property
    def row_hash(self) -> str:
        """Return the hash of its journal row: 64 hex digits."""

    @property
    def at(self) -> datetime:
        """Return when it happened, aware; never rewritten on the way."""

    @property
    def kind(self) -> str:
        """Return what sort of thing happened (models/event.py)."""

    @property
    def lane(self) -> int | None:
        """Return the lane where it happened, if at one."""

    @property
    def body(self) -> bytes:
        """Return the rest of it as one JSON object in UTF-8."""


class Backlog(Protocol):
    """How much waits."""

    @property
    def waiting(self) -> int:
        """Return how many events wait, those put aside not counted."""


class Outbox(Protocol):
    """What waits, in the store. Safe to call from a thread of its own.

    Each method raises StoreFault where the store cannot be read or written; the caller waits and
    asks again.
    """

    def outbox(self, limit: int) -> Sequence[Row]:
        """Return up to `limit` rows that wait, the most urgent first, in the same order each time.

        A row that was acknowledged or quarantined is not among them.
        """

    def acknowledge(self, keys: Sequence[Key]) -> None:
        """Let these go: the centre has proved that it holds them. Unknown keys mean nothing."""

    def quarantine(self, key: Key, why: str) -> None:
        """Set this one aside, kept and shown with `why`, so that it holds nobody up."""

    def backlog(self) -> Backlog:
        """Return how much waits."""
