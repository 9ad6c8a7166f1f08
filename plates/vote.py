"""The vote: what the readings of one vehicle's plate come to."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.plate import Band, PlateReading


@dataclass(frozen=True, slots=True)
class VoteRules:
    """How many readings must agree, and how much of the weight they must have."""

    frames: int = 2
    """One picture may be read with confidence and wrong; its errors seldom repeat at a new size."""
    agreement: float = 0.8


def vote(readings: Sequence[PlateReading], rules: VoteRules) -> PlateReading | None:
    """Return the text with the most weight, or None where nothing was read.

    Its confidence is that of its surest picture times its share of all weight: pictures of one
    camera err alike, so more of them make nothing surer than the surest. It is accepted only when
    enough pictures agree on it, with enough of the weight, and one of them was accepted by itself.
    """
    said = [reading for reading in readings if reading.band is not Band.IGNORE]
    if not said:
        return None
    weights: dict[str, float] = {}
    for reading in said:
        weights[reading.text] = weights.get(reading.text, 0.0) + reading.confidence
    text = max(weights, key=lambda each: weights[each])
    agreeing = [reading for reading in said if reading.text == text]
    surest = max(agreeing, key=lambda each: (each.band is Band.ACCEPT, each.confidence))
    agreement = weights[text] / sum(weights.values())
    accepted = (
        surest.band is Band.ACCEPT
        and len(agreeing) >= rules.frames
        and agreement >= rules.agreement
    )
    return replace(
        surest,
        confidence=surest.confidence * agreement,
        band=Band.ACCEPT if accepted else Band.ASK,
        frames=len(agreeing),
    )
