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
    times = _times(right - left, bottom - top)
    step = _row_step(times)
    return _jpeg(bgr[top:bottom:step, left:right], times)


def holder(bgr: Pixels, code: Box, enlarged: float) -> bytes:
    """Return like `crop` what surrounds a code, the code itself painted over.

    Whoever held it up is evidence; the code is a key, and no picture of a key is kept.
    """
    left, right, top, bottom = _cut(bgr, code, enlarged)
    times = _times(right - left, bottom - top)
    step = _row_step(times)
    painted = bgr[top:bottom:step, left:right].copy()
    first, last, upper, lower = _cut(bgr, code, _COVERED)
    # Of the rows that are left, exactly those that lie in the covered part.
    rows = slice(-(-(upper - top) // step), -(-(lower - top) // step))
    painted[rows, first - left : last - left] = _PAINT
    return _jpeg(painted, times)


def _cut(bgr: Pixels, box: Box, enlarged: float) -> tuple[int, int, int, int]:
    height, width = bgr.shape[:2]
    x, y = box.centre
    wide, high = box.width * enlarged / 2, box.height * enlarged / 2
    return *_span(x - wide, x + wide, width), *_span(y - high, y + high, height)


def _times(width: int, height: int) -> int:
    """Return by how many whole pixels a part of that size is shrunk, 1 where under double size."""
    long_side = max(width, height)
    return 1 if long_side < 2 * _LONG_SIDE else -(-long_side // _LONG_SIDE)


def _row_step(times: int) -> int:
    """Return which row is read of a part that is shrunk: two stay for each that is kept."""
    return times // 2 if times % 2 == 0 else 1


def _jpeg(bgr: Pixels, times: int) -> bytes:
    """Return the part, its rows thinned out already, as JPEG.

    Whole pixels are averaged: shrinking by a filter would cost more than reading the code did.
    """
    rows, width = bgr.shape[:2]
    data = np.ascontiguousarray(bgr)
    picture = Image.frombuffer("RGB", (width, rows), data, "raw", "BGR", 0, 1)
    picture = picture.reduce((times, times // _row_step(times)))
    picture.thumbnail((_LONG_SIDE, _LONG_SIDE), Resampling.BILINEAR)
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
