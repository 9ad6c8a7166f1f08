"""Rectifying: the picture of a plate as if seen straight on, in one row."""

import cv2
import numpy as np

from plates.ports import Pixels
from plates.quad import Quad

_SINGLE = (168, 48)
"""Width and height of a plate with one row."""
_AGAIN = (232, 48)
"""Wider: more steps for a symbol that stands twice in a row, which the reader would merge."""
_DOUBLE = (168, 96)
_UPPER_ENDS, _LOWER_BEGINS = 5 / 12, 1 / 3
"""Shares of a double plate's height; the rows overlap a little, for corners that are not exact."""


def single(bgr: Pixels, quad: Quad) -> Pixels:
    """Return the plate as one row, 48 x 168 x 3, grown so that no stroke is cut off."""
    return _straight(bgr, quad.grown(0.06, 0.10), _SINGLE)


def again(bgr: Pixels, quad: Quad) -> Pixels:
    """Return the plate as one wider row, 48 x 232 x 3, for corners that lie too close."""
    return _straight(bgr, quad.grown(0.12, 0.12), _AGAIN)


def double(bgr: Pixels, quad: Quad) -> Pixels:
    """Return a plate of two rows with the upper row, at half width, left of the lower one."""
    return side_by_side(_straight(bgr, quad.grown(0.04, 0.06), _DOUBLE))


def side_by_side(whole: Pixels) -> Pixels:
    """Return the two rows of a rectified plate as one."""
    high = whole.shape[0]
    upper, lower = whole[: round(high * _UPPER_ENDS)], whole[round(high * _LOWER_BEGINS) :]
    size = lower.shape[1] // 2, lower.shape[0]
    return np.hstack([np.asarray(cv2.resize(upper, size), np.uint8), lower])


def _straight(bgr: Pixels, quad: Quad, size: tuple[int, int]) -> Pixels:
    wide, high = size
    target = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    turn = cv2.getPerspectiveTransform(np.array(quad.corners, np.float32), target)
    flat = cv2.warpPerspective(
        bgr, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(flat, np.uint8)
