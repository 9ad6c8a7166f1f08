"""Zones and loads of a site file: what loads, and what is refused in words."""

from pathlib import Path
from typing import Any

import pytest

from config.load import load
from edge.panel_table import load_rule, panel_specs, zone_rule
from edge.places import Places, keep_secret
from models.errors import ConfigError
from mqtt_bridge.panel_track import Make

_LIGHTS = Path(__file__).resolve().parents[2] / "docs" / "lights.md"
HEAD = """
[site]
compound = "00112233"
latitude = 29.7
longitude = 120.2
[[camera]]
id = "gate-cam"
source = "kiosk"
[[relay]]
name = "gate-1"
[[lane]]
number = 2
name = "车行"
relay = "gate-1"
view = [{ camera = "gate-cam" }]
[[relay]]
name = "garage"
[[relay]]
name = "meterplug"
profile = "shelly"
topic = "shellyplus1pm-a1"
"""
ZONE = """
[[zone]]
id = "hall"
lamps = "garage/2"
watts = 40
inputs = ["garage/pir2"]
"""
LOAD = """
[[load]]
id = "c1"
socket = "garage/4"
max_amps = 10
"""


def site(tmp_path: Path, *parts: str) -> Any:  # noqa: ANN401 - settings, as they load
    path = tmp_path / "site.toml"
    path.write_text("\n".join((HEAD, *parts)), "utf-8")
    return load(path)


def blocks() -> tuple[str, str]:
    """Return the zone and the load that the page of lights shows."""
    parts = _LIGHTS.read_text("utf-8").split("```toml\n")[1:]
    zone, charger = (part.split("```")[0] for part in parts)
    return zone[zone.index("[[zone]]") :], charger


def test_the_site_file_of_the_page_loads_and_says_what_it_says(tmp_path: Path) -> None:
    zone, charger = blocks()
    settings = site(tmp_path, zone, ZONE, charger)
    rule = zone_rule(settings.zone[0])
    assert (rule.next, rule.lit_by, rule.by_day) == (("hall",), frozenset({2}), False)
    socket = load_rule(settings.load[0])
    assert (socket.longest, socket.max_amps) == (4 * 3600, 10)
    places = Places(tmp_path / "state")
    with pytest.raises(ConfigError, match="relay garage has no key yet"):
        panel_specs(settings, places)
    keep_secret(places.relay_key("garage"), "11" * 32 + "\n")
    (garage,) = panel_specs(settings, places)
    assert (garage.make, garage.lamps, garage.sockets) == (Make.KUAHU, {"1", "2"}, {"4"})


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ((ZONE.replace('["garage/pir2"]', "[]"),), "neither inputs nor lit_by"),
        ((ZONE.replace("garage/2", "shed/2"),), "relay 'shed', which is not a \\[\\[relay\\]\\]"),
        ((ZONE.replace("garage/2", "gate-1/2"),), "moves a lane's barrier"),
        ((ZONE, ZONE), "zone id hall stands more than once"),
        ((ZONE, LOAD.replace("garage/4", "garage/2")), "output garage/2 stands more than once"),
        ((ZONE + 'next = ["hall"]',), "names 'hall' as next"),
        ((ZONE + "lit_by = [7]",), "lit by lane 7"),
        ((ZONE.replace("garage/pir2", "lane:7/loop"),), "lane:7/loop, which is not a"),
        ((ZONE.replace("garage/pir2", "camera:roof"),), "through which no lane looks"),
        ((ZONE + 'daylight = "at night"',), "no stretch of the day"),
        ((LOAD.replace("max_amps = 10", ""),), "nothing would ever cut it"),
        ((LOAD + 'hours = ["20:00"]',), "no stretch of the day"),
        ((ZONE.replace("garage/2", "garage"),), "zone"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    tmp_path: Path, parts: tuple[str, ...], said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        site(tmp_path, *parts)


def test_daylight_by_the_sun_needs_a_place(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    text = HEAD.replace("latitude = 29.7\n", "") + ZONE + 'daylight = "sun"'
    path.write_text(text, "utf-8")
    with pytest.raises(ConfigError, match="needs latitude and longitude"):
        load(path)


def test_a_shelly_moves_no_barrier(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_text(
        HEAD.replace('name = "gate-1"\n[[lane]]', 'name = "gate-1"\nprofile = "shelly"\n[[lane]]')
    )
    with pytest.raises(ConfigError, match="switches lamps and sockets, no barrier"):
        load(path)
