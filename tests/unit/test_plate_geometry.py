"""Corners: ordering, growing, anchors and what the detector's numbers mean."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.lane import Direction
from plates.anchors import Keep, anchors, decode
from plates.quad import Quad, ordered
from plates.view import PlateView, around, owner

_PLATE = Quad((100, 100), (310, 110), (308, 170), (98, 160))


@given(st.permutations(_PLATE.corners))
def test_corners_come_in_the_readers_order_however_they_were_given(
    corners: list[tuple[float, float]],
) -> None:
    assert ordered(corners) == _PLATE


def test_measures_of_a_rectangle() -> None:
    plate = Quad((10, 20), (450, 20), (450, 160), (10, 160))
    assert (plate.width, plate.height, plate.area) == (440, 140, 440 * 140)
    assert plate.aspect == pytest.approx(440 / 140)
    assert plate.centre == (230, 90)
    assert plate.box == (10, 20, 450, 160)
    assert plate.overlap(plate) == 1
    assert plate.overlap(plate.shifted(500, 0)) == 0
    assert plate.overlap(plate.shifted(220, 0)) == pytest.approx(1 / 3)


def test_growing_keeps_the_middle_and_shrinking_undoes_it() -> None:
    grown = _PLATE.grown(0.06, 0.10)
    assert grown.centre == pytest.approx(_PLATE.centre)
    assert grown.width == pytest.approx(_PLATE.width * 1.06, rel=1e-3)
    assert grown.height == pytest.approx(_PLATE.height * 1.10, rel=1e-3)


def test_a_line_has_no_height_and_no_finite_aspect() -> None:
    assert Quad((0, 0), (9, 0), (9, 0), (0, 0)).aspect == math.inf


def test_anchors_stand_on_three_grids_two_a_cell() -> None:
    grid = anchors(100, 200)
    assert grid.shape == (2 * (13 * 25 + 7 * 13 + 4 * 7), 4)
    assert grid[0] == pytest.approx([4 / 200, 4 / 100, 24 / 200, 24 / 100])
    assert grid[1] == pytest.approx([4 / 200, 4 / 100, 48 / 200, 48 / 100])
    assert grid[2] == pytest.approx([12 / 200, 4 / 100, 24 / 200, 24 / 100])


def _silent(height: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    grid = anchors(height, width)
    zeros = [np.zeros((len(grid), wide), np.float32) for wide in (4, 2, 8)]
    return grid, zeros[0], zeros[1], zeros[2]


def _say(place: int, quad: Quad, score: float, outputs: tuple[np.ndarray, ...]) -> None:
    """Write a plate into the outputs as the network would, in a picture of 200 x 100."""
    grid, boxes, scores, corners = outputs
    centre, side = grid[place, :2], grid[place, 2:]
    left, top, right, bottom = (np.array(quad.box) / [200, 100, 200, 100]).tolist()
    middle, size = (
        np.array([left + right, top + bottom]) / 2,
        np.array([right - left, bottom - top]),
    )
    boxes[place, :2] = (middle - centre) / side / 0.1
    boxes[place, 2:] = np.log(size / side) / 0.2
    scores[place, 1] = score
    points = np.array(quad.corners) / [200, 100]
    corners[place] = ((points - centre) / side / 0.1).reshape(-1)


def test_what_the_network_says_is_decoded_in_the_pictures_own_pixels() -> None:
    outputs = _silent(100, 200)
    quad = Quad((40, 30), (120, 34), (119, 60), (39, 56))
    _say(300, quad, 0.9, outputs)
    grid, boxes, scores, corners = outputs
    (found,) = decode((boxes, scores, corners), grid, (400, 200), Keep())
    assert found.score == pytest.approx(0.9)
    for corner, expected in zip(found.quad.corners, quad.corners, strict=True):
        assert corner == pytest.approx((2 * expected[0], 2 * expected[1]), abs=1e-2)


def test_the_surest_of_overlapping_boxes_is_kept_and_doubtful_ones_are_not() -> None:
    outputs = _silent(100, 200)
    quad = Quad((40, 30), (120, 30), (120, 60), (40, 60))
    _say(300, quad, 0.8, outputs)
    _say(301, quad.shifted(4, 2), 0.9, outputs)
    _say(302, quad.shifted(0, 32), 0.7, outputs)
    _say(303, quad.shifted(79, 0), 0.29, outputs)
    grid, boxes, scores, corners = outputs
    found = decode((boxes, scores, corners), grid, (200, 100), Keep())
    assert [each.score for each in found] == pytest.approx([0.9, 0.7])


def test_no_more_than_six_and_nothing_that_is_no_number() -> None:
    outputs = _silent(100, 200)
    for number in range(8):
        quad = Quad((10, 2), (30, 2), (30, 10), (10, 10)).shifted(0, 11 * number)
        _say(40 + number, quad, 0.9 - number / 100, outputs)
    grid, boxes, scores, corners = outputs
    assert len(decode((boxes, scores, corners), grid, (200, 100), Keep())) == 6
    corners[40] = np.nan
    found = decode((boxes, scores, corners), grid, (200, 100), Keep())
    assert all(each.quad.finite for each in found)
    assert max(each.score for each in found) < 0.9


def test_a_place_belongs_to_the_smallest_region_that_holds_it() -> None:
    whole = PlateView(1, Direction.ENTRY)
    left = PlateView(2, Direction.EXIT, (0.0, 0.5, 0.5, 1.0))
    assert owner((whole, left), (10, 90), (100, 100)) is left
    assert owner((whole, left), (60, 90), (100, 100)) is whole
    assert owner((left,), (60, 90), (100, 100)) is None
    assert around((left,), (200, 100)) == (0, 50, 100, 100)
    assert around((whole, left), (200, 100)) == (0, 0, 200, 100)


@pytest.mark.parametrize("region", [(0.5, 0, 0.5, 1), (0, 0, 1.1, 1), (-0.1, 0, 1, 1)])
def test_a_region_outside_of_the_picture_cannot_be_made(
    region: tuple[float, float, float, float],
) -> None:
    with pytest.raises(ValueError, match="is not left, top"):
        PlateView(1, Direction.ENTRY, region)
