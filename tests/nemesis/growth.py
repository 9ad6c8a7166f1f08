"""Whether a measure of a long run grows: a straight line through its second half. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

SPREADS = 3.0
"""Standard deviations of what is left over the line that a rise must be above to be believed."""
FEWEST = 10
"""Samples in the second half below which a line through them says nothing."""


@dataclass(frozen=True, slots=True)
class Growth:
    """The line through the second half of a series.

    `rise` is how much the line climbs over it, `spread` the standard deviation of what is left
    over the line, `mean` its level; all in the unit of the series.
    """

    rise: float
    spread: float
    mean: float

    def over(self, floor: float) -> bool:
        """Return whether the rise is above both `floor` and what the spread explains."""
        return self.rise > max(floor, SPREADS * self.spread)


def growth(times: Sequence[float], values: Sequence[float]) -> Growth:
    """Return the growth of a series in its second half, by ordinary least squares.

    Raises ValueError where the second half has too few samples or takes no time.
    """
    if len(times) != len(values):
        message = f"{len(times)} times and {len(values)} values are no series"
        raise ValueError(message)
    middle = (times[0] + times[-1]) / 2 if times else 0.0
    half = [(t, v) for t, v in zip(times, values, strict=True) if t >= middle]
    span = half[-1][0] - half[0][0] if half else 0.0
    if len(half) < FEWEST or span <= 0:
        message = f"{len(half)} samples over {span:g} s say nothing; run for longer"
        raise ValueError(message)
    mean_t = sum(t for t, _ in half) / len(half)
    mean = sum(v for _, v in half) / len(half)
    slope = sum((t - mean_t) * (v - mean) for t, v in half) / sum(
        (t - mean_t) ** 2 for t, _ in half
    )
    left = sum((v - mean - slope * (t - mean_t)) ** 2 for t, v in half)
    return Growth(slope * span, sqrt(left / (len(half) - 2)), mean)
