"""A mailbox of one: the newest value wins, and what nobody took is counted."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """Holds at most one value; safe between threads.

    `bell` is set at every put, so that one reader can wait for many mailboxes at once.
    """

    def __init__(self, bell: threading.Event | None = None) -> None:
        self._bell = bell
        self._turn = threading.Condition()
        self._value: T | None = None
        self._dropped = 0

    @property
    def dropped(self) -> int:
        """How many values were overwritten before anyone took them."""
        return self._dropped

    def put(self, value: T) -> None:
        """Put `value` in the place of whatever is there."""
        with self._turn:
            if self._value is not None:
                self._dropped += 1
            self._value = value
            self._turn.notify()
        if self._bell is not None:
            self._bell.set()

    def take(self, timeout: float = 0.0) -> T | None:
        """Return the newest value and empty the mailbox, or None if none comes in `timeout` s."""
        with self._turn:
            if self._value is None and timeout > 0:
                self._turn.wait_for(lambda: self._value is not None, timeout)
            value, self._value = self._value, None
            return value
