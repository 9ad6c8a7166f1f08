"""Daylight: how high the sun stands over a place. Pure.

Low-precision solar coordinates of the Astronomical Almanac (section C, "Low precision formulas for
the Sun"), good to 0.01 degrees from 1950 to 2050; sidereal time after USNO Circular 179. A lamp
wants a tenth of that.
"""

from datetime import UTC, datetime
from math import asin, atan2, cos, degrees, radians, sin

SUNSET = -0.833
"""Degrees: the sun's upper rim touches the horizon, with its light bent by the air."""

_NOON_2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
_DAY = 86400.0


def sun_height(latitude: float, longitude: float, utc: datetime) -> float:
    """Return the height of the sun's centre in degrees; north and east are positive."""
    days = (utc - _NOON_2000).total_seconds() / _DAY
    anomaly = radians(357.529 + 0.98560028 * days)
    mean = 280.459 + 0.98564736 * days
    along = radians(mean + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    tilt = radians(23.439 - 0.00000036 * days)
    ascension = atan2(cos(tilt) * sin(along), cos(along))
    declination = asin(sin(tilt) * sin(along))
    sidereal = radians(15 * (18.697374558 + 24.06570982441908 * days) + longitude)
    here = radians(latitude)
    turned = cos(here) * cos(declination) * cos(sidereal - ascension)
    return degrees(asin(sin(here) * sin(declination) + turned))


def is_dark(latitude: float, longitude: float, utc: datetime) -> bool:
    """Return whether the sun is down."""
    return sun_height(latitude, longitude, utc) < SUNSET
