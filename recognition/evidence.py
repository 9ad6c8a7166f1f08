"""Evidence: a small JPEG of what was seen, for the person who has to judge it later."""

from io import BytesIO

import numpy as np
from PIL import Image

from recognition.face import Box, Pixels

MOST_BYTES = 40_000
_LONG_SIDE = 320
_COVERED = 1.15
"""How much more than the code is painted over, for corners that were found a little inside."""
_PAINT = (120, 120, 120)


def crop(bgr: Pixels, box: Box, enlarged: float) -> bytes:
    """Return `box`, `enlarged` about its middle and cut at the picture's edges, as JPEG.

    At most 320 pixels on its long side and 40,000 bytes.
    """
    left, right, top, bottom = _cut(bgr, box, enlarged)
    return _jpeg(bgr[top:bottom, left:right])


def holder(bgr: Pixels, code: Box, enlarged: float) -> bytes:
    """Return like `crop` what surrounds a code, the code itself painted over.

    Whoever held it up is evidence; the code is a key, and no picture of a key is kept.
    """
    painted = bgr.copy()
    left, right, top, bottom = _cut(bgr, code, _COVERED)
    painted[top:bottom, left:right] = _PAINT
    left, right, top, bottom = _cut(bgr, code, enlarged)
    return _jpeg(painted[top:bottom, left:right])


def _cut(bgr: Pixels, box: Box, enlarged: float) -> tuple[int, int, int, int]:
    height, width = bgr.shape[:2]
    x, y = box.centre
    wide, high = box.width * enlarged / 2, box.height * enlarged / 2
    return *_span(x - wide, x + wide, width), *_span(y - high, y + high, height)


def _jpeg(bgr: Pixels) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1]))
    picture.thumbnail((_LONG_SIDE, _LONG_SIDE))
    for quality in (85, 70, 50, 30):
        buffer = BytesIO()
        picture.save(buffer, "JPEG", quality=quality)
        if buffer.tell() <= MOST_BYTES:
            return buffer.getvalue()
    picture.thumbnail((_LONG_SIDE // 2, _LONG_SIDE // 2))
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=30)
    return buffer.getvalue()


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    first = min(max(0, int(low)), size - 1)
    return first, max(first + 1, min(size, round(high)))
