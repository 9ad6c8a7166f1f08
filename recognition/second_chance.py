"""A second chance for codes that were not read: small, dark or dazzled ones, within a budget.

It is given only where something looks like a code's corner, so that empty pictures stay cheap, and
only for a share of the time, so that whatever looks like one cannot slow a camera down.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from recognition.face import Pixels, Point
from recognition.finders import Finder, finders
from recognition.picture_health import CodeLight, light_of
from recognition.picture_shape import picture
from recognition.ports import CodeRead, CodeReader

_REACH = 60
"""Modules from a finder to the far edge of a code: version 10 with its margin."""

_LONGEST = 1200
"""Pixels a side of what is tried again, so that no picture costs more than that."""

_GROW_BELOW = 1_000_000
"""Pixels above which a part is not enlarged."""

_LEAST_CONTRAST = 6
"""Grey levels between dark and light below which there is only noise."""


@dataclass(frozen=True, slots=True)
class Budget:
    """How much time second chances may take: `share` of all time, at most `burst` seconds saved."""

    share: float = 0.2
    burst: float = 0.25


class SecondChance:
    """Reads codes with `first`, and once more in other light where one seems to be.

    `clock` gives seconds of a monotonic clock, by which time is spent. `missed` is told of every
    place that looked like a code and was not read, with what may be wrong with its light.
    """

    def __init__(
        self,
        first: CodeReader,
        clock: Callable[[], float],
        missed: Callable[[CodeLight | None], None] = lambda _: None,
        budget: Budget | None = None,
    ) -> None:
        cv2.setNumThreads(1)
        self._first, self._clock, self._missed = first, clock, missed
        self._budget = budget or Budget()
        self._left, self._since = self._budget.burst, clock()

    def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
        """Return every QR code that could be read whole, corners in the picture's pixels.

        Raises InputError for what is no picture, RecogniserFault when the reader breaks.
        """
        grey = _grey(picture(pixels))
        found = self._first.read(grey)
        if found:
            return found
        places = finders(grey)
        if not places:
            return ()
        top, left, part = _around(grey, places)
        for enhance in (_softened, _thresholded, _levelled):
            if not self._affordable():
                break
            begun = self._clock()
            better, scale = enhance(part)
            found = self._first.read(better)
            self._left -= self._clock() - begun
            if found:
                return tuple(_moved(code, scale, left, top) for code in found)
        self._missed(light_of(part, max(one.unit for one in places)))
        return ()

    def _affordable(self) -> bool:
        now = self._clock()
        earned = self._budget.share * max(0.0, now - self._since)
        self._left = min(self._budget.burst, self._left + earned)
        self._since = now
        return self._left > 0


def _grey(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:  # noqa: PLR2004 - rows and columns, no colours
        return np.ascontiguousarray(pixels)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_BGR2GRAY), np.uint8)


def _around(grey: Pixels, places: Sequence[Finder]) -> tuple[int, int, Pixels]:
    """Return the top and left of the part that holds the codes of these finders, and the part."""
    high, wide = grey.shape
    spans = []
    for ends, size in (
        ([(one.y, one.unit) for one in places], high),
        ([(one.x, one.unit) for one in places], wide),
    ):
        begin = max(0, int(min(at - _REACH * unit for at, unit in ends)))
        end = min(size, int(max(at + _REACH * unit for at, unit in ends)) + 1)
        if end - begin > _LONGEST:
            middle = int(np.median([at for at, _ in ends]))
            begin = min(max(begin, middle - _LONGEST // 2), end - _LONGEST)
            end = begin + _LONGEST
        spans.append((begin, end))
    (top, bottom), (left, right) = spans
    return top, left, np.ascontiguousarray(grey[top:bottom, left:right])


def _softened(part: Pixels) -> tuple[Pixels, float]:
    """Return the part enlarged and blurred: noise goes, modules stay."""
    larger, scale = _enlarged(part, 1.5)
    return np.asarray(cv2.GaussianBlur(larger, (0, 0), 1.2), np.uint8), scale


def _thresholded(part: Pixels) -> tuple[Pixels, float]:
    """Return the part in black and white, by the mean of 51 pixels around."""
    mean, binary = cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY
    return np.asarray(cv2.adaptiveThreshold(part, 255, mean, binary, 51, 0), np.uint8), 1.0


def _levelled(part: Pixels) -> tuple[Pixels, float]:
    """Return the part with its darkest and lightest nearby stretched to black and white, enlarged.

    What a veil of light has made pale is dark again; what is white altogether is lost.
    """
    high, wide = part.shape
    near = np.ones((31, 31), np.uint8)
    dark = cv2.blur(cv2.erode(part, near), (31, 31)).astype(np.float32)
    light = cv2.blur(cv2.dilate(part, near), (31, 31)).astype(np.float32)
    contrast = np.maximum(light - dark, _LEAST_CONTRAST)
    level = np.clip((part - dark) * (255 / contrast), 0, 255).astype(np.uint8)
    return _enlarged(level.reshape(high, wide), 2.0)


def _enlarged(part: Pixels, times: float) -> tuple[Pixels, float]:
    if part.size > _GROW_BELOW:
        return part, 1.0
    size = round(part.shape[1] * times), round(part.shape[0] * times)
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_CUBIC), np.uint8), times


def _moved(code: CodeRead, scale: float, left: int, top: int) -> CodeRead:
    one, two, three, four = (_back(point, scale, left, top) for point in code.corners)
    return CodeRead(code.text, (one, two, three, four))


def _back(point: Point, scale: float, left: int, top: int) -> Point:
    return point[0] / scale + left, point[1] / scale + top
