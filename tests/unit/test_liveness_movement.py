"""Five points tell a head that moves from a flat picture of one that is moved."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.movement import Movement
from recognition.face import Box, Face
from recognition.movement import MovementRules, at_rest, is_back, pose, reached
from recognition.planarity import homography, residual
from tests.fakes.heads import HEAD, PRINT, seen

_RULES = MovementRules()
_ANGLE = st.floats(-40, 40)
_NEARER = st.floats(0.6, 1.7)


@pytest.mark.parametrize(
    ("face", "movement"),
    [
        (seen(HEAD, left=35), Movement.TURN_LEFT),
        (seen(HEAD, left=-35), Movement.TURN_RIGHT),
        (seen(HEAD, down=18), Movement.NOD),
        (seen(HEAD, nearer=1.4), Movement.CLOSER),
        (seen(HEAD, left=8, down=3, side=4), None),
    ],
)
def test_a_head_reaches_the_movement_that_it_makes(face: Face, movement: Movement | None) -> None:
    rest, now = pose(seen(HEAD), 0.0), pose(face, 1.0)
    assert rest is not None
    assert now is not None
    assert reached(rest, now, _RULES) is movement


@given(_ANGLE, _ANGLE, _ANGLE, _NEARER, st.floats(-8, 8))
def test_however_a_print_is_held_its_nose_is_where_a_flat_face_has_it(
    left: float, down: float, roll: float, nearer: float, side: float
) -> None:
    now = seen(PRINT, left=left, down=down, roll=roll, nearer=nearer, side=side)
    beside, below = residual(seen(PRINT).points, now.points)
    assert abs(beside) < 1e-6
    assert abs(below) < 1e-6


@given(_ANGLE, _NEARER, st.floats(-8, 8))
def test_a_print_that_is_tilted_aside_turns_no_head(
    left: float, nearer: float, side: float
) -> None:
    rest, now = pose(seen(PRINT), 0.0), pose(seen(PRINT, left=left, nearer=nearer, side=side), 1.0)
    assert rest is not None
    assert now is not None
    assert reached(rest, now, _RULES) in (None, Movement.CLOSER)


@given(st.floats(25, 45), st.floats(0.8, 1.3))
def test_a_turned_head_leaves_a_flat_faces_place(left: float, nearer: float) -> None:
    beside, _ = residual(seen(HEAD).points, seen(HEAD, left=left, nearer=nearer).points)
    assert beside > 0.2
    beside, _ = residual(seen(HEAD).points, seen(HEAD, left=-left, nearer=nearer).points)
    assert beside < -0.2


def test_points_that_span_nothing_have_no_pose_and_no_depth() -> None:
    line = Face(Box(0, 0, 9, 9), ((0, 0), (1, 0), (2, 0), (3, 0), (4, 0)), 0.9)
    broken = Face(Box(0, 0, 9, 9), ((0, 0), (1, 0), (float("nan"), 0), (3, 2), (4, 2)), 0.9)
    assert pose(line, 0.0) is None
    assert residual(line.points, seen(HEAD).points) == (0.0, 0.0)
    assert residual(seen(HEAD).points, line.points) == (0.0, 0.0)
    assert residual(seen(HEAD).points, broken.points) == (0.0, 0.0)
    assert homography([(0, 0)] * 4, [(1, 1)] * 4) is None


def test_a_homography_carries_its_four_points() -> None:
    start = [(0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0)]
    end = [(1.0, 1.0), (6.0, 0.5), (5.0, 4.0), (0.5, 3.0)]
    found = homography(start, end)
    assert found is not None
    carried = [found @ np.array([x, y, 1.0]) for x, y in start]
    assert np.allclose([point[:2] / point[2] for point in carried], end)


def test_nobody_is_at_rest_who_sways_looks_aside_or_walks_up() -> None:
    def rests(*faces: Face) -> bool:
        held = [one for number, face in enumerate(faces) if (one := pose(face, number / 10))]
        return at_rest(held, _RULES) is not None

    assert rests(*[seen(HEAD, left=angle) for angle in (0, 1, -1, 2, 0)])
    assert not rests(*[seen(HEAD, left=angle) for angle in (0, 12, -10, 2, 0)])
    assert not rests(*[seen(HEAD, left=30)] * 5)
    assert not rests(*[seen(HEAD, nearer=1 + number / 10) for number in range(5)])


def test_a_head_is_back_when_it_looks_ahead_again() -> None:
    rest, far = pose(seen(HEAD), 0.0), pose(seen(HEAD, left=40), 1.0)
    assert rest is not None
    assert far is not None
    for angle, back in ((40, False), (25, False), (8, True), (0, True), (-30, False)):
        now = pose(seen(HEAD, left=angle), 2.0)
        assert now is not None
        assert is_back(rest, far, now, _RULES) is back, angle
