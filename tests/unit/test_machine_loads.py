"""A charger as a state machine: nothing but its hours or a person arms it, whatever happens.

The model only keeps when hours began under watch and when a person armed; the socket is what the
panel's iron would be. The same machine is run against broken loads below, and finds each of them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gate import loads as product
from gate.loads import BLIND_FOR, Load, LoadRule
from gate.schedules import window
from models.load import Cause, Power, Signs
from tests.fuzz.machine import QUICK, Pace, found_out

RULE = LoadRule("c1", (window("20:00-06:00"),), 25, 10.0, frozenset({"smoke"}))
PAUSES = st.sampled_from([0.5, 0.5, 2.0, 9.0, 11.0, 60.0, 100.0])
PACE = Pace(QUICK.stories, 60)


class LoadMachine(RuleBasedStateMachine):
    """Nights come, plugs go in, smoke rises, relays and this machine start anew, clocks are set."""

    @initialize(evening=st.sampled_from(["19:59:58", "20:30:00", "12:00:00", "05:59:50"]))
    def build(self, evening: str) -> None:
        self.load = Load()
        self.now = 1000.0
        self.local = datetime.fromisoformat(f"2026-11-21T{evening}")
        self.trusted = True
        # The world.
        self.on = False
        self.there = True
        self.smoke: bool | None = False
        self.draws = 0.0
        self.measured = True
        # What may arm, and what must not end by itself.
        self.granted = False
        self.cut: Cause | None = None
        self.blind_since: float | None = None
        self.was = (self.local, self.now, True)
        self.turn(0.0)

    def signs(self) -> Signs:
        if not self.there:
            return Signs(there=False)
        amps = (self.draws if self.on else 0.0) if self.measured else None
        return Signs(there=True, on=self.on, amps=amps, smoke=self.smoke)

    def seen(self) -> bool:
        return self.there and self.measured and self.smoke is not None

    def turn(self, pause: float) -> None:
        self.now += pause
        self.local += timedelta(seconds=pause)
        before, signs = self.load, self.signs()
        local = self.local if self.trusted else None
        self.granted |= self._hours_begin() and self.seen() and self.smoke is False
        self.load = product.step(RULE, before, signs, local, self.now)
        self.was = (self.local, self.now, self.trusted)
        if self.load.power is Power.ARMING and before.power is not Power.ARMING:
            assert self.granted, "armed by nobody"
            assert self.seen(), "armed blindly"
            self._obey(on=True)
        if not self.load.armed:
            self._obey(on=False)
        self.granted = False
        self.blind_since = None if self.seen() else self.blind_since or self.now

    def _hours_begin(self) -> bool:
        before, at, trusted = self.was
        steady = abs((self.local - before).total_seconds() - (self.now - at)) < 1.0
        eight = self.local.replace(hour=20, minute=0, second=0, microsecond=0)
        return trusted and self.trusted and steady and before < eight <= self.local

    def _obey(self, *, on: bool) -> None:
        if self.there:
            self.on = on

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        self.turn(pause)

    @rule()
    def evening_comes(self) -> None:
        """Live on until just before the hours begin, with everything well."""
        self.there = self.measured = True
        self.smoke, self.draws, self.trusted = False, 0.0, True
        eight = self.local.replace(hour=20, minute=0, second=0, microsecond=0)
        eight += timedelta(days=1) if eight <= self.local else timedelta()
        while self.local < eight:
            self.turn(min(110.0, (eight - self.local).total_seconds()) if self._near(eight) else 0)
        self.turn(0.5)

    def _near(self, eight: datetime) -> bool:
        left = (eight - self.local).total_seconds()
        if left > 200:
            # The hours between are as boring as they are long.
            self.now += left - 200
            self.local += timedelta(seconds=left - 200)
        return True

    @rule(amps=st.sampled_from([0.0, 2.0, 2.0, 9.9, 10.5]))
    def something_is_plugged_in(self, amps: float) -> None:
        self.draws = amps
        if self.on and self.seen() and amps > 10 and self.load.power is not Power.CUT:
            self.cut = Cause.OVER_CURRENT
        self.turn(0.5)

    @rule(smoke=st.sampled_from([True, False, None]))
    def smoke_sensor_says(self, smoke: bool | None) -> None:
        self.smoke = smoke
        if smoke and self.there and self.load.power is not Power.CUT:
            self.cut = Cause.SMOKE
        self.turn(0.5)

    @rule()
    def relay_goes_away(self) -> None:
        self.there = False
        self.turn(0.5)

    @rule(lost_power=st.booleans())
    def relay_comes_back(self, lost_power: bool) -> None:
        self.there = True
        if lost_power:
            self.on = False
        self.turn(0.5)

    @rule(measured=st.booleans())
    def meter_says(self, measured: bool) -> None:
        self.measured = measured
        self.turn(0.5)

    @rule()
    def this_machine_starts_anew(self) -> None:
        self.load = product.resumed(self.load, self.now)
        self.was = (self.local, self.now, False)
        self.turn(0.5)

    @rule(jump=st.sampled_from([-86400.0, -3600.0, 3600.0, 86400.0, 7200.0]))
    def clock_is_set(self, jump: float) -> None:
        self.local += timedelta(seconds=jump)
        self.turn(0.5)

    @rule(trusted=st.booleans())
    def clock_is_believed(self, trusted: bool) -> None:
        self.trusted = trusted
        self.turn(0.5)

    @rule()
    def person_arms(self) -> None:
        local = self.local if self.trusted else None
        after = product.arm(RULE, self.load, self.signs(), local, self.now)
        if after is None:
            return
        assert self.seen(), "armed blindly"
        assert self.smoke is False, "armed into smoke"
        self.load, self.cut = after, None
        self._obey(on=True)
        if self.draws > 10:
            self.cut = Cause.OVER_CURRENT
        self.turn(0.5)

    @invariant()
    def a_cut_stays_cut(self) -> None:
        if hasattr(self, "load") and self.cut is not None:
            assert self.load.power is Power.CUT, "danger did not cut, or a cut ended by itself"
            assert not (self.there and self.on), "current flows through a cut socket"

    @invariant()
    def nobody_charges_unwatched(self) -> None:
        if hasattr(self, "load") and self.blind_since is not None:
            blind = self.now - self.blind_since
            assert not self.load.armed or blind <= BLIND_FOR + 100.0
            if self.load.armed:
                # Two turns ago it was still seen, or not for long.
                assert self.now - self.load.seen <= BLIND_FOR

    @invariant()
    def no_plug_charges_for_too_long(self) -> None:
        if hasattr(self, "load") and self.load.plugged is not None:
            assert self.now - self.load.plugged < RULE.longest


def test_no_story_of_a_charger_breaks_its_rules() -> None:
    PACE.run(LoadMachine)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_no_long_story_of_a_charger_breaks_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    PACE.longer(75).run_long(LoadMachine, capsys)


def _resumed_on(load: Load, now: float) -> Load:
    return replace(load, power=Power.ON if load.armed else Power.ARMING, seen=now, since=now)


def _rearms(rule: LoadRule, load: Load, signs: Signs, now: float) -> Load:
    after = REAL_WATCHED(rule, load, signs, now)
    lost = after.power is Power.CUT and after.cause is Cause.LOST
    return replace(after, power=Power.ARMING, since=now) if lost and signs.there else after


def _blind_to_smoke(rule: LoadRule, load: Load, signs: Signs, now: float) -> Load:
    clear = replace(signs, smoke=False) if signs.there else signs
    return REAL_WATCHED(rule, load, clear, now)


def _late_is_fine(rule: LoadRule, load: Load, local: datetime | None, now: float) -> object:
    del now
    if local is None or load.looked is None or load.begun is not None:
        return None
    return local if any(local in each for each in rule.windows) else None


REAL_WATCHED = product._watched
MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "is armed by a restart": lambda patch: patch.setattr(product, "resumed", _resumed_on),
    "is armed by a reconnect": lambda patch: patch.setattr(product, "_watched", _rearms),
    "does not smell smoke": lambda patch: patch.setattr(product, "_watched", _blind_to_smoke),
    "draws what it likes": lambda patch: patch.setattr(
        product, "_too_much", lambda _rule, _signs: False
    ),
    "is armed in the middle of its hours": lambda patch: patch.setattr(
        product, "_begun", _late_is_fine
    ),
    "charges unwatched": lambda patch: patch.setattr(product, "BLIND_FOR", 1e9),
    "is armed blindly": lambda patch: patch.setattr(
        product, "is_watched", lambda _rule, _signs: True
    ),
    "charges for ever": lambda patch: patch.setattr(
        product, "_timed", lambda _rule, load, _local, _now: load
    ),
    "forgives a cut": lambda patch: patch.setattr(product, "_cut", product._off),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_finds_a_charger_that(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    found_out(LoadMachine, PACE)
