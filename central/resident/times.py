"""Days and times as residents read them, by the compound's own clock. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton

from central.languages import Language

_TO = " \N{EN DASH} "
_LOCALE = {Language.ZH: "zh_CN", Language.EN: "en_GB"}


@dataclass(frozen=True, slots=True)
class Clock:
    """How one page tells days and times: whose language, whose zone, and what day it is there."""

    language: Language
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """The compound's own day."""
        return self.now.astimezone(self.zone).date()

    def day(self, day: date) -> str:
        """Return a day: its name where it is near, its year where that is another one."""
        near = {0: ("今天", "today"), 1: ("明天", "tomorrow"), -1: ("昨天", "yesterday")}
        named = near.get((day - self.today).days)
        if named is not None:
            return named[0 if self.language is Language.ZH else 1]
        skeleton = "MMMEd" if day.year == self.today.year else "yMMMd"
        return str(format_skeleton(skeleton, day, locale=_LOCALE[self.language]))

    def moment(self, at: datetime) -> str:
        """Return a day and a time of day."""
        local = at.astimezone(self.zone)
        return f"{self.day(local.date())} {local:%H:%M}"

    def span(self, start: datetime, end: datetime) -> str:
        """Return from when to when; an end at midnight is the end of the day before."""
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        if last.time() == time(0) and last.date() > first.date():
            whole = first.time() == time(0)
            final = last.date() - timedelta(days=1)
            if whole and final == first.date():
                return self.day(final)
            if whole:
                return self.day(first.date()) + _TO + self.day(final)
            return self.moment(start) + _TO + self._end(first.date(), final, "24:00")
        return self.moment(start) + _TO + self._end(first.date(), last.date(), f"{last:%H:%M}")

    def _end(self, first: date, last: date, clock: str) -> str:
        return clock if first == last else f"{self.day(last)} {clock}"
