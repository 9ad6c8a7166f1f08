"""A challenge: one movement that was asked of one face, and what became of it. All values.

Who asks draws the movement; here it is an argument. Times are seconds of CLOCK_MONOTONIC.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from models.movement import Movement
from recognition.movement import MovementRules, Pose, is_back, middle, reached
from recognition.planarity import residual

PROVING = (Movement.TURN_LEFT, Movement.TURN_RIGHT)
"""The movements that a lane asks for.

A nod and coming closer are known and count as other movements, but prove nothing: a cut-out
picture that sways is found to nod now and then, and one that is brought closer comes closer before
a surround that stays (docs/liveness.md).
"""


@dataclass(frozen=True, slots=True)
class ChallengeRules:
    """What a movement must show; the figures' sources are in docs/liveness.md."""

    movement: MovementRules = field(default_factory=MovementRules)
    seconds: float = 20.0
    """Within which it must be done."""
    reaction: float = 0.4
    """Nobody has read and moved sooner; a clip that was running already has."""
    turn_depth: float = 0.20
    """How far the nose must leave a flat face's place in a turn; eye distances."""
    nod_depth: float = 0.06
    apart: float = 0.15
    """How much better `still` must explain the surround than `moved along`, where one comes closer.

    Coming closer alone leaves no depth in five points; the surround must stay behind.
    """
    along: float = -0.25
    """Under this the surround moved along with the face: it is on the same sheet."""


class Ending(StrEnum):
    """What became of a challenge."""

    MOVED = "moved"
    FLAT = "flat"
    """The movement was made by something flat."""
    WRONG = "wrong"
    """Another movement came first, or the right one before anyone could have known."""
    LATE = "late"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One asked movement; `ending` is None while it is under way."""

    movement: Movement
    asked: float
    rest: Pose
    lately: tuple[Pose, ...] = ()
    """The newest three poses, whose middle is judged: single frames are noisy."""
    furthest: Pose | None = None
    depth: float = 0.0
    """The most depth seen on the way, in the asked movement's own direction."""
    apart: float = 0.0
    """The last word of the surround (recognition/parallax.py); 0 where it says nothing."""
    ending: Ending | None = None


def step(before: Challenge, now: Pose, apart: float | None, rules: ChallengeRules) -> Challenge:
    """Return the challenge after one more frame.

    `apart` says how the surround moved since the face was at rest, None where it cannot tell.
    """
    if before.ending is not None:
        return before
    if now.at - before.asked > rules.seconds:
        return replace(before, ending=Ending.LATE)
    lately = (*before.lately, now)[-3:]
    held = middle(lately)
    after = replace(before, lately=lately, apart=before.apart if apart is None else apart)
    if after.furthest is None:
        return _going(after, held, rules)
    return _returning(after, held, rules)


def passed(before: Challenge, now: float, rules: ChallengeRules) -> Challenge:
    """Return the challenge after a frame in which the face was not seen."""
    late = before.ending is None and now - before.asked > rules.seconds
    return replace(before, ending=Ending.LATE) if late else before


def _going(after: Challenge, held: Pose, rules: ChallengeRules) -> Challenge:
    found = reached(after.rest, held, rules.movement)
    if found is None or _is_on_the_way(after, held, found, rules.movement):
        return after
    early = held.at - after.asked < rules.reaction
    if early or found is not after.movement:
        return replace(after, ending=Ending.WRONG)
    after = replace(after, furthest=held, depth=_depth(after, held))
    if after.movement is not Movement.CLOSER:
        return after
    return replace(after, ending=Ending.MOVED if after.apart >= rules.apart else Ending.FLAT)


def _returning(after: Challenge, held: Pose, rules: ChallengeRules) -> Challenge:
    assert after.furthest is not None
    found = reached(after.rest, held, rules.movement)
    if found not in (None, after.movement, Movement.CLOSER):
        return replace(after, ending=Ending.WRONG)
    further = _out(after.rest, held, after.movement) > _out(
        after.rest, after.furthest, after.movement
    )
    after = replace(
        after,
        furthest=held if further else after.furthest,
        depth=max(after.depth, _depth(after, held)),
    )
    if after.apart <= rules.along:
        return replace(after, ending=Ending.FLAT)
    furthest = after.furthest
    assert furthest is not None
    if not is_back(after.rest, furthest, held, rules.movement):
        return after
    least = rules.nod_depth if after.movement is Movement.NOD else rules.turn_depth
    return replace(after, ending=Ending.MOVED if after.depth >= least else Ending.FLAT)


def _is_on_the_way(challenge: Challenge, held: Pose, found: Movement, rules: MovementRules) -> bool:
    """Return whether a head that was asked to turn or nod has merely come a little closer."""
    if found is not Movement.CLOSER or challenge.movement is Movement.CLOSER:
        return False
    return held.size < challenge.rest.size * rules.closer**2


def _out(rest: Pose, held: Pose, movement: Movement) -> float:
    if movement is Movement.NOD:
        return held.pitch - rest.pitch
    return (held.yaw - rest.yaw) * (1 if movement is Movement.TURN_LEFT else -1)


def _depth(challenge: Challenge, held: Pose) -> float:
    beside, below = residual(challenge.rest.points, held.points)
    match challenge.movement:
        case Movement.TURN_LEFT:
            return beside
        case Movement.TURN_RIGHT:
            return -beside
        case Movement.NOD:
            return below
        case Movement.CLOSER:
            return 0.0
