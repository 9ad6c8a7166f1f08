"""Lights and chargers as the guard's page shows them: plain words, figures, and the plot's bars."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil

from edge import wire
from edge.web.words import Words
from models.load import Power
from models.zone import FAILED

WIDTH, HEIGHT = 640.0, 190.0
_LEFT, _TOP, _FOOT = 48.0, 12.0, 24.0
_TONE: Mapping[str, str] = {Power.ON: "ok", Power.ARMING: "wait", Power.CUT: "no"}
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class ZoneView:
    """One zone's lamps."""

    name: str
    tone: str
    state: str
    why: str
    power: str


@dataclass(frozen=True, slots=True)
class LoadView:
    """One socket; `arms` is whether it carries the button that arms it."""

    id: str
    name: str
    tone: str
    state: str
    why: str
    left: str
    amps: str
    arms: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What was used in a day or a month, in kWh and yuan."""

    when: str
    metered: float = 0.0
    estimated: float = 0.0
    baseline: float = 0.0
    paid: float = 0.0
    baseline_paid: float = 0.0

    @property
    def used(self) -> float:
        """All that was used."""
        return self.metered + self.estimated

    @property
    def saved(self) -> float:
        """Yuan that the baseline would have cost above what was paid."""
        return self.baseline_paid - self.paid

    @property
    def mark(self) -> str:
        """`metered` where every part of it was read from a meter, else `estimated`."""
        return "metered" if self.metered > 0 and self.estimated == 0 else "estimated"

    @property
    def share(self) -> int:
        """Per cent of it that was read from a meter."""
        return int(100 * self.metered / self.used) if self.used > 0 else 0

    def plus(self, line: wire.EnergyLine) -> "Figures":
        """Return these figures with those of one zone."""
        return Figures(
            self.when,
            self.metered + line.metered,
            self.estimated + line.estimated,
            self.baseline + line.baseline,
            self.paid + line.paid,
            self.baseline_paid + line.baseline_paid,
        )


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the plot, in the plot's own units."""

    x: float
    width: float
    label: str
    title: str
    baseline: tuple[float, float]
    """Top and height."""
    metered: tuple[float, float]
    estimated: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plot:
    """The bars, and the lines that tell how high they are."""

    bars: tuple[Bar, ...] = ()
    lines: tuple[tuple[float, str], ...] = ()
    width: float = field(default=WIDTH)
    height: float = field(default=HEIGHT)
    left: float = field(default=_LEFT)


def zone_view(zone: wire.ZoneState, words: Words) -> ZoneView:
    """Return how a zone is, in words."""
    away = zone.why in FAILED
    state = "lit" if zone.level == 100 else "dimmed" if zone.level else "dark"  # noqa: PLR2004 - per cent
    tone = "ask" if away else "ok" if zone.level == 100 else "calm"  # noqa: PLR2004 - per cent
    power = f"{zone.watts:.0f} W" if zone.watts >= 0 else ""
    said = words.of("light", state)
    if state == "dimmed":
        said = f"{said} {zone.level} %"
    return ZoneView(zone.name, tone, said, words.of("light_why", zone.why), power)


def load_view(load: wire.LoadState, words: Words) -> LoadView:
    """Return how a socket is, in words."""
    on = load.power in (Power.ON, Power.ARMING)
    minutes = ceil(load.left / _MINUTE)
    left = f"{minutes // 60}:{minutes % 60:02}" if on else ""
    return LoadView(
        load.id,
        load.name,
        "no" if not load.there else _TONE.get(load.power, "calm"),
        words.of("load", load.power if load.there else "away"),
        words.of("load_cause", load.cause),
        left,
        f"{load.amps:.1f} A" if load.amps >= 0 else "",
        arms=not on,
    )


def by_time(lines: Iterable[wire.EnergyLine], zone: str = "") -> tuple[Figures, ...]:
    """Return figures day by day or month by month, of one zone or of all, in order of time."""
    found: dict[str, Figures] = {}
    for line in lines:
        if not zone or line.zone == zone:
            found[line.when] = found.get(line.when, Figures(line.when)).plus(line)
    return tuple(found[when] for when in sorted(found))


def total(rows: Iterable[Figures], when: str = "") -> Figures:
    """Return the sum of rows."""
    sums = Figures(when)
    for row in rows:
        sums = Figures(
            when,
            sums.metered + row.metered,
            sums.estimated + row.estimated,
            sums.baseline + row.baseline,
            sums.paid + row.paid,
            sums.baseline_paid + row.baseline_paid,
        )
    return sums


def plot(days: tuple[Figures, ...]) -> Plot:
    """Return the bars of up to a month of days; nothing where there are none."""
    if not days:
        return Plot()
    most = max(max(day.used, day.baseline) for day in days) or 1.0
    floor, room = HEIGHT - _FOOT, HEIGHT - _FOOT - _TOP
    step = (WIDTH - _LEFT) / max(len(days), 7)
    bars = []
    for index, day in enumerate(days):
        base, metered, used = (
            room * value / most for value in (day.baseline, day.metered, day.used)
        )
        every = 1 if len(days) <= 10 else 5  # noqa: PLR2004 - labels that do not run together
        bars.append(
            Bar(
                round(_LEFT + index * step + 0.15 * step, 1),
                round(0.7 * step, 1),
                day.when[5:] if index % every == 0 else "",
                f"{day.when}: {day.used:.2f} / {day.baseline:.2f} kWh",
                (round(floor - base, 1), round(base, 1)),
                (round(floor - metered, 1), round(metered, 1)),
                (round(floor - used, 1), round(used - metered, 1)),
            )
        )
    lines = tuple((round(floor - room * part, 1), f"{most * part:.3g}") for part in (0, 0.5, 1))
    return Plot(tuple(bars), lines)
