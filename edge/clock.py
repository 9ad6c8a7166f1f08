"""The one reader of clocks. Everything below the shell is given a `Moment`."""

import ctypes
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from models.moment import Moment, Trust

BUILT = datetime(2026, 11, 21, tzinfo=UTC)
"""No true time is before the day this version was made."""
_DRIFT_WITHOUT_BATTERY = 30 * 86400.0
_BATTERY = Path("/sys/class/rtc/rtc0")
_TIMEX_BYTES = 512
"""More than the kernel's struct timex, which is 208 bytes on 64-bit Linux."""
_TIME_ERROR = 5


def monotonic() -> float:
    """Return seconds of CLOCK_MONOTONIC, the same in every process of this machine."""
    return time.monotonic()


def kernel_is_synchronised() -> bool:
    """Return whether a time service keeps this machine's clock (adjtimex(2), TIME_ERROR)."""
    try:
        state: int = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    except (OSError, AttributeError):
        return False
    return 0 <= state != _TIME_ERROR


class SystemClock:
    """Both clocks of this machine, and how far the wall clock may be believed.

    The floor is the newest time that was ever proved here: the build, the newest event in the
    journal, the newest answer of the centre. A wall clock behind it is wrong, so the floor is
    told in its place; one far ahead of it is doubted too, on a board with neither a battery clock
    nor a time service that keeps the kernel's clock.
    """

    def __init__(
        self,
        floor: datetime = BUILT,
        wall: Callable[[], float] = time.time,  # noqa: TID251 - this is the one reader
        synchronised: Callable[[], bool] | None = None,
    ) -> None:
        self._floor = max(floor, BUILT)
        self._wall = wall
        self._battery = _BATTERY.exists()
        self._synchronised = synchronised or kernel_is_synchronised

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
        doubted = far and not self._battery and not self._synchronised()
        return Moment(utc, mono, Trust.FLOOR if doubted else Trust.TRUSTED)
