"""Confidence: how far a reading is to be believed, and what may follow from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.plate import Band


@dataclass(frozen=True, slots=True)
class Belief:
    """The likeliest plate; `share` is its part of all texts, `lead` its part of all plates."""

    text: str
    share: float
    lead: float


@dataclass(frozen=True, slots=True)
class Bands:
    """Where the bands lie; the figures' source is docs/plates.md."""

    accept: float = 0.95
    accept_again: float = 0.97
    """The bar of a plate that missed the first at its first look: a second try is a second chance
    to be wrong."""
    ask: float = 0.2
    enough: float = 0.3
    """The share of all texts from which on only the lead counts: below it the picture may hold no
    whole plate, and the reader's habit would fill the rest in."""
    contradicted: float = 0.5
    """What is left of the confidence where the ground's colour contradicts the text."""

    def confidence(self, belief: Belief, *, agrees: bool) -> float:
        """Return how far a belief holds, 0 to 1, calibrated to be the chance that it is right.

        `agrees` is whether the plate's ground may carry such a text.
        """
        sure = belief.lead * min(1.0, belief.share / self.enough)
        return min(1.0, sure if agrees else sure * self.contradicted)

    def band(self, confidence: float, *, whole: bool, again: bool = False) -> Band:
        """Return what may follow; a plate that the picture cuts off is never accepted.

        `again` is whether the plate was looked at a second time.
        """
        if whole and confidence >= (self.accept_again if again else self.accept):
            return Band.ACCEPT
        return Band.ASK if confidence >= self.ask else Band.IGNORE


def belief(looks: Sequence[Mapping[str, float]]) -> Belief:
    """Return the likeliest plate of one or more looks, each the shares of plates (beam.shares).

    Looks count alike. Without any plate the text is empty and share and lead are 0.
    """
    mean: dict[str, float] = {}
    for look in looks:
        for text, share in look.items():
            mean[text] = mean.get(text, 0.0) + share / len(looks)
    whole = sum(mean.values())
    if not whole > 0:
        return Belief("", 0.0, 0.0)
    text = max(mean, key=lambda each: mean[each])
    return Belief(text, mean[text], mean[text] / whole)
