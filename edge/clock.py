"""The one reader of clocks. Everything below the shell is given a `Moment`."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from models.moment import Moment, Trust

BUILT = datetime(2026, 11, 21, tzinfo=UTC)
"""No true time is before the day this version was made."""
_DRIFT_WITHOUT_BATTERY = 30 * 86400.0
_BATTERY = Path("/sys/class/rtc/rtc0")


def monotonic() -> float:
    """Return seconds of CLOCK_MONOTONIC, the same in every process of this machine."""
    return time.monotonic()


class SystemClock:
    """Both clocks of this machine, and how far the wall clock may be believed.

    The floor is the newest time that was ever proved here: the build, the newest event in the
    journal, the newest answer of the centre. A wall clock behind it is wrong, so the floor is
    told in its place; one far ahead of it on a board without a battery clock is doubted too.
    """

    def __init__(self, floor: datetime = BUILT, wall: Callable[[], float] = time.time) -> None:  # noqa: TID251 - this is the one reader
        self._floor = max(floor, BUILT)
        self._wall = wall
        self._battery = _BATTERY.exists()

    def raise_floor(self, proved: datetime) -> None:
        """Note a time that is certainly past."""
        self._floor = max(self._floor, proved)

    def now(self) -> Moment:
        """Return this moment."""
        utc = datetime.fromtimestamp(self._wall(), UTC)
        mono = time.monotonic()
        if utc < self._floor:
            return Moment(self._floor, mono, Trust.FLOOR)
        far = (utc - self._floor).total_seconds() > _DRIFT_WITHOUT_BATTERY
        return Moment(utc, mono, Trust.FLOOR if far and not self._battery else Trust.TRUSTED)
