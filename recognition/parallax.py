"""Parallax: whether what surrounds a face stayed where it was while the face moved.

Behind a person the surround stays; on a print or screen that fills the picture it moves along with
the face. Both are tried on a small grey picture, and the better explanation wins.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.face import Pixels
from recognition.movement import Points, Pose
from recognition.planarity import affine

WIDE = 96
"""Pixels across the small picture."""
_LEAST_SHARE = 0.08
"""The least part of the small picture that must be surround."""
_LEAST_TEXTURE = 2.0
"""Grey levels of deviation under which a surround is a blank wall, which tells nothing."""
_LEAST_MOVE = 1.5
"""Pixels of the small picture by which the surround would have moved along."""
_SHIFT = 2
"""Pixels by which either explanation may be off: a camera that shakes, points that are noisy."""
_BODY, _HEAD = 2.1, 2.3
"""How far head and shoulders reach from the middle of the face, in sizes of its pose."""

Small = NDArray[np.float32]
"""A small grey picture without its slow changes of light."""


@dataclass(frozen=True, slots=True)
class Still:
    """A face and its surround at one moment."""

    pose: Pose
    small: Small
    scale: float
    """Pixels of the small picture a pixel of the frame."""


def still(bgr: Pixels, pose: Pose) -> Still:
    """Return the surround of `pose` in its frame."""
    small, scale = shrunk(bgr)
    return Still(pose, small, scale)


def shrunk(bgr: Pixels) -> tuple[Small, float]:
    """Return the picture 96 pixels wide in grey, less its own blur, and the scale of that."""
    step = max(1, bgr.shape[1] // WIDE)
    rows, columns = bgr.shape[0] // step, bgr.shape[1] // step
    cut = bgr[: rows * step : max(1, step // 4), : columns * step : max(1, step // 4), 1]
    within = step // max(1, step // 4)
    rows, columns = cut.shape[0] // within, cut.shape[1] // within
    blocks = cut[: rows * within, : columns * within].reshape(rows, within, columns, within)
    grey = np.asarray(blocks.mean(axis=(1, 3)), np.float32)
    return grey - _blurred(grey), 1 / (within * max(1, step // 4))


def tells(at: Still) -> bool:
    """Return whether there is enough surround, and enough in it, to tell how it moves."""
    mask = _outside(at)
    enough = int(mask.sum()) >= 2 * _LEAST_SHARE * mask.size
    return enough and float(at.small[mask].std()) >= _LEAST_TEXTURE


def apart(before: Still, after: Still) -> float | None:
    """Return how much better `it stayed` explains the surround than `it moved along`, -2 to 2.

    None where the surround cannot tell: too little of it, a blank wall, or a face that has hardly
    moved.
    """
    if before.small.shape != after.small.shape:
        return None
    mask = _outside(before) & _outside(after)
    along = affine(after.pose.points, before.pose.points)
    rows, columns = np.nonzero(mask)
    if len(rows) < _LEAST_SHARE * mask.size:
        return None
    there = np.column_stack([columns, rows, np.full(len(rows), after.scale)]) / after.scale
    from_x, from_y = (there @ along.T).T * before.scale
    moved = np.hypot(from_x - columns, from_y - rows)
    height, width = before.small.shape
    inside = (from_x > _SHIFT) & (from_x < width - 1 - _SHIFT)
    inside &= (from_y > _SHIFT) & (from_y < height - 1 - _SHIFT)
    inside &= (columns > _SHIFT) & (columns < width - 1 - _SHIFT)
    inside &= (rows > _SHIFT) & (rows < height - 1 - _SHIFT)
    if inside.sum() < _LEAST_SHARE * mask.size or float(np.median(moved[inside])) < _LEAST_MOVE:
        return None
    now = after.small[rows[inside], columns[inside]]
    if float(now.std()) < _LEAST_TEXTURE:
        return None
    stayed = _likeness(before.small, now, columns[inside], rows[inside])
    x, y = np.rint(from_x[inside]).astype(int), np.rint(from_y[inside]).astype(int)
    return stayed - _likeness(before.small, now, x, y)


def _likeness(
    before: Small, now: NDArray[np.float32], x: NDArray[np.int_], y: NDArray[np.int_]
) -> float:
    """Return the best correlation of `now` with the points (x, y) of `before`, a little about."""
    spans = range(-_SHIFT, _SHIFT + 1)
    return max(correlation(before[y + dy, x + dx], now) for dy in spans for dx in spans)


def correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return how alike two rows of numbers rise and fall, -1 to 1; 0 where one does not."""
    a, b = one - one.mean(), other - other.mean()
    spread = float(np.sqrt(float((a * a).sum()) * float((b * b).sum())))
    return float((a * b).sum()) / spread if spread > 0 else 0.0


def _outside(at: Still) -> NDArray[np.bool_]:
    """Return where neither head nor shoulders nor anything below them is."""
    x, y = _centre(at.pose.points)
    reach = at.pose.size * at.scale
    rows, columns = np.mgrid[0 : at.small.shape[0], 0 : at.small.shape[1]]
    beside = np.abs(columns - x * at.scale) > _BODY * reach
    return np.asarray(beside | (rows < y * at.scale - _HEAD * reach))


def _centre(points: Points) -> tuple[float, float]:
    return sum(x for x, _ in points) / 5, sum(y for _, y in points) / 5


def _blurred(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `grey` averaged over 9 x 9 pixels."""
    padded = np.pad(grey, 4, mode="edge").astype(np.float64)
    summed = np.pad(padded.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    whole = summed[9:, 9:] - summed[:-9, 9:] - summed[9:, :-9] + summed[:-9, :-9]
    return np.asarray(whole / 81, np.float32)
