"""Schedules: hours of the day between which something is on. Pure; local wall-clock times."""

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Window:
    """From `on` until `off` each day; past midnight where `off` is the earlier."""

    on: time
    off: time

    def __post_init__(self) -> None:
        if self.on == self.off:
            message = f"{self.on:%H:%M} is both the beginning and the end"
            raise ValueError(message)

    def __contains__(self, local: datetime) -> bool:
        at = local.time()
        if self.on < self.off:
            return self.on <= at < self.off
        return at >= self.on or at < self.off

    def begins(self, before: datetime, now: datetime) -> datetime | None:
        """Return the last beginning after `before` and not after `now`, or None."""
        begin = datetime.combine(now.date(), self.on)
        if begin > now:
            begin -= _DAY
        return begin if before < begin <= now else None

    def ends(self, begin: datetime) -> datetime:
        """Return the first end after `begin`."""
        end = datetime.combine(begin.date(), self.off)
        return end if end > begin else end + _DAY


def window(text: str) -> Window:
    """Return the hours that `HH:MM-HH:MM` names.

    Raises ValueError with a sentence for the user when it names none.
    """
    found = _HOURS.fullmatch(text)
    if found is None:
        message = f"{text!r} names no hours; write them as 20:00-06:00"
        raise ValueError(message)
    begin_hour, begin_minute, end_hour, end_minute = map(int, found.groups())
    return Window(time(begin_hour, begin_minute), time(end_hour, end_minute))


def begun(windows: tuple[Window, ...], before: datetime, now: datetime) -> datetime | None:
    """Return the last moment of `before` to `now` at which one of `windows` began, or None."""
    begins = (each.begins(before, now) for each in windows)
    return max((begin for begin in begins if begin is not None), default=None)


def end_of(windows: tuple[Window, ...], begin: datetime) -> datetime:
    """Return when what is on at `begin` ends: the last end of the windows that it lies in."""
    return max((each.ends(begin) for each in windows if begin in each), default=begin)
