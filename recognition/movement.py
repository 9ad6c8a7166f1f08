"""Movements of a head: how a face is held in one frame, and what it has done since it was still.

Everything follows from a detector's five points. In the frame that the eyes and the middle of the
mouth span, the nose's place is the same for every affine picture of a flat face: a print or screen
that is tilted, turned or moved leaves it where it was, a head that turns carries it aside.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from models.movement import Movement
from recognition.face import Face, Point

Points = tuple[Point, Point, Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Pose:
    """How a face is held at a moment; `at` is seconds of CLOCK_MONOTONIC.

    `yaw` is how far the nose lies beside the middle of the eyes, in eye distances, positive
    towards the person's left. `pitch` is how far it lies down from the eyes to the mouth, 0 to 1.
    `size` is the eyes' distance or 0.9 of the way to the mouth, the larger, in pixels.
    """

    at: float
    yaw: float
    pitch: float
    size: float
    points: Points


@dataclass(frozen=True, slots=True)
class MovementRules:
    """How far a movement must go; the figures' sources are in docs/liveness.md."""

    turn: float = 0.30
    nod: float = 0.10
    closer: float = 1.25
    """Times the size at rest."""
    straight: float = 0.22
    """The most yaw of a face that is asked to move, and of one that is back."""
    back: float = 0.5
    """The share of the way out that a face may still be away when it counts as back."""
    back_yaw: float = 0.15
    """The same in yaw, where that is more; nobody holds the head twice quite alike."""
    steady: float = 0.12
    """The most that yaw may vary among the frames at rest; half of it for pitch."""
    steady_size: float = 1.15
    """Times that the largest of them may be of the smallest: whoever walks up is not at rest."""


def pose(face: Face, at: float) -> Pose | None:
    """Return how `face` is held, None where its five points span nothing."""
    (right_x, right_y), (left_x, left_y), (nose_x, nose_y), one, two = face.points
    across, down = left_x - right_x, left_y - right_y
    from_x, from_y = (right_x + left_x) / 2, (right_y + left_y) / 2
    mouth_x, mouth_y = (one[0] + two[0]) / 2 - from_x, (one[1] + two[1]) / 2 - from_y
    spanned = across * mouth_y - down * mouth_x
    eyes, mouth = math.hypot(across, down), math.hypot(mouth_x, mouth_y)
    if spanned <= 0.1 * eyes * mouth or not math.isfinite(spanned):
        return None
    x, y = nose_x - from_x, nose_y - from_y
    return Pose(
        at=at,
        yaw=(x * mouth_y - y * mouth_x) / spanned,
        pitch=(across * y - down * x) / spanned,
        size=max(eyes, 0.9 * mouth),
        points=face.points,
    )


def at_rest(poses: Sequence[Pose], rules: MovementRules) -> Pose | None:
    """Return the middle of `poses`, None while they are not steady or not straight ahead."""
    yaws, pitches = [each.yaw for each in poses], [each.pitch for each in poses]
    unsteady = max(yaws) - min(yaws) > rules.steady
    unsteady = unsteady or max(pitches) - min(pitches) > rules.steady / 2
    sizes = [each.size for each in poses]
    unsteady = unsteady or max(sizes) > rules.steady_size * min(sizes)
    if unsteady or abs(median(yaws)) > rules.straight:
        return None
    return middle(poses)


def middle(poses: Sequence[Pose]) -> Pose:
    """Return the middle of `poses`, each measure and each point for itself, at the last's time."""
    one, two, three, four, five = (
        (median(each.points[i][0] for each in poses), median(each.points[i][1] for each in poses))
        for i in range(5)
    )
    return Pose(
        at=poses[-1].at,
        yaw=median(each.yaw for each in poses),
        pitch=median(each.pitch for each in poses),
        size=median(each.size for each in poses),
        points=(one, two, three, four, five),
    )


def reached(rest: Pose, now: Pose, rules: MovementRules) -> Movement | None:
    """Return the movement whose end `now` is, None while none has gone far enough."""
    turned = now.yaw - rest.yaw
    if abs(turned) >= rules.turn:
        return Movement.TURN_LEFT if turned > 0 else Movement.TURN_RIGHT
    if now.pitch - rest.pitch >= rules.nod and abs(turned) < rules.turn / 2:
        return Movement.NOD
    return Movement.CLOSER if now.size >= rules.closer * rest.size else None


def is_back(rest: Pose, furthest: Pose, now: Pose, rules: MovementRules) -> bool:
    """Return whether a face that went to `furthest` looks ahead again at `now`."""
    out_yaw, out_pitch = abs(furthest.yaw - rest.yaw), abs(furthest.pitch - rest.pitch)
    yaw, pitch = abs(now.yaw - rest.yaw), abs(now.pitch - rest.pitch)
    straight = yaw <= max(rules.back * out_yaw, rules.back_yaw) and abs(now.yaw) <= rules.straight
    return straight and pitch <= max(rules.back * out_pitch, rules.steady / 2)
