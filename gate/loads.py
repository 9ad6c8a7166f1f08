"""Loads: the sockets that charge. Pure; `now` is seconds of CLOCK_MONOTONIC, `local` a wall clock.

Rules of this file:
- a socket is armed by two things only: its hours begin while everything that watches it is heard,
  or a named person arms it. Neither a relay that comes back nor a restart arms anything;
- smoke, too much current, and losing sight of the socket cut it, and a cut stays cut until a
  person arms it;
- off is asked for whatever is known; on is kept only while the socket is known to be on.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gate.schedules import Window, begun, end_of
from models.load import Cause, Power, Signs

BLIND_FOR = 10.0
"""Seconds without sight of a socket after which it is cut; the relay lets go by itself then too."""
ARMS_WITHIN = 5.0
DEFIES_AFTER = 5.0
"""Seconds that a socket may take to go off."""
IDLE = 0.05
"""Amperes below which nothing is plugged in."""
UNPLUGGED_AFTER = 30.0
_STEP = 2.0
_LONGEST_LOOK = 120.0


@dataclass(frozen=True, slots=True)
class LoadRule:
    """When a socket is on, for how long a plug may charge (seconds), and what cuts it.

    `max_amps` is None where no current is measured; `smoke` names the inputs that tell of smoke.
    """

    name: str
    windows: tuple[Window, ...]
    longest: float
    max_amps: float | None = None
    smoke: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.longest <= 0 or (self.max_amps is not None and self.max_amps <= 0):
            message = f"load {self.name}: longest and max_amps are above 0"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Load:
    """How one socket stands, and what is remembered of it.

    `begun` is the last beginning of its hours that it was armed for, or passed over.
    """

    power: Power = Power.OFF
    cause: Cause = Cause.SCHEDULE
    since: float = 0.0
    off_at: float = 0.0
    by_hand: bool = False
    begun: datetime | None = None
    plugged: float | None = None
    drew: float = 0.0
    seen: float = 0.0
    defied: float | None = None
    looked: tuple[datetime, float] | None = None

    @property
    def armed(self) -> bool:
        """Whether the socket may carry current."""
        return self.power in (Power.ARMING, Power.ON)

    def defies(self, now: float) -> bool:
        """Return whether the socket is on although it was told to go off."""
        return self.defied is not None and now - self.defied > DEFIES_AFTER


def step(rule: LoadRule, load: Load, signs: Signs, local: datetime | None, now: float) -> Load:
    """Return the socket at `now`; `local` is None while the wall clock is not believed."""
    load = _watched(rule, _defying(load, signs, now), signs, now)
    load = _timed(rule, load, local, now)
    begin = _begun(rule, load, local, now)
    if local is not None:
        load = replace(load, looked=(local, now))
    elif load.looked is not None:
        load = replace(load, looked=None)
    if begin is None or local is None:
        return load
    load = replace(load, begun=begin)
    if load.power is Power.CUT:
        return load
    left = (end_of(rule.windows, begin) - local).total_seconds()
    if load.armed:
        return replace(load, off_at=max(load.off_at, now + left), by_hand=False)
    if not is_watched(rule, signs):
        return _off(load, Cause.MISSED, now)
    return _armed(load, Cause.SCHEDULE, now, left)


def arm(
    rule: LoadRule, load: Load, signs: Signs, local: datetime | None, now: float
) -> Load | None:
    """Return the socket armed by a person, None where that is not safe or it is armed already."""
    if load.armed or not is_watched(rule, signs) or _too_much(rule, signs):
        return None
    inside = local is not None and any(local in each for each in rule.windows)
    left = rule.longest
    if inside and local is not None:
        left = (end_of(rule.windows, local) - local).total_seconds()
    return replace(_armed(load, Cause.GUARD, now, left), by_hand=not inside)


def missed(load: Load, now: float) -> Load:
    """Return the socket that should have been armed, and was not: nothing could be recorded."""
    return _off(load, Cause.MISSED, now)


def resumed(load: Load, now: float) -> Load:
    """Return a socket of the last run as this one takes it over: on only if it is found on."""
    power = Power.ON if load.armed else load.power
    return replace(load, power=power, seen=now, drew=now, defied=None, looked=None)


def is_watched(rule: LoadRule, signs: Signs) -> bool:
    """Return whether all that must be known of a socket is heard, and there is no smoke."""
    current = rule.max_amps is None or signs.amps is not None
    smoke = not rule.smoke or signs.smoke is False
    return signs.there and signs.on is not None and current and smoke


def _watched(rule: LoadRule, load: Load, signs: Signs, now: float) -> Load:
    if signs.smoke:
        return _cut(load, Cause.SMOKE, now)
    if _too_much(rule, signs):
        return _cut(load, Cause.OVER_CURRENT, now)
    if not load.armed:
        return load
    if is_watched(rule, signs):
        load = replace(load, seen=now)
    elif now - load.seen > BLIND_FOR:
        return _cut(load, Cause.SENSOR_AWAY if signs.there else Cause.LOST, now)
    if load.power is Power.ARMING:
        return _coming_on(load, signs, now)
    return _cut(load, Cause.LOST, now) if signs.on is False else _plugged(load, signs, now)


def _coming_on(load: Load, signs: Signs, now: float) -> Load:
    if signs.on:
        return replace(load, power=Power.ON, since=now)
    return _cut(load, Cause.LOST, now) if now - load.since > ARMS_WITHIN else load


def _plugged(load: Load, signs: Signs, now: float) -> Load:
    """Return a socket that is on with since when its plug has been charging."""
    draws = signs.amps is None or signs.amps > IDLE
    if draws:
        plugged = now if load.plugged is None else load.plugged
        return replace(load, plugged=plugged, drew=now)
    if load.plugged is not None and now - load.drew > UNPLUGGED_AFTER:
        return replace(load, plugged=None)
    return load


def _timed(rule: LoadRule, load: Load, local: datetime | None, now: float) -> Load:
    if not load.armed:
        return load
    if load.plugged is not None and now - load.plugged >= rule.longest:
        return _off(load, Cause.LONGEST, now)
    outside = (
        local is not None and not load.by_hand and not any(local in each for each in rule.windows)
    )
    return _off(load, Cause.SCHEDULE, now) if outside or now >= load.off_at else load


def _begun(rule: LoadRule, load: Load, local: datetime | None, now: float) -> datetime | None:
    """Return which hours have begun since the last look, None too where the clock has jumped."""
    if local is None or load.looked is None:
        return None
    before, at = load.looked
    went = now - at
    if (
        went > _LONGEST_LOOK
        or abs((local - before) - timedelta(seconds=went)).total_seconds() > _STEP
    ):
        return None
    begin = begun(rule.windows, before, local)
    if begin is None or (load.begun is not None and begin <= load.begun):
        return None
    return begin


def _defying(load: Load, signs: Signs, now: float) -> Load:
    if load.armed or not signs.on:
        return replace(load, defied=None)
    return load if load.defied is not None else replace(load, defied=now)


def _too_much(rule: LoadRule, signs: Signs) -> bool:
    return rule.max_amps is not None and signs.amps is not None and signs.amps > rule.max_amps


def _armed(load: Load, cause: Cause, now: float, left: float) -> Load:
    return replace(
        load,
        power=Power.ARMING,
        cause=cause,
        since=now,
        off_at=now + left,
        by_hand=False,
        plugged=None,
        drew=now,
        seen=now,
    )


def _off(load: Load, cause: Cause, now: float) -> Load:
    return replace(load, power=Power.OFF, cause=cause, since=now, plugged=None)


def _cut(load: Load, cause: Cause, now: float) -> Load:
    # The first cause is what a person must look at.
    if load.power is Power.CUT:
        return load
    return replace(load, power=Power.CUT, cause=cause, since=now, plugged=None)
