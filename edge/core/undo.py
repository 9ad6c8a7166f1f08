"""What each of the desk changed last, for the ten minutes in which it can be taken back.

It is held in memory and nowhere else: what was erased from the files must not wait on a disk, or in
a backup, to be brought back. A restart ends it.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from models.errors import InputError
from models.moment import Moment

LASTS = 600.0
"""Seconds of CLOCK_MONOTONIC."""
_MOST = 64


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `person` and `vehicle` are the ids of whom and what it speaks, where any.

    `take_back` undoes it for whoever asks and returns what they should know; None where a change
    cannot be taken back.
    """

    what: str
    about: str
    take_back: Callable[[Moment, str], str] | None = None
    person: str = ""
    vehicle: str = ""


class LastChanges:
    """Each person's last change; safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[Change, float]] = {}

    def keep(self, by: str, change: Change, now: Moment) -> None:
        """Remember what `by` has just changed, in place of what was before."""
        with self._lock:
            self._sweep(now)
            self._kept.pop(by, None)
            self._kept[by] = (change, now.mono)
            while len(self._kept) > _MOST:
                self._kept.pop(next(iter(self._kept)))

    def forget(self, who: str) -> None:
        """Drop every change that speaks of a resident or vehicle who has been erased."""
        with self._lock:
            self._kept = {
                by: (change, at)
                for by, (change, at) in self._kept.items()
                if who not in {change.person, change.vehicle}
            }

    def last(self, by: str, now: Moment) -> tuple[Change, int] | None:
        """Return what `by` changed last and for how many seconds it can be taken back, or None."""
        with self._lock:
            self._sweep(now)
            found = self._kept.get(by)
        if found is None:
            return None
        change, at = found
        return change, max(1, int(LASTS - (now.mono - at))) if change.take_back else 0

    def take(self, by: str, now: Moment) -> Change:
        """Return what `by` changed last, which nobody takes back a second time.

        Raises InputError in words where there is nothing, or nothing that can be taken back.
        """
        with self._lock:
            self._sweep(now)
            found = self._kept.get(by)
            if found is None:
                message = "there is nothing to undo: a change can be taken back for ten minutes"
                raise InputError(message, "nothing_to_undo")
            if found[0].take_back is None:
                message = "this cannot be undone: what was erased or ended for good stays so"
                raise InputError(message, "for_good")
            del self._kept[by]
        return found[0]

    def _sweep(self, now: Moment) -> None:
        ended = [by for by, (_, at) in self._kept.items() if now.mono - at >= LASTS]
        for by in ended:
            del self._kept[by]
