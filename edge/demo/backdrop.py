"""A backdrop: the empty lane that a drawn camera looks along, never twice the same picture."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from recognition.face import Pixels

WIDTH, HEIGHT = 640, 480
_HORIZON = 190
_SPARE = 64
"""Pixels by which noise and light are larger than the picture, so that they can wander."""

_NOISE = 9.0
_MOODS = ((168, 150, 132), (150, 160, 150), (140, 150, 168), (160, 148, 152))


class Backdrop:
    """One camera's view of its lane; `seed` gives it a mood and a side of its own."""

    def __init__(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._lane = _lane(_MOODS[seed % len(_MOODS)], mirrored=bool(seed % 2))
        shape = (HEIGHT + _SPARE, WIDTH + _SPARE, 3)
        noise = random.normal(0, _NOISE, shape)
        self._over = np.clip(noise, 0, 255).astype(np.uint8)
        self._under = np.clip(-noise, 0, 255).astype(np.uint8)
        self._light = _light()

    def clean(self, at: float) -> Pixels:
        """Return the lane `at` seconds in, the light changing, before the sensor's noise."""
        x = round(_SPARE * (0.5 + 0.5 * math.sin(at * 0.37)))
        y = round(_SPARE * (0.5 + 0.5 * math.sin(at * 0.23 + 1)))
        light = self._light[y : y + HEIGHT, x : x + WIDTH]
        return np.asarray(cv2.add(self._lane, light), np.uint8)

    def noisy(self, picture: Pixels, number: int) -> Pixels:
        """Return `picture` as a sensor sees it in frame `number`."""
        x, y = number * 37 % _SPARE, number * 53 % _SPARE
        window = slice(y, y + HEIGHT), slice(x, x + WIDTH)
        return np.asarray(
            cv2.subtract(cv2.add(picture, self._over[window]), self._under[window]), np.uint8
        )


def _lane(mood: tuple[int, int, int], *, mirrored: bool) -> Pixels:
    """Return a wall, a floor in perspective, a marked way and two posts with an arm."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    tone = np.array(mood, np.float32)
    for top, bottom, near, far in ((0, _HORIZON, 1.0, 0.82), (_HORIZON, HEIGHT, 0.55, 0.8)):
        shade = np.linspace(near, far, bottom - top, dtype=np.float32)[:, None, None]
        picture[top:bottom] = (tone * shade).astype(np.uint8)
    _bricks(picture, mood)
    way = np.array([[270, _HORIZON], [370, _HORIZON], [590, HEIGHT], [50, HEIGHT]], np.int32)
    cv2.fillPoly(picture, [way], _shade(mood, 0.72), cv2.LINE_AA)
    for foot, head in ((50, 270), (590, 370)):
        cv2.line(picture, (foot, HEIGHT), (head, _HORIZON), (205, 225, 235), 3, cv2.LINE_AA)
    for x in (118, 486):
        cv2.rectangle(picture, (x, 150), (x + 36, 400), _shade(mood, 0.4), -1)
        cv2.rectangle(picture, (x + 5, 156), (x + 31, 250), _shade(mood, 0.28), -1)
        cv2.circle(picture, (x + 18, 178), 7, (90, 190, 110), -1, cv2.LINE_AA)
    for piece in range(6):
        left = 154 + piece * 28
        colour = (60, 60, 205) if piece % 2 else (235, 235, 235)
        cv2.rectangle(picture, (left, 268), (left + 28, 280), colour, -1)
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), 0.8), np.uint8)
    return np.ascontiguousarray(picture[:, ::-1]) if mirrored else picture


def _bricks(picture: Pixels, mood: tuple[int, int, int]) -> None:
    for row, y in enumerate(range(0, _HORIZON, 24)):
        cv2.line(picture, (0, y), (WIDTH, y), _shade(mood, 0.78), 1)
        for x in range(-(row % 2) * 32, WIDTH, 64):
            cv2.line(picture, (x, y), (x, min(y + 24, _HORIZON)), _shade(mood, 0.78), 1)


def _shade(mood: tuple[int, int, int], factor: float) -> tuple[int, int, int]:
    blue, green, red = (int(part * factor) for part in mood)
    return blue, green, red


def _light() -> NDArray[np.uint8]:
    """Return patches of sun, larger than the picture."""
    height, width = HEIGHT + _SPARE, WIDTH + _SPARE
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = np.sin(x / 71) * np.sin(y / 53 + x / 190) + 0.5 * np.sin(x / 29 + y / 37)
    patch = np.clip(waves, 0, None) * 22
    return np.repeat(patch.astype(np.uint8)[..., None], 3, axis=2)
