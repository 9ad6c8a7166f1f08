"""A tally: how often each of a few words happened since this process began."""

import threading
from collections import Counter

Words = tuple[str, ...]
Counts = tuple[tuple[Words, int], ...]
"""How often each, in the order of the words."""


class Tally:
    """Counts words of bounded sets; any thread may count, any may read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Words] = Counter()

    def count(self, *words: str) -> None:
        """Count these words once more."""
        with self._lock:
            self._counts[words] += 1

    @property
    def counts(self) -> Counts:
        """How often each was counted, as it is now."""
        with self._lock:
            return tuple(sorted(self._counts.items()))
