"""One row of the bench: a ratio with its spread, and whether its goal holds. Pure.

The ratio is the median of the blocks' ratios; `lo` and `hi` are the smallest and the largest of
them. For n blocks that spread holds the true median with probability 1 - 2^(1-n), whatever the
noise is like (the sign test): 0.94 for 5 blocks, 0.98 for 7.
"""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

KEYS = ("name", "ratio", "lo", "hi", "op", "goal", "unit", "ok", "peer", "n")
"""What one line of standard output holds, in this order."""

LEAST_BLOCKS = 5

Op = Literal["<=", ">="]


@dataclass(frozen=True, slots=True)
class Goal:
    """What the ratio must be; `bar` is None for a figure that nothing is asked of."""

    op: Op
    bar: float | None

    def held(self, lo: float, hi: float) -> bool:
        """Return False only where the whole of lo to hi is past the bar."""
        if self.bar is None:
            return True
        return lo <= self.bar if self.op == "<=" else hi >= self.bar


@dataclass(frozen=True, slots=True)
class About:
    """What a row is of: its name, its peer in words, and what the two figures are.

    `unit` says what the ratio is; `of` is the unit of the blocks' own figures; `n` is how many
    single measurements of ours went in.
    """

    name: str
    peer: str
    unit: str
    of: str
    n: int


@dataclass(frozen=True, slots=True)
class Row:
    """One result, with the figure of every block behind it; `theirs` is empty without a peer."""

    about: About
    goal: Goal
    ours: tuple[float, ...]
    theirs: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        if self.theirs and len(self.theirs) != len(self.ours):
            message = f"{self.about.name}: {len(self.ours)} blocks against {len(self.theirs)}"
            raise ValueError(message)
        if len(self.ours) < LEAST_BLOCKS:
            message = f"{self.about.name}: {len(self.ours)} blocks are under {LEAST_BLOCKS}"
            raise ValueError(message)
        if not all(math.isfinite(value) and value > 0 for value in (*self.ours, *self.theirs)):
            message = f"{self.about.name}: a block's figure is not a number above 0"
            raise ValueError(message)

    @property
    def ratios(self) -> tuple[float, ...]:
        """The ratio of each block: ours over theirs, or ours alone where there is no peer."""
        if not self.theirs:
            return self.ours
        return tuple(a / b for a, b in zip(self.ours, self.theirs, strict=True))

    @property
    def ratio(self) -> float:
        """The median of the blocks' ratios."""
        return statistics.median(self.ratios)

    @property
    def ok(self) -> bool:
        """False only if the whole spread is past the goal."""
        return self.goal.held(min(self.ratios), max(self.ratios))

    def line(self) -> str:
        """Return the row as one line of JSON, the blocks' own figures under `blocks`."""
        ratios, about = self.ratios, self.about
        said = {
            "name": about.name,
            "ratio": _short(self.ratio),
            "lo": _short(min(ratios)),
            "hi": _short(max(ratios)),
            "op": self.goal.op,
            "goal": self.goal.bar,
            "unit": about.unit,
            "ok": self.ok,
            "peer": about.peer,
            "n": about.n,
            "blocks": {
                "of": about.of,
                "ours": [_short(value) for value in self.ours],
                "theirs": [_short(value) for value in self.theirs],
            },
        }
        return json.dumps(said, ensure_ascii=False)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that `share` (0 to 1) of the values are not above: the nearest rank.

    Raises ValueError for no values.
    """
    if not values:
        message = "there is no percentile of nothing"
        raise ValueError(message)
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def _short(value: float) -> float:
    return float(f"{value:.5g}")
