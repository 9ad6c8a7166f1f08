"""Zones: sets of lamps with rules of their own, and why a lamp shines as it does."""

from dataclasses import dataclass
from enum import StrEnum

FULL = 100
"""The level of a lamp that is lit; 0 is dark."""


class Why(StrEnum):
    """Why a zone's lamps shine as they do; exactly one at a time."""

    MOTION = "motion"
    """An input sees somebody now."""
    ADMITTED = "admitted"
    """A lane has let somebody in who comes here next."""
    AHEAD = "ahead"
    """Somebody is in the zone before this one."""
    HOLD = "hold"
    """Somebody was here a moment ago."""
    MIN_ON = "min_on"
    """It was lit a moment ago, and lamps are not switched so often."""
    SENSOR_AWAY = "sensor_away"
    """What an input sees is not known, so it is lit."""
    RELAY_AWAY = "relay_away"
    """The lamps' relay or the broker is away: lit is what is asked for."""
    DIM = "dim"
    """Nobody is here: the floor below which this zone never falls."""
    REST = "rest"
    """Nobody is here."""
    DAY = "day"
    """The sun does it."""


FAILED = frozenset({Why.SENSOR_AWAY, Why.RELAY_AWAY})
"""Lit because something that would tell is away."""


@dataclass(frozen=True, slots=True)
class ZoneRule:
    """What lights a zone and for how long; seconds, and a floor in per cent.

    `inputs` name what sees people, `lit_by` the lanes whose admitted cars come here, `next` the
    zones where whoever is here goes. With `by_day` it rests while there is daylight.
    """

    name: str
    inputs: frozenset[str]
    next: tuple[str, ...] = ()
    lit_by: frozenset[int] = frozenset()
    min_on: float = 10.0
    hold: float = 60.0
    dim: int = 0
    by_day: bool = False

    def __post_init__(self) -> None:
        if self.min_on < 0 or self.hold < 0 or not 0 <= self.dim < FULL:
            message = f"zone {self.name}: min_on and hold are seconds, dim is 0 to {FULL - 1}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Light:
    """How a zone's lamps shall shine: `level` is 0 to 100."""

    level: int
    why: Why
