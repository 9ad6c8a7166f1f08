"""What ails the inputs beside a barrier, for a person to mend; the barrier itself never hopes."""

from enum import StrEnum

from gate.barrier import FRESH, Barrier
from models.command import Position
from models.sensor import Input


class Ailing(StrEnum):
    """What can be wrong with an input that the relay's wires lead to."""

    STALE = "stale"
    """It belongs to the lane, and the relay has not said lately what it shows."""
    FLAPPING = "flapping"
    CONTRADICTORY = "contradictory"
    """The contact and the position wire do not agree whether the gate is shut."""


def ailing(barrier: Barrier, now: float) -> tuple[tuple[Input, Ailing], ...]:
    """Return each input that a person should look at; none of a relay that was never heard."""
    heard = barrier.heard
    if heard is None:
        return ()
    old = now - heard.at > FRESH
    found = [
        (each, Ailing.STALE)
        for each in sorted(barrier.fitting.presence | barrier.fitting.vehicle)
        if old or each not in heard.active
    ]
    found += [(each, Ailing.FLAPPING) for each in sorted(barrier.flapping.at(now))]
    shut = heard.active.get(Input.CONTACT)
    stands = heard.position in (Position.OPEN, Position.CLOSED)
    if stands and shut is not None and shut is not (heard.position is Position.CLOSED):
        found.append((Input.CONTACT, Ailing.CONTRADICTORY))
    return tuple(found)
