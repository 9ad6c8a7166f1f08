"""An outage: something that is away or wrong for a while, and what is to be said of it.

One word when it begins and one when it is over, however often it flaps in between.
"""

from dataclasses import dataclass, replace

HOLD = 5.0
"""Seconds that all must have been well before an outage is called over."""


@dataclass(frozen=True, slots=True)
class Begins:
    """Say that it is wrong."""


@dataclass(frozen=True, slots=True)
class Ends:
    """Say that it is well again: it was wrong for `seconds`, and seemed well `flaps` times."""

    seconds: float
    flaps: int


Word = Begins | Ends


@dataclass(frozen=True, slots=True)
class Outage:
    """One thing that may be wrong; times are seconds of CLOCK_MONOTONIC."""

    hold: float = HOLD
    began: float | None = None
    """When it went wrong; None while all is well."""
    well_since: float | None = None
    """Since when it has seemed well again, within an outage."""
    flaps: int = 0

    @property
    def lasts(self) -> bool:
        """Whether the outage was complained of and has not been called over."""
        return self.began is not None


def noted(outage: Outage, now: float, *, wrong: bool) -> tuple[Outage, Word | None]:
    """Return the outage after a look at `now`, and what is to be said, if anything."""
    if outage.began is None:
        return (replace(outage, began=now), Begins()) if wrong else (outage, None)
    if wrong:
        flaps = outage.flaps + (outage.well_since is not None)
        return replace(outage, well_since=None, flaps=flaps), None
    if outage.well_since is None:
        outage = replace(outage, well_since=now)
    assert outage.well_since is not None
    assert outage.began is not None
    if now - outage.well_since < outage.hold:
        return outage, None
    return Outage(outage.hold), Ends(outage.well_since - outage.began, outage.flaps)
