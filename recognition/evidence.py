"""Evidence: a small JPEG of what was seen, for the person who has to judge it later."""

from math import ceil

import cv2
import numpy as np

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
    return _jpeg(_shrunk(bgr[top:bottom, left:right], _LONG_SIDE))


def holder(bgr: Pixels, code: Box, enlarged: float) -> bytes:
    """Return like `crop` what surrounds a code, the code itself painted over.

    Whoever held it up is evidence; the code is a key, and no picture of a key is kept.
    """
    left, right, top, bottom = _cut(bgr, code, enlarged)
    small = _shrunk(bgr[top:bottom, left:right], _LONG_SIDE).copy()
    first, last, upper, lower = _cut(bgr, code, _COVERED)
    down, across = small.shape[0] / (bottom - top), small.shape[1] / (right - left)
    # Shrinking mixes a pixel with its neighbours: one more on each side is painted.
    rows = slice(max(0, int((upper - top) * down) - 1), ceil((lower - top) * down) + 1)
    columns = slice(max(0, int((first - left) * across) - 1), ceil((last - left) * across) + 1)
    small[rows, columns] = _PAINT
    return _jpeg(small)


def _cut(bgr: Pixels, box: Box, enlarged: float) -> tuple[int, int, int, int]:
    height, width = bgr.shape[:2]
    x, y = box.centre
    wide, high = box.width * enlarged / 2, box.height * enlarged / 2
    return *_span(x - wide, x + wide, width), *_span(y - high, y + high, height)


def _shrunk(bgr: Pixels, longest: int) -> Pixels:
    """Return the picture with no side over `longest`.

    Down to four times that it is halved, which averages all pixels; then each pixel is mixed of
    the four nearest to its place. To average all of them took a quarter as long as to read a code.
    """
    small = bgr
    while max(small.shape[:2]) > 4 * longest and min(small.shape[:2]) > 1:
        rows, columns = small.shape[0] // 2, small.shape[1] // 2
        whole = small[: 2 * rows, : 2 * columns]
        small = np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA))
    if max(small.shape[:2]) <= longest:
        return small
    scale = longest / max(small.shape[:2])
    size = (max(1, round(side * scale)) for side in (small.shape[1], small.shape[0]))
    return np.asarray(cv2.resize(small, tuple(size), interpolation=cv2.INTER_LINEAR), np.uint8)


def _jpeg(bgr: Pixels) -> bytes:
    for quality in (85, 70, 50, 30):
        jpeg = _encoded(bgr, quality)
        if len(jpeg) <= MOST_BYTES:
            return jpeg
    return _encoded(_shrunk(bgr, _LONG_SIDE // 2), 30)


def _encoded(bgr: Pixels, quality: int) -> bytes:
    _, data = cv2.imencode(".jpg", bgr, (cv2.IMWRITE_JPEG_QUALITY, quality))
    return data.tobytes()


def _span(low: float, high: float, size: int) -> tuple[int, int]:
    first = min(max(0, int(low)), size - 1)
    return first, max(first + 1, min(size, round(high)))
