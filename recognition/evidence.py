"""Evidence: a small JPEG of what was seen, for the person who has to judge it later."""

from io import BytesIO

import numpy as np
from PIL import Image
from PIL.Image import Resampling

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
    step = _row_step(right - left, bottom - top)
    return _jpeg(bgr[top:bottom:step, left:right], bottom - top)


def holder(bgr: Pixels, code: Box, enlarged: float) -> bytes:
    """Return like `crop` what surrounds a code, the code itself painted over.

    Whoever held it up is evidence; the code is a key, and no picture of a key is kept.
    """
    left, right, top, bottom = _cut(bgr, code, enlarged)
    step = _row_step(right - left, bottom - top)
    painted = bgr[top:bottom:step, left:right].copy()
    first, last, upper, lower = _cut(bgr, code, _COVERED)
    # Of the rows that are left, exactly those that lie in the covered part.
    rows = slice(-(-(upper - top) // step), -(-(lower - top) // step))
    painted[rows, first - left : last - left] = _PAINT
    return _jpeg(painted, bottom - top)


def _cut(bgr: Pixels, box: Box, enlarged: float) -> tuple[int, int, int, int]:
    height, width = bgr.shape[:2]
    x, y = box.centre
    wide, high = box.width * enlarged / 2, box.height * enlarged / 2
    return *_span(x - wide, x + wide, width), *_span(y - high, y + high, height)


def _row_step(width: int, height: int) -> int:
    """Return which row of a much larger part is read: at least two stay for each that is kept."""
    return max(1, max(width, height) // _LONG_SIDE // 2)


def _jpeg(bgr: Pixels, height: int) -> bytes:
    """Return the part as JPEG; its rows may be thinned out, `height` is how high it really is.

    Whole pixels are averaged first: shrinking by a filter alone costs more than reading the code.
    """
    rows, width = bgr.shape[:2]
    data = np.ascontiguousarray(bgr)
    picture = Image.frombuffer("RGB", (width, rows), data, "raw", "BGR", 0, 1)
    long_side = max(width, height)
    scale = min(1.0, _LONG_SIDE / long_side)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    picture = picture.reduce((max(1, width // size[0]), max(1, rows // size[1])))
    if picture.size != size:
        picture = picture.resize(size, Resampling.BILINEAR)
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
