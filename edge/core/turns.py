"""Turns: whether every loop that core promises goes round."""

from collections.abc import Callable, Mapping

from edge.lane import LaneKeeper


class Turns:
    """Whether every loop has turned since it was last asked."""

    def __init__(
        self, keepers: Mapping[int, LaneKeeper], loops: tuple[Callable[[], int], ...]
    ) -> None:
        self._read: tuple[Callable[[], int], ...] = (
            *(lambda keeper=keeper: keeper.turns for keeper in keepers.values()),
            *loops,
        )
        self._last = tuple(-1 for _ in self._read)

    def all_moved(self) -> bool:
        """Return whether each one has turned."""
        now = tuple(read() for read in self._read)
        moved = all(new != old for new, old in zip(now, self._last, strict=True))
        if moved:
            self._last = now
        return moved
