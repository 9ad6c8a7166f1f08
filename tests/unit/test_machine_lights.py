"""Lights as a state machine against what the sensors said: never dark on somebody, never for ever.

The same machine is run against broken lights below, and finds each of them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gate import energy
from gate import lights as product
from gate.energy import Spent, Tariff
from gate.lights import FRESH, Lights
from models.zone import FAILED, FULL, Light, Why, ZoneRule
from tests.fuzz.machine import QUICK, found_out

RULES = (
    ZoneRule("ramp", frozenset({"loop"}), ("hall",), frozenset({1}), min_on=3, hold=20),
    ZoneRule("hall", frozenset({"pir", "cam"}), ("back",), min_on=3, hold=20, dim=20),
    ZoneRule("back", frozenset({"far"}), min_on=3, hold=20),
    ZoneRule("path", frozenset({"walk"}), ("ramp",), min_on=3, hold=20, by_day=True),
)
TARIFF = Tariff(100, 24, 1)
NAMES = sorted({name for each in RULES for name in each.inputs})
PAUSES = st.sampled_from([0.2, 0.2, 1.0, 4.9, 6.0, 25.0])
BOUND = 0.2
"""Seconds within which the zones of an admitted car are lit: one turn of the loop."""


class LightsMachine(RuleBasedStateMachine):
    """People move, cars are let in, wires are cut, relays go away, clocks are set."""

    @initialize()
    def build(self) -> None:
        self.lights = product.lights(RULES)
        self.now = 100.0
        self.local = datetime.fromisoformat("2026-11-21T23:59:50")
        self.day: frozenset[str] = frozenset()
        self.away: frozenset[str] = frozenset()
        self.said: dict[str, tuple[bool, float]] = {}
        self.admitted = float("-inf")
        self.lit_at: dict[str, float] = {}
        self.spent = Spent()
        self.watched = 0.0
        self.turn(0.0)

    def turn(self, pause: float) -> None:
        before = {name: lamp.light for name, lamp in self.lights.lamps.items()}
        self.now += pause
        self.local += timedelta(seconds=pause)
        self.lights = product.step(self.lights, self.now, day=self.day, away=self.away)
        self.watched += pause
        for _, used in energy.spent(TARIFF, pause, before["hall"].level, None, self.local):
            assert min(used.metered, used.estimated, used.baseline, used.paid) >= 0
            self.spent += used
        for name in before:
            light = self.lights.light(name)
            if light.level == FULL:
                self.lit_at.setdefault(name, self.now)
            elif name in self.lit_at:
                lit = self.now - self.lit_at.pop(name)
                assert lit >= self.lights.zones[name].min_on, "lamps flicker"

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        self.turn(pause)

    @rule(active=st.booleans(), name=st.sampled_from(NAMES), pause=PAUSES)
    def sensor_speaks(self, name: str, active: bool, pause: float) -> None:
        self.said[name] = (active, self.now)
        self.lights = product.hear(self.lights, name, active, self.now)
        self.turn(pause)

    @rule(pause=st.sampled_from([0.2, 1.0]))
    def all_quiet(self, pause: float) -> None:
        for name in NAMES:
            self.said[name] = (False, self.now)
            self.lights = product.hear(self.lights, name, False, self.now)
        self.turn(pause)

    @rule(name=st.sampled_from(NAMES))
    def wire_is_cut(self, name: str) -> None:
        self.said.pop(name, None)
        self.lights = product.hear(self.lights, name, None, self.now)
        self.turn(BOUND)

    @rule()
    def car_is_admitted(self) -> None:
        self.lights = product.admit(self.lights, 1, self.now)
        self.admitted = self.now
        self.turn(BOUND)
        for name in ("ramp", "hall"):
            assert self.lights.light(name).level == FULL, "an admitted car drives into the dark"

    @rule(zones=st.sets(st.sampled_from([each.name for each in RULES])))
    def relays_go_away(self, zones: set[str]) -> None:
        self.away = frozenset(zones)
        self.turn(BOUND)

    @rule(day=st.booleans())
    def sun_moves(self, day: bool) -> None:
        self.day = frozenset({"path"}) if day else frozenset()
        self.turn(BOUND)

    @rule(jump=st.sampled_from([-86400.0, -5.0, 3600.0, 1e6]))
    def clock_is_set(self, jump: float) -> None:
        self.local += timedelta(seconds=jump)

    @invariant()
    def light_fails_lit(self) -> None:
        if not hasattr(self, "lights"):
            return
        for zone in RULES:
            light = self.lights.light(zone.name)
            dark_day = zone.name in self.day
            heard = [self.said.get(name, (False, float("-inf"))) for name in zone.inputs]
            silent = any(self.now - at > FRESH for _, at in heard)
            if (silent or zone.name in self.away) and not dark_day:
                assert light.level == FULL, "dark although it cannot see"
                assert light.why in FAILED
            if any(active and self.now - at <= FRESH for active, at in heard) and not dark_day:
                assert light.level == FULL, "dark on somebody"
            assert zone.dim <= light.level or dark_day

    @invariant()
    def the_admitted_stay_lit_for_the_hold(self) -> None:
        if hasattr(self, "lights") and self.now - self.admitted < RULES[0].hold:
            assert self.lights.light("ramp").level == FULL
            assert self.lights.light("hall").level == FULL

    @invariant()
    def energy_is_what_time_makes(self) -> None:
        if hasattr(self, "lights"):
            always = TARIFF.watts * self.watched / 3.6e6
            assert 0 <= self.spent.used <= always + 1e-9
            assert self.spent.baseline == pytest.approx(always, abs=1e-9)

    def teardown(self) -> None:
        if not hasattr(self, "lights"):
            return
        self.away = self.day = frozenset()
        for _ in range(40):
            self.all_quiet(1.0)
        found = {name: self.lights.light(name).level for name in self.lights.zones}
        assert found == {"ramp": 0, "hall": 20, "back": 0, "path": 0}, "an empty garage goes dark"


def test_no_story_of_the_lights_breaks_their_rules() -> None:
    QUICK.run(LightsMachine)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_no_long_story_of_the_lights_breaks_their_rules(capsys: pytest.CaptureFixture[str]) -> None:
    QUICK.longer(110).run_long(LightsMachine, capsys)


def _silent(_lights: Lights, _zone: str, _now: float) -> tuple[str, ...]:
    return ()


def _deaf_to_a_cut(lights: Lights, name: str, active: bool | None, at: float) -> Lights:
    return lights if active is None else REAL_HEAR(lights, name, active, at)


def _not_ahead(lights: Lights, lamps: dict[str, product.Lamp], name: str, *rest: object) -> None:
    why, now = rest
    assert isinstance(now, float)
    until = now + lights.zones[name].hold
    lamps[name] = replace(lamps[name], held=until, cause=Why(str(why)))


def _flickers(real: Callable[..., Light]) -> Callable[..., Light]:
    def wanted(lights: Lights, zone: ZoneRule, lamp: product.Lamp, *rest: object) -> Light:
        return real(lights, zone, replace(lamp, on_since=None), *rest)

    return wanted


def _sleepy(lights: Lights, now: float, **outside: frozenset[str]) -> Lights:
    return lights if int(now) % 2 else REAL_STEP(lights, now, **outside)


def _negative(tariff: Tariff, level: int) -> float:
    return tariff.watts * (level - 50) / FULL


REAL_HEAR = product.hear
REAL_STEP = product.step
MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "are dark when a sensor is away": lambda patch: patch.setattr(Lights, "silent", _silent),
    "believe a wire that is cut": lambda patch: patch.setattr(product, "hear", _deaf_to_a_cut),
    "light nothing ahead": lambda patch: patch.setattr(product, "_call", _not_ahead),
    "do not hear of a car": lambda patch: patch.setattr(
        product, "admit", lambda lights, _lane, _now: lights
    ),
    "light up a second too late": lambda patch: patch.setattr(product, "step", _sleepy),
    "flicker": lambda patch: patch.setattr(product, "_wanted", _flickers(product._wanted)),
    "make energy": lambda patch: patch.setattr(energy, "draws", _negative),
    "book by the wall clock": lambda patch: patch.setattr(
        energy, "_days", lambda begin, end: [(end.date(), (end - begin).total_seconds() - 1)]
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_finds_lights_that(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    found_out(LightsMachine)
