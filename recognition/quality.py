"""Quality: how well one face can be recognised, from its five points and its pixels."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.face import Box, Face, Pixels

_SIDE = 64
"""Pixels to which the middle of a face is brought, so that sharpness does not depend on size."""

_WHITE = 250
"""The grey from which a sensor cannot tell one brightness from another."""


@dataclass(frozen=True, slots=True)
class Quality:
    """What can be measured of one face.

    `width` is its box in pixels. `sharpness` is the variance of the Laplacian over the variance of
    the grey face, at a fixed size. `light` is the mean grey, 0 to 255, and `contrast` its standard
    deviation. `turn` is how far the nose lies beside the middle of the eyes, in eye distances (0
    is straight, 0.5 a half profile); `tilt` is the lean of the eye line in degrees. `score` is the
    detector's own. `burnt` is the share of the face that is white, 0 to 1.
    """

    width: float
    sharpness: float
    light: float
    contrast: float
    turn: float
    tilt: float
    score: float
    burnt: float = 0.0


def measure(bgr: Pixels, face: Face) -> Quality:
    """Return the quality of `face` in the picture."""
    grey = _middle(bgr, face.box)
    contrast = float(grey.std())
    turn, tilt = _pose(face)
    return Quality(
        width=face.box.width,
        sharpness=float(_laplacian(grey).var() / max(contrast**2, 1.0)),
        light=float(grey.mean()),
        contrast=contrast,
        turn=turn,
        tilt=tilt,
        score=face.score,
        burnt=float((grey >= _WHITE).mean()),
    )


def weight(quality: Quality) -> float:
    """Return how much a face counts in its track's mean, 0 to 1.

    Small, blurred, turned and doubtful faces count less; 100 pixels across, sharp and straight is
    1. Each factor is a straight line from measured values (docs/recognition.md).
    """
    size = min(1.0, quality.width / 100)
    sharp = min(1.0, quality.sharpness / 0.05)
    straight = max(0.1, 1.0 - quality.turn)
    return size * max(0.1, sharp) * straight * quality.score


def _middle(bgr: Pixels, box: Box) -> NDArray[np.float32]:
    """Return the box as 64 x 64 grey, averaged in blocks first where it is much larger."""
    height, width = bgr.shape[:2]
    left, top = max(0, int(box.x)), max(0, int(box.y))
    right = min(width, max(left + 1, round(box.x + box.width)))
    bottom = min(height, max(top + 1, round(box.y + box.height)))
    part = bgr[min(top, height - 1) : bottom, min(left, width - 1) : right].astype(np.float32)
    grey = part @ np.array([0.114, 0.587, 0.299], np.float32) if part.ndim == 3 else part  # noqa: PLR2004 - rows, columns, colours
    block = max(1, min(grey.shape) // _SIDE)
    rows, columns = grey.shape[0] // block, grey.shape[1] // block
    grey = grey[: rows * block, : columns * block]
    return _resample(grey.reshape(rows, block, columns, block).mean(axis=(1, 3)))


def _resample(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `grey` as 64 x 64 by bilinear interpolation."""
    down = np.linspace(0, grey.shape[0] - 1, _SIDE)
    across = np.linspace(0, grey.shape[1] - 1, _SIDE)
    row, column = down.astype(int), across.astype(int)
    below = np.minimum(row + 1, grey.shape[0] - 1)
    beside = np.minimum(column + 1, grey.shape[1] - 1)
    lower = (down - row).astype(np.float32)[:, None]
    right = (across - column).astype(np.float32)[None, :]
    upper_row = grey[row][:, column] * (1 - right) + grey[row][:, beside] * right
    lower_row = grey[below][:, column] * (1 - right) + grey[below][:, beside] * right
    return np.asarray(upper_row * (1 - lower) + lower_row * lower, np.float32)


def _laplacian(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    inner = grey[1:-1, 1:-1]
    beside = grey[1:-1, :-2] + grey[1:-1, 2:]
    return np.asarray(grey[:-2, 1:-1] + grey[2:, 1:-1] + beside - 4 * inner, np.float32)


def _pose(face: Face) -> tuple[float, float]:
    (right_x, right_y), (left_x, left_y), (nose_x, nose_y), *_ = face.points
    across, down = left_x - right_x, left_y - right_y
    apart = math.hypot(across, down)
    if apart == 0:
        return 1.0, 90.0
    beside_x, beside_y = nose_x - (right_x + left_x) / 2, nose_y - (right_y + left_y) / 2
    turn = abs(beside_x * across + beside_y * down) / apart**2
    return turn, math.degrees(math.atan2(down, across))
