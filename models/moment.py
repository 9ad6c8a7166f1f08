"""A moment: what both clocks showed, and how far the wall clock may be believed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Trust(StrEnum):
    """How far the wall clock may be believed."""

    TRUSTED = "trusted"
    """Set by a time service, or by a battery clock that agrees with it."""
    FLOOR = "floor"
    """Not set, but moved up to the newest time ever proved here: the true time is this or later."""
    UNKNOWN = "unknown"
    """Nothing is known; only the monotonic clock means anything."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One reading of both clocks: `utc` is aware, `mono` is seconds of CLOCK_MONOTONIC."""

    utc: datetime
    mono: float
    trust: Trust = Trust.TRUSTED

    def __post_init__(self) -> None:
        if self.utc.utcoffset() != timedelta(0):
            message = f"a moment is in UTC, not {self.utc!r}"
            raise ValueError(message)

    def after(self, seconds: float) -> "Moment":
        """Return the moment `seconds` later on both clocks."""
        return Moment(self.utc + timedelta(seconds=seconds), self.mono + seconds, self.trust)

    def utc_of(self, mono: float) -> datetime:
        """Return the wall-clock time of the monotonic reading `mono`."""
        return (self.utc + timedelta(seconds=mono - self.mono)).astimezone(UTC)
