"""Lights: which zones shine, how brightly and why. Pure; times are seconds of CLOCK_MONOTONIC.

Rules of this file:
- light fails lit: an input that is not heard, or a relay that is away, is a reason to shine;
- whoever is let in, or is seen in a zone, finds this zone and the next ones lit;
- nothing that is lit goes out before its `min_on`, whatever comes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf

from models.zone import FULL, Light, Why, ZoneRule

FRESH = 5.0
"""Seconds after which an input that was not heard is away."""

_UNLIT = Light(0, Why.REST)


@dataclass(frozen=True, slots=True)
class Lamp:
    """What is remembered of a zone.

    `on_since` is when it was last lit, None while it is not; until `held` it stays so, for the
    reason `cause`.
    """

    light: Light = _UNLIT
    on_since: float | None = None
    held: float = -inf
    cause: Why = Why.HOLD


@dataclass(frozen=True, slots=True)
class Lights:
    """Every zone of a site. `heard` has what each input last said, and when."""

    zones: Mapping[str, ZoneRule]
    lamps: Mapping[str, Lamp] = field(default_factory=dict)
    heard: Mapping[str, tuple[bool, float]] = field(default_factory=dict)

    def light(self, zone: str) -> Light:
        """Return how a zone shines."""
        return self.lamps[zone].light

    def silent(self, zone: str, now: float) -> tuple[str, ...]:
        """Return the inputs of a zone that are not heard."""
        wanted = sorted(self.zones[zone].inputs)
        return tuple(one for one in wanted if now - self.heard.get(one, (False, -inf))[1] > FRESH)

    def seen(self, zone: str, now: float) -> bool:
        """Return whether an input that is heard sees somebody."""
        said = (self.heard.get(one, (False, -inf)) for one in self.zones[zone].inputs)
        return any(active and now - at <= FRESH for active, at in said)


def lights(rules: Iterable[ZoneRule]) -> Lights:
    """Return the lights of a site of which nothing is known yet."""
    zones = {rule.name: rule for rule in rules}
    return Lights(zones, {name: Lamp() for name in zones})


def hear(lights: Lights, name: str, active: bool | None, at: float) -> Lights:  # noqa: FBT001 - the fact itself
    """Return the lights after an input spoke; None is an input that cannot be read."""
    heard = dict(lights.heard)
    if active is None:
        heard.pop(name, None)
    else:
        heard[name] = (active, at)
    return replace(lights, heard=heard)


def admit(lights: Lights, lane: int, now: float) -> Lights:
    """Return the lights after `lane` let somebody in: the zones where they go, and those after."""
    lamps = dict(lights.lamps)
    for zone in lights.zones.values():
        if lane in zone.lit_by:
            _call(lights, lamps, zone.name, Why.ADMITTED, now)
    return replace(lights, lamps=lamps)


def step(
    lights: Lights,
    now: float,
    *,
    day: frozenset[str] = frozenset(),
    away: frozenset[str] = frozenset(),
) -> Lights:
    """Return the lights at `now`.

    `day` names the zones that the sun lights now, `away` those whose lamps cannot be reached.
    """
    lamps = dict(lights.lamps)
    for name in lights.zones:
        if lights.seen(name, now):
            _call(lights, lamps, name, Why.MOTION, now)
    for name, zone in lights.zones.items():
        lamp = lamps[name]
        light = _wanted(lights, zone, lamp, now, (name in day, name in away))
        lit = light.level == FULL
        on_since = (now if lamp.on_since is None else lamp.on_since) if lit else None
        lamps[name] = replace(lamp, light=light, on_since=on_since)
    return replace(lights, lamps=lamps)


def _call(lights: Lights, lamps: dict[str, Lamp], name: str, why: Why, now: float) -> None:
    zone = lights.zones[name]
    lamps[name] = _held(lamps[name], now + zone.hold, why)
    for ahead in zone.next:
        lamps[ahead] = _held(lamps[ahead], now + lights.zones[ahead].hold, Why.AHEAD)


def _held(lamp: Lamp, until: float, why: Why) -> Lamp:
    return replace(lamp, held=until, cause=why) if until >= lamp.held else lamp


def _wanted(
    lights: Lights, zone: ZoneRule, lamp: Lamp, now: float, outside: tuple[bool, bool]
) -> Light:
    sunny, away = outside
    day = zone.by_day and sunny
    why = None if day else _why_lit(lights, zone, lamp, now, away=away)
    if why is not None:
        return Light(FULL, why)
    if lamp.on_since is not None and now - lamp.on_since < zone.min_on:
        return Light(FULL, Why.MIN_ON)
    if day:
        return Light(0, Why.DAY)
    return Light(zone.dim, Why.DIM if zone.dim else Why.REST)


def _why_lit(lights: Lights, zone: ZoneRule, lamp: Lamp, now: float, *, away: bool) -> Why | None:
    if away:
        return Why.RELAY_AWAY
    if lights.silent(zone.name, now):
        return Why.SENSOR_AWAY
    if lights.seen(zone.name, now):
        return Why.MOTION
    if now < lamp.held:
        return Why.HOLD if lamp.cause is Why.MOTION else lamp.cause
    return None
