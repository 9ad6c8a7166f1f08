"""Turns: the movements that people in clips made by themselves, found by their landmarks."""

from dataclasses import dataclass
from statistics import median

from edge.eval.takes import Take
from models.movement import Movement
from recognition.movement import Pose, pose

TURN, NOD, CLOSER = 0.30, 0.09, 1.25
"""How far a movement must go to be one; yaw, pitch, times the size."""
_BEFORE, _BEGINS, _LEAST, _MOST = 1.0, 1.5, 0.6, 8.0
"""Seconds at rest before a movement, within which it then goes far, and which it takes in all.

What a detector sees go and come back sooner is its own doubt, not a head.
"""
_ON_THE_WAY = 2
"""Frames in which a head is seen between a fifth and four fifths of its way, there and back.

The landmarks of a covered face jump; heads do not.
"""
LEAD = 1.2
"""Seconds before a movement from which it is played: somebody arrives, is named and asked."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One movement in a take, from its rest to its end; seconds."""

    movement: Movement
    start: float
    end: float


def turns(take: Take) -> tuple[Turn, ...]:
    """Return the movements of a take that begin and end at rest, in their order.

    A face is at rest while it looks ahead and yaw stays within 0.12 and pitch within 0.05 for a
    second. This knows nothing of depth, scores or the surround.
    """
    poses = [held for one in take.shown if (held := pose(one.face, one.at)) is not None]
    usual = median(one.pitch for one in poses) if poses else 0.0
    found, free = list[Turn](), poses[0].at if poses else 0.0
    for number, held in enumerate(poses):
        rest = [one for one in poses[:number] if free <= one.at and held.at - one.at <= _BEFORE]
        if held.at < free or len(rest) < 7 or not _still(rest, usual):  # noqa: PLR2004 - of ten a second
            continue
        turn = _from(rest, [one for one in poses[number:] if one.at - held.at <= _MOST])
        if (
            turn is not None
            and turn.end - turn.start >= _LEAST
            and turn.start - LEAD >= take.shown[0].at - 0.5
        ):
            found.append(turn)
            free = turn.end
    return tuple(found)


def _still(rest: list[Pose], usual: float) -> bool:
    yaws, pitches = [one.yaw for one in rest], [one.pitch for one in rest]
    steady = max(yaws) - min(yaws) <= 0.12 and max(pitches) - min(pitches) <= 0.05  # noqa: PLR2004 - as said above
    ahead = abs(median(yaws)) <= 0.2 and abs(median(pitches) - usual) <= 0.05  # noqa: PLR2004 - ahead
    return steady and ahead


def _from(rest: list[Pose], later: list[Pose]) -> Turn | None:
    """Return the movement that begins right after `rest`, None where none does."""
    yaw, pitch = median(one.yaw for one in rest), median(one.pitch for one in rest)
    size = median(one.size for one in rest)
    out: Movement | None = None
    for one in later:
        if out is None and one.at - rest[-1].at > _BEGINS:
            return None
        turned, down = one.yaw - yaw, one.pitch - pitch
        if out is None:
            if abs(turned) >= TURN:
                out = Movement.TURN_LEFT if turned > 0 else Movement.TURN_RIGHT
            elif down >= NOD:
                out = Movement.NOD
            elif one.size >= CLOSER * size:
                return Turn(Movement.CLOSER, rest[-1].at, one.at)
        elif abs(turned) <= 0.12 and abs(down) <= 0.05:  # noqa: PLR2004 - back at rest
            seen = [each for each in later if each.at <= one.at]
            return Turn(out, rest[-1].at, one.at) if _is_smooth(seen, out, yaw, pitch) else None
    return None


def _is_smooth(seen: list[Pose], out: Movement, yaw: float, pitch: float) -> bool:
    away = [abs(one.pitch - pitch) if out is Movement.NOD else abs(one.yaw - yaw) for one in seen]
    furthest = max(away)
    return sum(0.2 <= far / furthest <= 0.8 for far in away) >= _ON_THE_WAY  # noqa: PLR2004 - as said above
