"""The threshold: how alike two faces must look, given how many people could be mistaken."""

from dataclasses import dataclass
from statistics import NormalDist

DEFAULT_TARGET = 1e-3
"""How often a stranger's passage may be taken for a resident's."""


@dataclass(frozen=True, slots=True)
class Impostors:
    """How alike an engine finds a stranger and one resident: the upper tail of that score.

    The tail is that of a normal distribution with `mean` and `deviation`; only the tail fits, not
    the middle. `floor` is the least threshold ever used, however small the gallery.
    """

    mean: float
    deviation: float
    floor: float

    def __post_init__(self) -> None:
        if not self.deviation > 0:
            message = f"a deviation of {self.deviation} is not above 0"
            raise ValueError(message)

    def level(self, deviations: float) -> float:
        """Return the score that lies so many deviations over the mean.

        Rules are written in deviations, so that they hold for every engine.
        """
        return self.mean + deviations * self.deviation

    def threshold(self, people: float, target: float = DEFAULT_TARGET) -> float:
        """Return the score over which a stranger meets one of `people` with chance `target`.

        The chances add up over the gallery: each resident may be met with `target / people`.
        """
        if not 0 < target < 1:
            message = f"a target of {target} is not between 0 and 1"
            raise ValueError(message)
        share = min(target / max(people, 1.0), 0.5)
        tail = NormalDist(self.mean, self.deviation).inv_cdf(1 - share)
        return max(self.floor, tail)
