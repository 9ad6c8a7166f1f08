"""A score: what an evaluation found, as frozen figures, plots and misses."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recognition.face import Pixels

_Z = 1.959963984540054
"""The normal quantile of 97.5 %: 95 % lie between."""


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `n`; its bounds are Wilson's at 95 % (Wilson 1927, "Probable inference").

    Without a single trial (`n` of 0) value and bounds are None. Raises ValueError for hits outside
    0 to n.
    """

    hits: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.n:
            message = f"{self.hits} hits of {self.n} are no rate"
            raise ValueError(message)

    @property
    def value(self) -> float | None:
        """The share, 0 to 1, unrounded."""
        return self.hits / self.n if self.n else None

    @property
    def lo(self) -> float | None:
        """The lower bound."""
        return self._bound(-1.0)

    @property
    def hi(self) -> float | None:
        """The upper bound."""
        return self._bound(1.0)

    def _bound(self, side: float) -> float | None:
        if not self.n:
            return None
        n, share = self.n, self.hits / self.n
        middle = share + _Z**2 / (2 * n)
        spread = _Z * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        return min(1.0, max(0.0, (middle + side * spread) / (1 + _Z**2 / n)))


@dataclass(frozen=True, slots=True)
class Bounded:
    """A figure whose 95 % bounds were found by drawing again and again (bootstrap).

    `Bounded()` is a rate that does not apply: it and its bounds are None.
    """

    value: float | None = None
    lo: float | None = None
    hi: float | None = None


Figure = Rate | Bounded | int | float | str | None
"""A count is an int; what does not apply is None."""


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that went wrong: what it was, why, and the pictures that show it, if any."""

    title: str
    why: str
    pictures: tuple[Path | Pixels, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """Scores of several kinds over one axis; `marks` are named places on it (a threshold)."""

    title: str
    axis: str
    series: Mapping[str, tuple[float, ...]]
    marks: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (x, y) joined by a line, such as a DET curve; both axes may be logarithmic.

    `marks` are single named points. On a logarithmic axis points at 0 lie on its lower end.
    """

    title: str
    axes: tuple[str, str]
    points: tuple[tuple[float, float], ...]
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    logarithmic: bool = True


Plot = Histogram | Curve


@dataclass(frozen=True, slots=True)
class Score:
    """What one folder came to.

    `figures` become the line on stdout, in their order; `kinds` the same per kind, under the key
    `kinds`, which is left out where there are none. `misses` are the worst first. `notes` are
    sentences for whoever reads the page.
    """

    figures: Mapping[str, Figure]
    plots: tuple[Plot, ...] = ()
    misses: tuple[Miss, ...] = ()
    kinds: Mapping[str, Mapping[str, Figure]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
