"""Energy: what a zone used, against lamps that always burn. Pure.

Rules of this file:
- an interval is measured by CLOCK_MONOTONIC and booked into the site's own days, so that a clock
  that is set moves no energy and makes none; an interval over midnight is cut there;
- what was read from a meter is `metered`, what is lamp watts by time is `estimated`, and the two
  never mix; the baseline is always computed;
- only time that was watched counts, for use and baseline alike: a machine that was off saved
  nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite

from models.zone import FULL

LONGEST = 120.0
"""Seconds between two looks over which a reading still speaks; past it the use is estimated."""
_HOURS_A_DAY = 24.0
_A_KILOWATT_HOUR = 3_600_000.0


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a zone's lamps draw (watts), would burn (hours a day), and what power costs (a kWh)."""

    watts: float
    baseline_hours: float = _HOURS_A_DAY
    price: float = 0.0

    def __post_init__(self) -> None:
        if self.watts < 0 or self.price < 0 or not 0 <= self.baseline_hours <= _HOURS_A_DAY:
            message = "watts and price are not negative, and a day has 24 hours"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used and what would have been, in kWh and in the site's money."""

    metered: float = 0.0
    estimated: float = 0.0
    baseline: float = 0.0
    paid: float = 0.0
    baseline_paid: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(
            self.metered + other.metered,
            self.estimated + other.estimated,
            self.baseline + other.baseline,
            self.paid + other.paid,
            self.baseline_paid + other.baseline_paid,
        )

    @property
    def used(self) -> float:
        """All that was used, in kWh."""
        return self.metered + self.estimated

    @property
    def is_metered(self) -> bool:
        """Whether every part of what was used was read from a meter."""
        return self.metered > 0 and self.estimated == 0

    @property
    def saved(self) -> float:
        """What the baseline would have cost above what was paid; below 0 where it cost less."""
        return self.baseline_paid - self.paid


def draws(tariff: Tariff, level: int) -> float:
    """Return the watts that lamps at `level` are taken to draw."""
    return tariff.watts * min(max(level, 0), FULL) / FULL


def spent(
    tariff: Tariff, seconds: float, level: int, reading: float | None, end: datetime
) -> tuple[tuple[date, Spent], ...]:
    """Return what `seconds` before `end` cost, day by day.

    `reading` is the watts that a meter shows, None where none does; `end` is local wall-clock time
    without a zone.
    """
    if not seconds > 0:
        return ()
    sound = reading is not None and isfinite(reading) and reading >= 0 and seconds <= LONGEST
    watts = reading if sound and reading is not None else draws(tariff, level)
    rows = []
    for day, part in _days(end - timedelta(seconds=seconds), end):
        used = watts * part / _A_KILOWATT_HOUR
        share = tariff.baseline_hours / _HOURS_A_DAY
        baseline = tariff.watts * share * part / _A_KILOWATT_HOUR
        money = (used * tariff.price, baseline * tariff.price)
        kinds = (used, 0.0) if sound else (0.0, used)
        rows.append((day, Spent(*kinds, baseline, *money)))
    return tuple(rows)


def _days(begin: datetime, end: datetime) -> Iterator[tuple[date, float]]:
    while begin.date() < end.date():
        midnight = datetime.combine(begin.date() + timedelta(days=1), time())
        yield begin.date(), (midnight - begin).total_seconds()
        begin = midnight
    if begin < end:
        yield end.date(), (end - begin).total_seconds()
