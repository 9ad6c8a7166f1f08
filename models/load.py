"""Loads: sockets that charge, whether they are armed, and why not."""

from dataclasses import dataclass
from enum import StrEnum


class Power(StrEnum):
    """How a socket stands."""

    OFF = "off"
    ARMING = "arming"
    """Asked to come on, not yet seen to be."""
    ON = "on"
    CUT = "cut"
    """Off, and it stays so until a person arms it."""


class Cause(StrEnum):
    """Why a socket stands so."""

    SCHEDULE = "schedule"
    GUARD = "guard"
    LONGEST = "longest"
    """The plug was in for as long as one may be; off until the next hours begin."""
    MISSED = "missed"
    """The hours began while the relay or a sensor was away, or nothing could be recorded."""
    OVER_CURRENT = "over_current"
    SMOKE = "smoke"
    SENSOR_AWAY = "sensor_away"
    """Current or smoke was not heard of for too long."""
    LOST = "lost"
    """It went off by itself, did not come on, or its relay was away for too long."""


DANGERS = (Cause.OVER_CURRENT, Cause.SMOKE, Cause.SENSOR_AWAY, Cause.LOST)
"""What cuts a socket."""


@dataclass(frozen=True, slots=True)
class Signs:
    """What is known of a socket now; None is what is not heard or not wired."""

    there: bool
    on: bool | None = None
    amps: float | None = None
    smoke: bool | None = None
