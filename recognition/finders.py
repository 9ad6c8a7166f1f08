"""Places that look like a finder, the square in a QR code's corner: is a second look worth it?

A finder is dark, light, dark, light, dark in the proportions 1 : 1 : 3 : 1 : 1 along every line
through its middle, ISO/IEC 18004, 6.3.3. Only some rows are walked along, so that a picture
without a code costs a fraction of reading it.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.face import Pixels

_STEP = 8
"""Every eighth row is walked along; a finder's middle is nine high at three pixels a module."""

_DARKER = 2
"""Grey levels by which dark is under the mean around it."""

_PROPORTIONS = np.array([[1.0], [1.0], [3.0], [1.0], [1.0]])
_SLACK = np.array([[0.6], [0.6], [1.2], [0.6], [0.6]])
"""The modules by which a run may be too long or too short."""

_CORNERS = np.array([[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])

_ACROSS = 4
_MISSED = (0.0, -0.6, 0.6, -1.2, 1.2)
"""Modules by which a row may miss the middle."""

_RING = np.array([[0.0] * 10, [miss + at for miss in _MISSED for at in (-2, 2)]])
_COLUMN = np.array([[0.0] * 30, [miss + at for miss in _MISSED for at in (-3, -2, -1, 1, 2, 3)]])
_WANTED = np.array([True, False, True, True, False, True])

_LEAST_UNIT = 1.5
_MOST = 64
"""So many places are enough to know."""

_Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Finder:
    """A place that looks like a finder: its middle, and the width of a module, all in pixels."""

    x: float
    y: float
    unit: float


@dataclass(frozen=True, slots=True)
class _Places:
    """Middles and module widths of places that may be a finder, one row each."""

    x: _Floats
    y: _Floats
    unit: _Floats

    def only(self, good: NDArray[np.bool_]) -> "_Places":
        """Return those that are good."""
        return _Places(self.x[good], self.y[good], self.unit[good])


@dataclass(frozen=True, slots=True)
class _Shade:
    """A picture that can be asked whether a place is dark; `mean` is that of `_mean`."""

    grey: Pixels
    mean: Pixels

    def dark(self, near: _Places, offsets: _Floats) -> NDArray[np.bool_]:
        """Return whether it is dark at each offset (modules right and down) from each place.

        Dark is darker than what is around it. Beyond the edge is as its next pixel. Shape: places
        x offsets.
        """
        high, wide = self.grey.shape
        unit = near.unit[:, None]
        across = (near.x[:, None] + unit * offsets[0]).astype(np.int32)
        down = (near.y[:, None] + unit * offsets[1]).astype(np.int32)
        across = np.minimum(np.maximum(across, 0), wide - 1)
        down = np.minimum(np.maximum(down, 0), min(high, len(self.mean) * _STEP) - 1)
        return np.asarray(self.grey[down, across] < self.mean[down // _STEP, across // _ACROSS])


def finders(grey: Pixels) -> tuple[Finder, ...]:
    """Return places that look like a finder in a picture of h x w greys, at most 64.

    One finder is found several times; light ones on dark are not.
    """
    high, wide = grey.shape
    if min(high, wide) < 7 * _LEAST_UNIT:
        return ()
    soft = np.asarray(cv2.blur(grey, (3, 3)), np.uint8)
    rows = np.ascontiguousarray(soft[_STEP // 2 :: _STEP])
    mean = _mean(rows, max(9, min(high, wide) // 8))
    level = cv2.resize(mean, rows.shape[::-1], interpolation=cv2.INTER_NEAREST)
    near = _along(np.asarray(cv2.compare(rows, level, cv2.CMP_LT), np.uint8))
    shade = _Shade(soft, mean)
    for check in (_down, _diagonal, _outside):
        if not near.x.size:
            return ()
        near = near.only(check(shade, near))
    found = zip(near.x[:_MOST], near.y[:_MOST], near.unit[:_MOST], strict=True)
    return tuple(Finder(float(x), float(y), float(unit)) for x, y, unit in found)


def _mean(rows: Pixels, around: int) -> Pixels:
    """Return what is dark at most, at every fourth column of these rows."""
    narrow = cv2.resize(rows, (-(-rows.shape[1] // _ACROSS), len(rows)))
    wide = cv2.blur(narrow, (around // _ACROSS | 1, around // _STEP | 1))
    mean = np.asarray(wide, np.uint8)
    return np.asarray(mean - np.minimum(mean, _DARKER), np.uint8)


def _along(dark: Pixels) -> _Places:
    """Return middles and units of all dark-light-dark-light-dark runs of a finder's proportions."""
    wide = dark.shape[1]
    flat = dark.ravel()
    turns = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if turns.size and not flat[turns[0]]:
        turns = turns[1:]
    runs = np.diff(turns)
    count = max(0, (runs.size - 3) // 2)
    one, two, middle, four, five = (runs[at : at + 2 * count : 2] for at in range(5))
    likely = np.flatnonzero((middle > two) & (middle > four) & (middle > one))
    parts = np.stack([run[likely] for run in (one, two, middle, four, five)])
    unit = parts.sum(axis=0) / 7
    wrong = (np.abs(parts - unit * _PROPORTIONS) / _SLACK).max(axis=0, initial=0.0)
    good = (wrong < unit) & (unit >= _LEAST_UNIT)
    starts, unit = turns[2 * likely[good]], unit[good]
    x, y = starts % wide + 3.5 * unit, starts // wide * _STEP + (_STEP // 2 + 0.5)
    whole = x + 3.5 * unit <= wide
    return _Places(x[whole], y[whole], unit[whole])


def _down(shade: _Shade, near: _Places) -> NDArray[np.bool_]:
    """The column through the middle has a finder's proportions too."""
    filled = shade.dark(near, _RING).reshape(-1, len(_MISSED), 2)
    good = np.asarray(np.any(np.logical_not(np.any(filled, axis=2)), axis=1), np.bool_)
    if good.any():
        column = shade.dark(near.only(good), _COLUMN).reshape(-1, len(_MISSED), 6)
        wrong = np.any(column ^ _WANTED, axis=2)
        good[good] = np.any(np.logical_not(wrong), axis=1)
    return good


def _diagonal(shade: _Shade, near: _Places) -> NDArray[np.bool_]:
    """Both diagonals leave a dark middle for a light ring, however the code is turned."""
    dark = shade.dark(near, np.concatenate([_CORNERS * share for share in (0.5, 1.1, 1.5, 2)], 1))
    ring = ~(dark[:, 4:8] & dark[:, 8:12] & dark[:, 12:])
    return np.asarray((dark[:, :4] & ring).all(axis=1))


def _outside(shade: _Shade, near: _Places) -> NDArray[np.bool_]:
    """Light surrounds it on three sides at least."""
    dark = shade.dark(near, np.array([[4, -4, 0, 0], [0, 0, 4, -4]], np.float64))
    return np.asarray(dark.sum(axis=1) <= 1)
