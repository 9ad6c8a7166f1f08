"""Cars: the answer to a plate, and what a car in a lane changes for everybody else there.

Laws of this file:
- a plate opens nothing where the inputs say that no vehicle stands there, whichever way it faces;
- on the way in it opens nothing unless they say that one does;
- a car that two approvers keep out is not let in by anything but a guard's hand;
- a car that is inside is brought before the guard when it comes again; leaving is never asked;
- where no space is left the guard is asked; a car beyond its household's spaces comes in as a
  visitor's or asks the guard, as the site says.
"""

from collections.abc import Callable

from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.lane import Credential, Direction, LaneKind
from models.moment import Moment
from models.observation import Observation, PlateSeen
from models.plate import Band
from models.stay import Beyond
from models.vehicle import CarPassage, Presence
from models.visit import UseState

SAME_VISIT = 60.0
"""Seconds within which the same car at the same lane has come once, not twice."""


def nobody_leaves(seen: Observation, facts: Facts) -> bool:
    """Return whether a plate is seen with no car to let out by it.

    A plate held up by hand leaves nothing behind a closed gate, and a lane that reads no plates to
    open looks for them only to keep cars away.
    """
    return isinstance(seen, PlateSeen) and (
        facts.presence is Presence.CLEAR or Credential.PLATE not in facts.lane.credentials
    )


def keeps_out(seen: Observation, facts: Facts) -> Decision | None:
    """Return why nobody is let in by their own credential now, None where nothing keeps them out.

    It is asked once a credential would open, so that nothing else is told by it.
    """
    if seen.at.direction is not Direction.ENTRY:
        return None
    if facts.restriction is not None:
        return _ask(Reason.RESTRICTED)
    if facts.lane.kind is LaneKind.EBIKE and facts.presence is Presence.THERE:
        return _ask(Reason.CAR_IN_LANE)
    return _ask(Reason.FULL) if facts.full else None


def plate(  # noqa: PLR0911 - a ladder of questions, each with its answer, is the policy
    seen: PlateSeen, facts: Facts, now: Moment, visit: Callable[[], Decision]
) -> Decision:
    """Return the answer to a plate; `visit` is that of the pass which is bound to it."""
    if Credential.PLATE not in facts.lane.credentials:
        return _ask(Reason.CAR_IN_LANE)
    if facts.presence is Presence.CLEAR:
        return Decision(Verdict.REFUSE, Reason.NO_VEHICLE, tell_guard=True)
    if facts.presence is Presence.UNKNOWN and seen.at.direction is Direction.ENTRY:
        return _ask(Reason.NO_VEHICLE)
    if facts.restriction is not None:
        return _ask(Reason.RESTRICTED)
    if seen.reading.band is not Band.ACCEPT:
        return _ask(Reason.UNREADABLE_PLATE)
    vehicle = facts.vehicle
    if vehicle is not None and (vehicle.until is None or facts.today <= vehicle.until):
        return _known(seen, facts, now)
    if facts.claims is not None:
        return visit()
    return _ask(Reason.UNKNOWN_PLATE if vehicle is None else Reason.ENDED)


def _known(seen: PlateSeen, facts: Facts, now: Moment) -> Decision:
    """Return the answer to a car with the right to come in, by where it was last."""
    last = next((one for one in facts.passages if one.state is not UseState.RETURNED), None)
    way = seen.at.direction
    if last is not None and last.direction is way and _same_visit(last, facts.lane.number, now):
        return _welcome(seen, facts)
    inside = last is not None and last.direction is Direction.ENTRY
    if way is Direction.ENTRY and inside and facts.passback:
        return _ask(Reason.ALREADY_INSIDE)
    if way is Direction.EXIT and not inside:
        return Decision(Verdict.OPEN, Reason.UNPAIRED, tell_guard=True)
    return _welcome(seen, facts)


def _welcome(seen: PlateSeen, facts: Facts) -> Decision:
    """Return the answer to a resident's car; on the way in by the spaces left to its home."""
    beyond = facts.beyond if seen.at.direction is Direction.ENTRY else None
    if beyond is Beyond.ASK:
        return _ask(Reason.SPACES_TAKEN)
    return Decision(Verdict.OPEN, Reason.VISITOR if beyond is Beyond.VISITOR else Reason.RESIDENT)


def _same_visit(last: CarPassage, lane: int, now: Moment) -> bool:
    at = last.at_mono
    return last.lane == lane and at is not None and 0 <= now.mono - at <= SAME_VISIT


def _ask(reason: Reason) -> Decision:
    return Decision(Verdict.ASK_GUARD, reason, tell_guard=True)
