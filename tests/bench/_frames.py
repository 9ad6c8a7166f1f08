"""Frames as a gate's camera gives them: 1280 x 720, BGR, a textured scene with somebody in it."""

from io import BytesIO

import cv2
import numpy as np
from PIL import Image

from edge.qr_image import png
from tests.fakes.portraits import grace_hopper

WIDE, HIGH = 1280, 720
_CODE = 343
_FACE = 420


def scene(seed: int = 0, noise: int = 0) -> np.ndarray:
    """Return an empty scene: soft shapes with a camera's noise over them."""
    draw = np.random.default_rng(seed)
    coarse = draw.integers(40, 200, (9, 16, 3), np.uint8)
    soft = cv2.resize(coarse, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC).astype(np.int16)
    grain = np.random.default_rng((seed, noise)).normal(0, 4, (HIGH, WIDE, 1)).astype(np.int16)
    return np.ascontiguousarray(np.clip(soft + grain, 0, 255).astype(np.uint8))


def with_code(token: str, seed: int = 0, on: np.ndarray | None = None) -> np.ndarray:
    """Return a scene in which a pass is held up, six pixels a module, slightly turned."""
    code = np.asarray(Image.open(BytesIO(png(token))).convert("RGB"))
    code = cv2.resize(code, (_CODE, _CODE), interpolation=cv2.INTER_AREA)
    frame = (scene(seed) if on is None else on).copy()
    turn = cv2.getRotationMatrix2D((_CODE / 2, _CODE / 2), 7.0, 1.0)
    turn[:, 2] += (820 + 5 * (seed % 7), 250)
    size = (WIDE, HIGH)
    mask = cv2.warpAffine(np.full(code.shape, 255, np.uint8), turn, size)
    drawn = cv2.warpAffine(code, turn, size)
    return np.where(mask > 0, drawn, frame)


def with_face(seed: int = 0, shift: int = 0) -> np.ndarray:
    """Return a scene with a portrait in the public domain, moved by `shift` pixels."""
    portrait = cv2.imread(str(grace_hopper()))
    high = round(portrait.shape[0] * _FACE / portrait.shape[1])
    portrait = cv2.resize(portrait, (_FACE, high), interpolation=cv2.INTER_AREA)
    frame = scene(seed)
    left, top = 180 + shift, 140
    frame[top : top + high, left : left + _FACE] = portrait
    return frame
