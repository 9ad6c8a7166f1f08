"""The ground: which colour lies behind a plate's symbols."""

import cv2
import numpy as np

from models.plate import Ground
from plates.ports import Pixels

_HUES = {Ground.YELLOW: (14, 34), Ground.GREEN: (38, 80), Ground.BLUE: (88, 132)}
"""OpenCV's hues, half degrees."""
_SATURATED, _LIT = 60, 40
_SHARE = 0.45
"""The share of the inner pixels that must have one hue."""
_GREY = 0.15
"""The largest share of saturated pixels of a plate without colour."""


def ground(line: Pixels) -> Ground:
    """Return the colour of the ground of a rectified plate (one row, any size).

    The outer tenth is left out, for the bumper shows there.
    """
    high, wide = line.shape[:2]
    inner = line[high // 10 : high - high // 10, wide // 20 : wide - wide // 20]
    hue, saturation, value = cv2.split(cv2.cvtColor(inner, cv2.COLOR_BGR2HSV))
    coloured = (saturation >= _SATURATED) & (value >= _LIT)
    shares = {
        name: float(np.mean(coloured & (hue >= low) & (hue <= high)))
        for name, (low, high) in _HUES.items()
    }
    name = max(shares, key=lambda each: shares[each])
    if shares[name] >= _SHARE:
        return name
    if float(coloured.mean()) > _GREY:
        return Ground.UNSURE
    low, middle, top = np.percentile(value, (5, 50, 95))
    if top - low < _LIT:
        return Ground.UNSURE
    return Ground.WHITE if middle - low > top - middle else Ground.BLACK
