"""Ticks: signed moments that a browser gives back, so that what it sends has an age to be believed.

The browser names the last tick that it got from us and the milliseconds between its arrival and the
moment that it speaks of (`X-Tick`, `X-Since`). Both ways over the network count as age, and no
common clock is needed: a browser can make a moment older than it was, and younger by no more than
the time since we gave the tick, which is short.
"""

import math
from collections.abc import Callable, Mapping
from typing import Protocol

from edge.web.seal import Seal

AHEAD = 0.25
"""Seconds by which a browser may place a moment after its arrival here: its clock is coarse."""


class Signing(Protocol):
    """What a tick is made with: the site's seal, and seconds of CLOCK_MONOTONIC."""

    @property
    def seal(self) -> Seal:
        """What this site signs with."""

    @property
    def mono(self) -> Callable[[], float]:
        """The clock."""


def give(house: Signing, purpose: str, *whom: int | str) -> str:
    """Return a tick of this moment, good for `whom` and `purpose` only."""
    return house.seal.sign(purpose, [*whom, house.mono()])


def moment(
    house: Signing, headers: Mapping[str, str], lasts: float, purpose: str, *whom: int | str
) -> float | None:
    """Return the moment that `headers` speak of, in seconds of CLOCK_MONOTONIC, or None.

    None where no tick that we gave to `whom` within the last `lasts` seconds tells it. It is never
    after now.
    """
    now = house.mono()
    match house.seal.read(purpose, headers.get("x-tick", "")):
        case [*named, float(tick)] if named == list(whom) and 0 <= now - tick <= lasts:
            since = _seconds(headers.get("x-since"))
            if since is None or tick + since > now + AHEAD:
                return None
            return min(tick + since, now)
        case _:
            return None


def _seconds(milliseconds: str | None) -> float | None:
    try:
        value = float(milliseconds or "")
    except ValueError:
        return None
    return value / 1000 if math.isfinite(value) else None
