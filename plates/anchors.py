"""Anchors: what the detector's numbers mean as corners in the picture.

RetinaFace's head with four points: Deng et al. 2019, "RetinaFace: single-stage dense face
localisation in the wild". Two square anchors stand on each cell of three grids.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plates.quad import Quad, ordered

Floats = NDArray[np.float32]

_GRIDS = ((8, (24, 48)), (16, (96, 192)), (32, (384, 768)))
"""Pixels between the cells of a grid, and the sides of its anchors."""

_CENTRE, _SIZE = 0.1, 0.2
"""The variances that the network was trained with."""


@dataclass(frozen=True, slots=True)
class Found:
    """One plate that the detector sees; `score` is its own, 0 to 1."""

    quad: Quad
    score: float


@dataclass(frozen=True, slots=True)
class Keep:
    """Which of the detector's boxes are kept."""

    score: float = 0.3
    """The network's own default of 0.7 loses one plate in twelve; the grammar filters the rest."""
    overlap: float = 0.4
    most: int = 6


def anchors(height: int, width: int) -> Floats:
    """Return centre x, centre y, width and height of all anchors, n x 4, as shares of the sides."""
    rows = []
    for stride, sides in _GRIDS:
        down, across = math.ceil(height / stride), math.ceil(width / stride)
        y, x = np.mgrid[:down, :across].astype(np.float32)
        centres = np.stack([(x + 0.5) * stride / width, (y + 0.5) * stride / height], axis=-1)
        sizes = np.array([(side / width, side / height) for side in sides], np.float32)
        both = np.concatenate(
            [
                np.repeat(centres.reshape(-1, 1, 2), len(sides), axis=1),
                np.broadcast_to(sizes, (down * across, len(sides), 2)),
            ],
            axis=2,
        )
        rows.append(both.reshape(-1, 4))
    return np.concatenate(rows).astype(np.float32)


def decode(
    outputs: tuple[Floats, Floats, Floats], grid: Floats, size: tuple[int, int], keep: Keep
) -> tuple[Found, ...]:
    """Return the plates, the surest first, in pixels of a picture of `size` (width, height).

    `outputs` are boxes n x 4, scores n x 2 and corners n x 8 of one picture, `grid` its anchors.
    Numbers that are not finite are no plate.
    """
    boxes, scores, corners = outputs
    sure = np.flatnonzero(scores[:, 1] > keep.score)
    sure = sure[np.argsort(-scores[sure, 1], kind="stable")]
    near = grid[sure]
    scale = np.array(size, np.float32)
    middles = (near[:, :2] + boxes[sure, :2] * _CENTRE * near[:, 2:]) * scale
    sides = near[:, 2:] * np.exp(np.clip(boxes[sure, 2:] * _SIZE, -10, 10)) * scale
    points = corners[sure].reshape(-1, 4, 2) * _CENTRE * near[:, None, 2:] + near[:, None, :2]
    points = points * scale
    chosen = _apart(middles, sides, keep)
    found = (
        Found(
            ordered([(float(x), float(y)) for x, y in points[place]]), float(scores[sure[place], 1])
        )
        for place in chosen
        if np.isfinite(points[place]).all()
    )
    return tuple(found)


def _apart(middles: Floats, sides: Floats, keep: Keep) -> list[int]:
    """Return the places of boxes that do not cover a surer one (non-maximum suppression)."""
    low, high = middles - sides / 2, middles + sides / 2
    areas = sides.prod(axis=1)
    chosen: list[int] = []
    for place in range(len(middles)):
        if len(chosen) == keep.most:
            break
        shared = np.minimum(high[place], high[chosen]) - np.maximum(low[place], low[chosen])
        both = np.maximum(shared, 0).prod(axis=1)
        if not (both > keep.overlap * (areas[place] + areas[chosen] - both)).any():
            chosen.append(place)
    return chosen
