"""Lights, one rule at a time."""

import pytest

from gate.lights import FRESH, Lights, admit, hear, lights, step
from models.zone import Light, Why, ZoneRule

RAMP = ZoneRule("ramp", frozenset({"r"}), ("hall",), frozenset({2}), min_on=5, hold=30)
HALL = ZoneRule("hall", frozenset({"h"}), min_on=5, hold=30, dim=20)
PATH = ZoneRule("path", frozenset({"p"}), hold=30, min_on=5, by_day=True)


def quiet(at: float, *, of: Lights | None = None) -> Lights:
    known = of or lights((RAMP, HALL, PATH))
    for name in ("r", "h", "p"):
        known = hear(known, name, False, at)
    return known


def shining(known: Lights) -> dict[str, Light]:
    return {name: known.light(name) for name in known.zones}


def test_a_start_is_light_until_the_sensors_are_heard() -> None:
    known = step(lights((RAMP, HALL, PATH)), 100)
    assert set(shining(known).values()) == {Light(100, Why.SENSOR_AWAY)}
    known = step(quiet(106, of=known), 106)
    assert shining(known) == {
        "ramp": Light(0, Why.REST),
        "hall": Light(20, Why.DIM),
        "path": Light(0, Why.REST),
    }


def test_an_admitted_car_finds_its_zone_and_the_next_lit_and_they_go_out_behind_it() -> None:
    known = admit(quiet(100), 2, 100)
    known = step(known, 100)
    assert known.light("ramp") == Light(100, Why.ADMITTED)
    assert known.light("hall") == Light(100, Why.AHEAD)
    assert known.light("path") == Light(0, Why.REST)
    known = step(quiet(131, of=known), 131)
    assert known.light("ramp") == Light(0, Why.REST)


def test_another_lane_lights_nothing_here() -> None:
    known = step(admit(quiet(100), 3, 100), 100)
    assert known.light("ramp") == Light(0, Why.REST)


def test_whoever_moves_lights_the_zone_that_comes_next() -> None:
    known = step(hear(quiet(100), "r", True, 100), 100)
    assert known.light("ramp") == Light(100, Why.MOTION)
    assert known.light("hall") == Light(100, Why.AHEAD)
    known = step(quiet(110, of=known), 110)
    assert known.light("ramp") == Light(100, Why.HOLD)


@pytest.mark.parametrize("silence", [FRESH + 0.1, 1000.0])
def test_a_silent_sensor_is_a_reason_to_shine(silence: float) -> None:
    known = step(quiet(100), 100 + silence)
    assert known.light("hall") == Light(100, Why.SENSOR_AWAY)
    assert known.silent("hall", 100 + silence) == ("h",)


def test_an_input_that_cannot_be_read_is_a_reason_to_shine() -> None:
    known = step(hear(quiet(100), "h", None, 100), 100)
    assert known.light("hall") == Light(100, Why.SENSOR_AWAY)


def test_lamps_that_cannot_be_reached_are_asked_to_shine() -> None:
    known = step(quiet(100), 100, away=frozenset({"ramp"}))
    assert known.light("ramp") == Light(100, Why.RELAY_AWAY)


def test_by_day_a_path_rests_even_while_somebody_walks_on_it() -> None:
    known = step(hear(quiet(100), "p", True, 100), 100, day=frozenset({"path", "ramp"}))
    assert known.light("path") == Light(0, Why.DAY)
    known = step(quiet(101, of=known), 101)
    assert known.light("path") == Light(100, Why.HOLD)


def test_what_is_lit_stays_lit_for_its_shortest_time() -> None:
    short = ZoneRule("short", frozenset({"s"}), min_on=20, hold=1)
    known = step(hear(lights((short,)), "s", True, 100), 100)
    known = step(hear(known, "s", False, 105), 105)
    assert known.light("short") == Light(100, Why.MIN_ON)
    known = step(hear(known, "s", False, 120), 120)
    assert known.light("short") == Light(0, Why.REST)


def test_a_rule_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="zone x: min_on and hold are seconds"):
        ZoneRule("x", frozenset(), dim=100)
