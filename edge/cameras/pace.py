"""Showing recorded pictures at their own pace, by the monotonic clock."""

from collections.abc import Callable

BEHIND = 0.5
"""Seconds behind its own times at which a showing gives up catching up."""


class Pace:
    """Waits until each picture's time has come; `wait` sleeps for some seconds."""

    def __init__(self, clock: Callable[[], float], wait: Callable[[float], object]) -> None:
        self._clock = clock
        self._wait = wait
        self._zero: float | None = None

    def until(self, stamp: float) -> float:
        """Wait for the time of `stamp` (seconds of the recording) and return when it was due.

        A showing that has fallen half a second behind goes on from now, since nobody wants to see
        the missing time at double speed.
        """
        now = self._clock()
        if self._zero is None or now - (self._zero + stamp) > BEHIND:
            self._zero = now - stamp
        due = self._zero + stamp
        if due > now:
            self._wait(due - now)
        return due

    def again(self) -> None:
        """Let the recording's next stamp be shown at once."""
        self._zero = None
