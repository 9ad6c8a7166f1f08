"""Second factors: whose face a lane has just seen and waits for another way of the same person."""

from dataclasses import dataclass, replace

from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.observation import FaceSeen, GuardPressed, Observation

WITHIN = 20.0
"""Seconds in which the other way belongs to the face: as long as a movement would be asked."""


@dataclass(frozen=True, slots=True)
class _First:
    """A face that was seen: whose, in which row, and when (CLOCK_MONOTONIC)."""

    person: str
    seq: int
    at: float


class SecondFactor:
    """What one lane knows of faces that wait for a second factor; for that lane's thread only."""

    def __init__(self) -> None:
        self._first: _First | None = None

    def applied(self, facts: Facts, seen: Observation, now: float) -> Facts:
        """Return the facts with the row of the face that `seen` confirms, if it does."""
        first = self._first
        if first is None or now - first.at > WITHIN or isinstance(seen, FaceSeen | GuardPressed):
            return facts
        return replace(facts, confirms=first.seq) if _person(facts) == first.person else facts

    def decided(self, seq: int, facts: Facts, decision: Decision, now: float) -> None:
        """Note what became of decision `seq`: a face that waits from now on, or one that need not.

        An opening ends the waiting whoever it was for: the place before the lane is another's then.
        """
        if decision.reason is Reason.SECOND_FACTOR and facts.resident is not None:
            self._first = _First(facts.resident.resident_id, seq, now)
        elif decision.verdict is Verdict.OPEN:
            self._first = None


def _person(facts: Facts) -> str | None:
    """Return whose a card is, or who gave a pass: only who lives here is anybody's second."""
    if facts.card is not None:
        return facts.card.resident
    return None if facts.claims is None else facts.claims.host
