"""The age of what a browser sends: never younger than the network made it."""

from dataclasses import dataclass, field

import pytest

from edge.web import ticks
from edge.web.seal import Seal
from tests.fakes.relays import ManualClock

LASTS = 20.0


@dataclass
class House:
    seal: Seal = field(default_factory=lambda: Seal(b"k" * 32))
    mono: ManualClock = field(default_factory=ManualClock)


def headers(tick: str, since: float | str) -> dict[str, str]:
    return {"x-tick": tick, "x-since": str(since)}


@pytest.mark.parametrize(
    ("down", "held", "up"), [(0.0, 0.0, 0.0), (0.2, 6.0, 0.3), (4.0, 1.0, 3.5)]
)
def test_both_ways_over_the_network_count_as_age(down: float, held: float, up: float) -> None:
    house = House()
    tick = ticks.give(house, "press", "me")
    house.mono.advance(down)
    house.mono.advance(held)
    pressed = house.mono()
    house.mono.advance(up)
    found = ticks.moment(house, headers(tick, held * 1000), LASTS, "press", "me")
    assert found is not None
    assert house.mono() - found == pytest.approx(down + up)
    assert found <= pressed


@pytest.mark.parametrize("since", [1300.0, 5000.0, 1e300, "inf", "nan", "", "soon"])
def test_no_moment_is_after_its_arrival(since: float | str) -> None:
    house = House()
    tick = ticks.give(house, "press", "me")
    house.mono.advance(1.0)
    assert ticks.moment(house, headers(tick, since), LASTS, "press", "me") is None


def test_a_coarse_clock_of_a_browser_is_now_at_most() -> None:
    house = House()
    tick = ticks.give(house, "press", "me")
    house.mono.advance(1.0)
    found = ticks.moment(house, headers(tick, 1100.0), LASTS, "press", "me")
    assert found == house.mono()


def test_a_tick_is_for_one_browser_one_purpose_and_a_short_time() -> None:
    house = House()
    tick = ticks.give(house, "press", 2, "me")
    good = headers(tick, 0)
    assert ticks.moment(house, good, LASTS, "press", 2, "me") is not None
    assert ticks.moment(house, good, LASTS, "press", 1, "me") is None
    assert ticks.moment(house, good, LASTS, "press", 2, "you") is None
    assert ticks.moment(house, good, LASTS, "tick", 2, "me") is None
    assert ticks.moment(House(Seal(b"x" * 32), house.mono), good, LASTS, "press", 2, "me") is None
    assert ticks.moment(house, {}, LASTS, "press", 2, "me") is None
    house.mono.advance(LASTS + 0.1)
    late = headers(tick, (LASTS + 0.1) * 1000)
    assert ticks.moment(house, late, LASTS, "press", 2, "me") is None
