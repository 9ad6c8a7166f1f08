"""Access: the answer to one observation. The order of the questions is the policy.

Laws of this file (DESIGN §3):
- the first question that applies gives the one reason;
- nothing late opens anything, not even for a guard;
- leaving is never refused, save by a guard's lock-down, and that never over a fire.

What is asked of cars is in gate/cars.py, what a use of a pass is in gate/visits.py.
"""

from gate import cars
from gate.visits import use_of
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.lane import Credential, Direction, Liveness
from models.moment import Moment, Trust
from models.observation import (
    Alive,
    CardShown,
    FaceFault,
    FaceSeen,
    GuardPressed,
    Observation,
    PassShown,
    PinEntered,
    PlateSeen,
    credential_of,
)
from models.visit import Claims, CodeFault, Weekly

POLICY = "3"
"""Changes whenever the same facts may get another answer; replay compares within one policy."""

_FACE_REASON = {
    FaceFault.UNKNOWN: Reason.UNKNOWN_FACE,
    FaceFault.AMBIGUOUS: Reason.AMBIGUOUS_FACE,
    FaceFault.NOT_LIVE: Reason.NOT_LIVE,
}


FAILURES = 5
"""Times after which a face that keeps being taken for a picture is brought before the guard."""

_ENOUGH = {
    Liveness.OFF: frozenset(Alive),
    Liveness.PASSIVE: frozenset({Alive.PASSIVE, Alive.MOVED}),
    Liveness.CHALLENGE: frozenset({Alive.MOVED}),
}


def decide(seen: Observation, facts: Facts, now: Moment) -> Decision:
    """Return the answer to `seen`, with exactly one reason."""
    age = now.mono - seen.at.captured
    if not 0 <= age <= facts.lane.max_age:
        return Decision(Verdict.REFUSE, Reason.STALE)
    if isinstance(seen, GuardPressed):
        return Decision(Verdict.OPEN, Reason.GUARD)
    if facts.locked_down and not facts.fire:
        return Decision(Verdict.REFUSE, Reason.LOCKED_DOWN)
    answer = _answer(seen, facts, now)
    if answer.verdict is Verdict.OPEN:
        return cars.keeps_out(seen, facts) or answer
    if seen.at.direction is Direction.EXIT and not cars.nobody_leaves(seen, facts):
        return Decision(Verdict.OPEN, answer.reason, tell_guard=True)
    return answer


def _answer(
    seen: FaceSeen | PassShown | PinEntered | PlateSeen | CardShown, facts: Facts, now: Moment
) -> Decision:
    if isinstance(seen, PlateSeen):
        return cars.plate(seen, facts, now, lambda: _pass(seen, facts, now))
    if not _taken_here(seen, facts):
        return _refuse(Reason.NOT_AT_THIS_LANE)
    if isinstance(seen, FaceSeen):
        return _face(seen, facts)
    if isinstance(seen, CardShown):
        return _card(facts)
    if isinstance(seen, PinEntered) and facts.pin_locked:
        return _ask(Reason.PIN_LOCKED)
    return _pass(seen, facts, now)


def _taken_here(seen: FaceSeen | PassShown | PinEntered | CardShown, facts: Facts) -> bool:
    """Return whether the lane takes this way of entry; a number told to a guard is a pass."""
    ways = facts.lane.credentials
    told = isinstance(seen, PinEntered) and bool(seen.guard)
    return credential_of(seen) in ways or (told and Credential.PASS in ways)


def _face(seen: FaceSeen, facts: Facts) -> Decision:
    if seen.fault is not None:
        keeps_failing = seen.fault is FaceFault.NOT_LIVE and seen.failures >= FAILURES
        verdict = Verdict.ASK_GUARD if keeps_failing else Verdict.REFUSE
        return Decision(verdict, _FACE_REASON[seen.fault])
    if seen.gallery < facts.gallery_floor:
        return _refuse(Reason.OLD_GALLERY)
    if wants_second(seen, facts):
        answer = _resident(facts, Credential.FACE, Reason.UNKNOWN_FACE)
        looks_alive = seen.alive in _ENOUGH[Liveness.PASSIVE]
        why = Reason.SECOND_FACTOR if looks_alive else Reason.NOT_LIVE
        return _refuse(why) if answer.verdict is Verdict.OPEN else answer
    if seen.alive not in _enough(seen, facts):
        return _refuse(Reason.NOT_LIVE)
    return _resident(facts, Credential.FACE, Reason.UNKNOWN_FACE)


def wants_second(seen: FaceSeen, facts: Facts) -> bool:
    """Return whether this face may only be the first of two factors here.

    It is that of a resident who is not asked to move, on the way in through a lane that wants a
    movement.
    """
    resident = facts.resident
    marked = resident is not None and resident.second_factor
    return (
        marked
        and facts.lane.liveness is Liveness.CHALLENGE
        and seen.at.direction is Direction.ENTRY
    )


def _card(facts: Facts) -> Decision:
    card = facts.card
    if card is None:
        return _refuse(Reason.UNKNOWN_CARD)
    if card.until is not None and facts.today > card.until:
        return _refuse(Reason.ENDED)
    return _resident(facts, Credential.CARD, Reason.UNKNOWN_CARD)


def _enough(seen: FaceSeen, facts: Facts) -> frozenset[Alive]:
    """Return what shows enough life at this lane; on the way out nobody is made to move."""
    leaving = seen.at.direction is Direction.EXIT and facts.lane.liveness is Liveness.CHALLENGE
    return _ENOUGH[Liveness.PASSIVE if leaving else facts.lane.liveness]


def _resident(facts: Facts, way: Credential, unknown: Reason) -> Decision:
    resident = facts.resident
    if resident is None:
        return _refuse(unknown)
    if resident.until is not None and facts.today > resident.until:
        return _refuse(Reason.ENDED)
    if way not in resident.allowed:
        return _refuse(Reason.NOT_CHOSEN)
    return Decision(Verdict.OPEN, Reason.RESIDENT)


def _pass(  # noqa: PLR0911 - a ladder of questions, each with its answer, is the policy
    seen: PassShown | PinEntered | PlateSeen, facts: Facts, now: Moment
) -> Decision:
    claims = facts.claims
    if claims is None:
        return _no_pass(seen, facts)
    if claims.compound != facts.compound:
        return _refuse(Reason.WRONG_COMPOUND)
    if claims.lanes and facts.lane.number not in claims.lanes:
        return _refuse(Reason.WRONG_LANE)
    if facts.revoked:
        return _refuse(Reason.REVOKED)
    use = use_of(claims, facts, seen.at.direction, now)
    if seen.at.direction is Direction.EXIT and isinstance(use, int):
        return Decision(Verdict.OPEN, Reason.VISITOR, use=use)
    untimely = _untimely(claims, facts, now)
    if untimely is not None:
        return untimely
    if isinstance(use, Reason):
        return _ask(use) if use is Reason.CLOCK else _refuse(use)
    return Decision(Verdict.OPEN, Reason.VISITOR, use=use)


def _no_pass(seen: PassShown | PinEntered | PlateSeen, facts: Facts) -> Decision:
    if isinstance(seen, PinEntered):
        return _refuse(Reason.UNKNOWN_PIN)
    fault = facts.code_fault
    if fault is CodeFault.CLOCK:
        return _ask(Reason.CLOCK)
    return _refuse(Reason.MALFORMED if fault is None else Reason(fault.value))


def _untimely(claims: Claims, facts: Facts, now: Moment) -> Decision | None:
    """Return the answer to a pass that is not good now, None where it is."""
    if now.utc >= claims.expires:
        return _refuse(Reason.EXPIRED)
    early = now.utc < claims.not_before
    # A floor is the true time or earlier: it can prove a begin, and never an hour of the day.
    doubtful = early or claims.weekly is not None
    if now.trust is Trust.UNKNOWN or (doubtful and now.trust is Trust.FLOOR):
        return _ask(Reason.CLOCK)
    if early:
        return _refuse(Reason.NOT_YET)
    return None if _holds(claims.weekly, facts) else _refuse(Reason.NOT_NOW)


def _holds(weekly: Weekly | None, facts: Facts) -> bool:
    return weekly is None or weekly.holds(facts.today, facts.minute)


def _refuse(reason: Reason) -> Decision:
    return Decision(Verdict.REFUSE, reason)


def _ask(reason: Reason) -> Decision:
    return Decision(Verdict.ASK_GUARD, reason)
