"""The letterbox: the store's letters as the way up sends them, a load at a time."""

from collections.abc import Sequence

from edge.store.exchange import Exchange
from edge.store.words import Backlog
from edge.sync.mailbox import Letter
from edge.sync.ports import Key

MOST_BYTES = 700_000
"""Of one load; the centre takes 1 MiB at once, and a single letter has less than this."""


class Letterbox:
    """Letters that wait, in order of number. Safe to call from a thread of its own."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def outbox(self, limit: int) -> tuple[Letter, ...]:
        """Return up to `limit` letters that fit into one load; the first one always does."""
        load: list[Letter] = []
        size = 0
        for row in self._exchange.letters(limit):
            size += len(row.body)
            if load and size > MOST_BYTES:
                break
            load.append(Letter(row.number, row.kind, row.body))
        return tuple(load)

    def acknowledge(self, keys: Sequence[Key]) -> None:
        """Let letters go that the centre has proved to hold."""
        self._exchange.let_go([number for _, number in keys])

    def quarantine(self, key: Key, why: str) -> None:
        """Set a letter aside that the centre will not take."""
        self._exchange.put_aside(key[1], why)

    def backlog(self) -> Backlog:
        """Return how many letters wait and lie aside."""
        return self._exchange.letter_backlog()
