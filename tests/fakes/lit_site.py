"""The pages of a site with a garage: zones, chargers, and a month of energy."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from config.settings import Settings
from edge import wire
from tests.fakes.web_site import WebSite, served, site_settings

ZONES = (
    wire.ZoneState("ramp", "坡道", 100, "admitted", 100, 96.0),
    wire.ZoneState("hall", "B1 车库", 20, "dim", 20, -1.0),
    wire.ZoneState("path", "南门小路", 100, "sensor_away", 100, -1.0),
)
LOADS = (
    wire.LoadState("c1", "1号充电位", "on", "schedule", 7260.0, 2.1, there=True),
    wire.LoadState("c2", "2号充电位", "cut", "smoke", 0.0, 0.0, there=True),
    wire.LoadState("c3", "3号充电位", "off", "missed", 0.0, -1.0, there=False),
)


def used() -> tuple[wire.EnergyLine, ...]:
    """Return thirty days and two months of two zones: one metered throughout, one never."""
    last = date(2026, 11, 21)
    days = [last - timedelta(days=back) for back in range(30)]
    lines = []
    for number, day in enumerate(days):
        when = day.isoformat()
        metered = 0.5 + 0.1 * (number % 5)
        lines.append(wire.EnergyLine(when, "ramp", metered, 0, 2.4, 0.6 * metered, 1.44))
        estimated = 1.2 + 0.2 * (number % 3)
        lines.append(wire.EnergyLine(when, "hall", 0, estimated, 4.8, 0.6 * estimated, 2.88))
    for month in ("2026-10", "2026-11"):
        lines.append(wire.EnergyLine(month, "ramp", 20, 0, 70, 12, 42))
        lines.append(wire.EnergyLine(month, "hall", 0, 40, 140, 24, 84))
    return tuple(lines)


def lit_settings() -> Settings:
    """Return the small site of the pages with a garage below it."""
    tables = site_settings().model_dump(mode="json")
    tables["relay"].append({"name": "garage"})
    tables["zone"] = [
        {"id": "ramp", "name": "坡道", "lamps": "garage/1", "watts": 100, "lit_by": [1]},
        {"id": "hall", "name": "B1 车库", "lamps": "garage/2", "watts": 200, "lit_by": [1]},
        {"id": "path", "name": "南门小路", "lamps": "garage/3", "watts": 60, "lit_by": [1]},
    ]
    tables["load"] = [
        {"id": each.id, "name": each.name, "socket": f"garage/{each.id}", "max_amps": 10}
        for each in LOADS
    ]
    return Settings.model_validate(tables)


@contextmanager
def lit_site(folder: Path) -> Iterator[WebSite]:
    """Run the pages of that site."""
    with served(folder, lit_settings()) as site:
        site.core.zones.used = used()
        site.core.change(zones=ZONES, loads=LOADS)
        yield site
