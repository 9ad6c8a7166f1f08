"""Planarity: whether five points moved as points of one flat thing would have.

A picture of a plane moves by a homography, which four points fix: eyes and corners of the mouth say
where the nose of a flat face must be (Hartley and Zisserman 2004, "Multiple view geometry in
computer vision", chapter 4). How far it is from there cannot come from tilting or moving a print.
"""

import math

import numpy as np
from numpy.typing import NDArray

from recognition.face import Point
from recognition.movement import Points

_NOSE = 2
_CORNERS = (0, 1, 3, 4)


def residual(before: Points, after: Points) -> tuple[float, float]:
    """Return how far the nose lies from where a flat face's would: beside it, and below it.

    In distances of the eyes as they were, as seen after their plane is laid back on `before`;
    positive towards the person's left and towards the mouth. (0, 0) for points that span nothing.
    """
    plane = homography([after[i] for i in _CORNERS], [before[i] for i in _CORNERS])
    if plane is None:
        return 0.0, 0.0
    x, y, depth = plane @ np.array([*after[_NOSE], 1.0])
    across = np.subtract(before[1], before[0])
    apart = float(np.hypot(*across))
    if abs(depth) < 1e-9 or apart == 0:  # noqa: PLR2004 - a point at infinity
        return 0.0, 0.0
    off_x, off_y = x / depth - before[_NOSE][0], y / depth - before[_NOSE][1]
    unit = across / apart
    beside = (off_x * unit[0] + off_y * unit[1]) / apart
    below = (off_y * unit[0] - off_x * unit[1]) / apart
    if not (math.isfinite(beside) and math.isfinite(below)):
        return 0.0, 0.0
    return float(beside), float(below)


def homography(start: list[Point], end: list[Point]) -> NDArray[np.float64] | None:
    """Return the 3 x 3 matrix that carries four points onto four, None where none does."""
    rows = []
    for (x, y), (u, v) in zip(start, end, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y])
    try:
        found = np.linalg.solve(np.array(rows, np.float64), np.array(end, np.float64).reshape(-1))
    except np.linalg.LinAlgError:
        return None
    return np.append(found, 1.0).reshape(3, 3)


def affine(start: Points, end: Points) -> NDArray[np.float64]:
    """Return the 2 x 3 matrix that carries five points onto five best, least squares."""
    known = np.column_stack([np.array(start), np.ones(5)])
    return np.asarray(np.linalg.lstsq(known, np.array(end), rcond=None)[0].T, np.float64)
