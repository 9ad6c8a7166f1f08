"""Counting: how many have gone through a lane that no journal row tells of yet.

A relay counts who passes its inputs since its epoch began; the store keeps the count up to which
the journal tells of everybody. What lies between the two has passed while nobody was writing.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Count:
    """A relay's count: `number` have passed since `epoch` began."""

    epoch: str
    number: int


@dataclass(frozen=True, slots=True)
class Untold:
    """What no row tells of: so many passed, and whether more may have while nobody counted."""

    passed: int
    unwatched: bool


def untold(told: Count | None, heard: Count) -> Untold:
    """Return what has passed between the count that is told and the one that is heard."""
    if told is None:
        return Untold(0, unwatched=True)
    if told.epoch != heard.epoch or heard.number < told.number:
        return Untold(heard.number, unwatched=True)
    return Untold(heard.number - told.number, unwatched=False)
