"""Cars: how a car's front and a plate in a hand look to a drawn camera, painted once or cut out."""

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.demo.plate_paint import painted
from edge.demo.plate_view import Seen, placed, tilted
from models.plate import PlateKind
from plates.quad import Quad
from recognition.face import Pixels

Sprite = tuple[Pixels, NDArray[np.float32]]
"""A picture, and where it covers what is behind it, 0 to 1."""

PLATE_WIDTH = 150
"""Pixels of a plate in these pictures."""

_WIDE, _HIGH = 330, 300
_PLATE_AT = 226
"""Pixels of a plate's middle from the top."""

_CLEAR = Seen(blur=0.0, noise=0.0)
_SKIN, _SLEEVE = (128, 158, 208), (92, 62, 48)


@lru_cache(maxsize=4)
def car(plate: str) -> Sprite:
    """Return the front of a car that carries `plate`, BGR 300 x 330."""
    bgr = np.full((_HIGH, _WIDE, 3), 60, np.uint8)
    cover = np.zeros((_HIGH, _WIDE), np.float32)
    body = (96, 84, 78) if sum(map(ord, plate)) % 2 else (74, 70, 132)
    glass = np.array([[92, 16], [238, 16], [276, 110], [54, 110]], np.int32)
    roof = np.array([[80, 4], [250, 4], [294, 118], [36, 118]], np.int32)
    for on, colour in ((bgr, body), (cover, (1.0,))):
        cv2.fillPoly(on, [roof], colour, cv2.LINE_AA)
        _slab(on, (14, 108), (316, 268), colour)
    for x in (24, 262):
        cv2.rectangle(cover, (x, 250), (x + 44, 294), (1.0,), -1)
        cv2.rectangle(bgr, (x, 250), (x + 44, 294), (28, 28, 28), -1)
    cv2.fillPoly(bgr, [glass], (58, 52, 46), cv2.LINE_AA)
    cv2.line(bgr, (110, 28), (96, 100), (96, 90, 84), 5, cv2.LINE_AA)
    for x in (50, 280):
        cv2.ellipse(bgr, (x, 160), (30, 16), 0, 0, 360, (235, 240, 245), -1, cv2.LINE_AA)
    _slab(bgr, (100, 140), (230, 184), (30, 30, 32))
    for y in range(150, 184, 9):
        cv2.line(bgr, (106, y), (224, y), (62, 62, 66), 2)
    shown = painted(plate, PlateKind.ORDINARY)
    bgr = placed(bgr, shown, tilted((_WIDE / 2, _PLATE_AT), PLATE_WIDTH), _CLEAR)
    return bgr, _soft(cover)


@lru_cache(maxsize=4)
def in_hand(plate: str) -> Sprite:
    """Return a plate that somebody holds up with both hands, BGR 300 x 330."""
    bgr = np.full((_HIGH, _WIDE, 3), 60, np.uint8)
    cover = np.zeros((_HIGH, _WIDE), np.float32)
    for side in (-1, 1):
        middle = _WIDE // 2 + side * (PLATE_WIDTH // 2 + 12)
        arm = np.array(
            [[middle - 26, 160], [middle + 26, 160], [middle + side * 30 + 34, 300],
             [middle + side * 30 - 34, 300]], np.int32
        )  # fmt: skip
        for on, colour in ((bgr, _SLEEVE), (cover, (1.0,))):
            cv2.fillPoly(on, [arm], colour, cv2.LINE_AA)
        for on, colour in ((bgr, _SKIN), (cover, (1.0,))):
            cv2.ellipse(on, (middle, 150), (24, 30), 0, 0, 360, colour, -1, cv2.LINE_AA)
    quad = tilted((_WIDE / 2, 150), PLATE_WIDTH)
    corners = np.array(quad.corners, np.int32)
    cv2.fillPoly(cover, [corners], (1.0,), cv2.LINE_AA)
    bgr = placed(bgr, painted(plate, PlateKind.ORDINARY), quad, _CLEAR)
    return bgr, _soft(cover)


def cut_car(picture: Pixels, plate: Quad) -> Sprite | None:
    """Return the front of the car in `picture` that carries `plate`, BGR 300 x 330.

    Its plate is as wide and stands where a painted car's does. None where the picture does not
    show that much around the plate.
    """
    share = plate.width / PLATE_WIDTH
    left, top = plate.centre[0] - share * _WIDE / 2, plate.centre[1] - share * _PLATE_AT
    right, bottom = left + share * _WIDE, top + share * _HIGH
    high, wide = picture.shape[:2]
    if left < 0 or top < 0 or right > wide or bottom > high:
        return None
    part = picture[round(top) : round(bottom), round(left) : round(right)]
    shrinks = cv2.INTER_AREA if share > 1 else cv2.INTER_LINEAR
    bgr = np.asarray(cv2.resize(part, (_WIDE, _HIGH), interpolation=shrinks), np.uint8)
    cover = np.zeros((_HIGH, _WIDE), np.float32)
    _slab(cover, (4, 4), (_WIDE - 4, _HIGH - 4), (1.0,))
    return bgr, _soft(cover)


def _slab(
    on: NDArray[np.uint8] | NDArray[np.float32],
    start: tuple[int, int],
    end: tuple[int, int],
    colour: tuple[float, ...],
) -> None:
    (left, top), (right, bottom) = start, end
    cv2.rectangle(on, (left + 12, top), (right - 12, bottom), colour, -1)
    cv2.rectangle(on, (left, top + 12), (right, bottom - 12), colour, -1)
    for x in (left + 12, right - 12):
        for y in (top + 12, bottom - 12):
            cv2.circle(on, (x, y), 12, colour, -1, cv2.LINE_AA)


def _soft(cover: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(cover, (0, 0), 1.0), np.float32)
