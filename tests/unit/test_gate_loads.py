"""Loads, one rule at a time."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gate.loads import BLIND_FOR, Load, LoadRule, arm, missed, resumed, step
from gate.schedules import window
from models.load import Cause, Power, Signs

NIGHT = LoadRule("c1", (window("20:00-06:00"),), 4 * 3600, 10.0, frozenset({"smoke"}))
EVE = datetime.fromisoformat("2026-11-21T19:59:59")
OFF = Signs(there=True, on=False, amps=0.0, smoke=False)
ON = Signs(there=True, on=True, amps=2.0, smoke=False)


class Night:
    """A socket, with both clocks going."""

    def __init__(self, rule: LoadRule = NIGHT, local: datetime = EVE) -> None:
        self.rule, self.load = rule, Load()
        self.local, self.now = local, 1000.0
        self.see(OFF)

    def see(self, signs: Signs, seconds: float = 0.0, *, trusted: bool = True) -> Load:
        self.now += seconds
        self.local += timedelta(seconds=seconds)
        local = self.local if trusted else None
        self.load = step(self.rule, self.load, signs, local, self.now)
        return self.load

    def charging(self) -> "Night":
        self.see(OFF, 1.0)
        self.see(ON, 1.0)
        assert (self.load.power, self.load.cause) == (Power.ON, Cause.SCHEDULE)
        return self


def test_it_comes_on_when_its_hours_begin_and_goes_off_when_they_end() -> None:
    night = Night()
    assert night.see(OFF, 1.0).power is Power.ARMING
    night.see(ON, 1.0)
    idle = replace(ON, amps=0.0)
    while night.local < datetime.fromisoformat("2026-11-22T05:59:59"):
        assert night.see(idle, 100.0 if night.local.hour != 5 else 1.0).power is Power.ON
    load = night.see(idle, 1.0)
    assert (load.power, load.cause) == (Power.OFF, Cause.SCHEDULE)


def test_a_start_within_the_hours_arms_nothing() -> None:
    night = Night(local=EVE + timedelta(hours=1))
    for _ in range(100):
        assert night.see(OFF, 1.0).power is Power.OFF


@pytest.mark.parametrize(
    "jump", [timedelta(seconds=30), timedelta(hours=3), -timedelta(days=1), timedelta(days=1)]
)
def test_a_clock_that_jumps_over_the_hour_arms_nothing(jump: timedelta) -> None:
    night = Night(local=EVE - timedelta(seconds=20))
    night.local += jump
    night.see(OFF, 1.0)
    assert night.load.power is Power.OFF


@pytest.mark.parametrize(
    "signs",
    [
        Signs(there=False),
        replace(OFF, amps=None),
        replace(OFF, smoke=None),
        replace(OFF, on=None),
    ],
)
def test_hours_that_begin_unwatched_are_missed_and_a_reconnect_arms_nothing(signs: Signs) -> None:
    night = Night()
    load = night.see(signs, 1.0)
    assert (load.power, load.cause) == (Power.OFF, Cause.MISSED)
    for _ in range(50):
        assert night.see(OFF, 1.0).power is Power.OFF


@pytest.mark.parametrize(
    ("signs", "cause"),
    [(replace(ON, amps=10.1), Cause.OVER_CURRENT), (replace(ON, smoke=True), Cause.SMOKE)],
)
def test_danger_cuts_and_only_a_person_arms_again(signs: Signs, cause: Cause) -> None:
    night = Night().charging()
    assert (night.see(signs, 1.0).power, night.load.cause) == (Power.CUT, cause)
    while night.local < EVE + timedelta(days=2):
        assert night.see(OFF, 119.0).power is Power.CUT
        assert night.load.cause is cause
    armed = arm(NIGHT, night.load, OFF, night.local, night.now)
    assert armed is not None
    assert (armed.power, armed.cause) == (Power.ARMING, Cause.GUARD)


def test_smoke_cuts_what_is_off_too() -> None:
    night = Night()
    assert night.see(replace(OFF, smoke=True), 1.0).power is Power.CUT


@pytest.mark.parametrize(
    "signs", [replace(OFF, smoke=True), replace(OFF, smoke=None), Signs(there=False), ON]
)
def test_nobody_arms_into_smoke_or_blindly_or_what_is_armed(signs: Signs) -> None:
    night = Night()
    if signs is ON:
        night.charging()
    assert arm(NIGHT, night.load, signs, night.local, night.now) is None


def test_a_socket_that_goes_off_by_itself_is_not_put_on_again() -> None:
    night = Night().charging()
    load = night.see(OFF, 1.0)
    assert (load.power, load.cause) == (Power.CUT, Cause.LOST)


def test_one_that_does_not_come_on_is_given_up() -> None:
    night = Night()
    for _ in range(7):
        night.see(OFF, 1.0)
    assert (night.load.power, night.load.cause) == (Power.CUT, Cause.LOST)


@pytest.mark.parametrize(
    ("signs", "cause"),
    [(Signs(there=False), Cause.LOST), (replace(ON, smoke=None), Cause.SENSOR_AWAY)],
)
def test_a_short_silence_is_borne_and_a_long_one_cuts(signs: Signs, cause: Cause) -> None:
    night = Night().charging()
    assert night.see(signs, BLIND_FOR).power is Power.ON
    assert night.see(ON, 0.1).power is Power.ON
    assert night.see(signs, BLIND_FOR + 0.1).power is Power.CUT
    assert night.load.cause is cause


def test_a_plug_charges_no_longer_than_the_longest_time_and_the_next_one_begins_anew() -> None:
    night = Night(replace(NIGHT, longest=600)).charging()
    night.see(ON, 300.0)
    for _ in range(4):
        night.see(replace(ON, amps=0.0), 10.0)
    assert night.load.plugged is None
    night.see(ON, 1.0)
    assert night.see(ON, 599.0).power is Power.ON
    load = night.see(ON, 1.0)
    assert (load.power, load.cause) == (Power.OFF, Cause.LONGEST)


def test_a_restart_takes_over_what_is_on_and_arms_nothing() -> None:
    night = Night().charging()
    night.load = resumed(night.load, night.now)
    assert night.see(ON, 1.0).power is Power.ON
    night.load = resumed(night.load, night.now)
    assert night.see(OFF, 1.0).power is Power.CUT
    night.load = resumed(night.load, night.now)
    assert night.see(OFF, 1.0).power is Power.CUT


def test_a_clock_that_is_not_believed_does_not_keep_it_on() -> None:
    night = Night().charging()
    for _ in range(360):
        night.see(replace(ON, amps=0.0), 100.0, trusted=False)
    assert night.load.power is Power.OFF


def test_one_that_will_not_go_off_is_noticed() -> None:
    night = Night()
    night.see(ON, 0.0)
    assert not night.load.defies(night.now + 5)
    assert night.load.defies(night.now + 5.1)
    night.see(OFF, 1.0)
    assert not night.load.defies(night.now + 100)


def test_what_could_not_be_recorded_is_missed() -> None:
    night = Night()
    night.see(OFF, 1.0)
    assert missed(night.load, night.now).cause is Cause.MISSED


def test_a_person_arms_outside_the_hours_for_the_longest_time_only() -> None:
    night = Night(replace(NIGHT, longest=600), EVE - timedelta(hours=6))
    armed = arm(night.rule, night.load, OFF, night.local, night.now)
    assert armed is not None
    night.load = armed
    night.see(ON, 1.0)
    assert night.see(replace(ON, amps=0.0), 598.0).power is Power.ON
    assert night.see(replace(ON, amps=0.0), 1.0).power is Power.OFF
