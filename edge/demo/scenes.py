"""Scenes: what happens in front of a drawn camera, as pictures."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.demo.backdrop import HEIGHT, WIDTH, Backdrop
from edge.demo.cars import Sprite, car, in_hand
from edge.demo.portrait import Portrait, Who
from models.lane import Direction
from recognition.face import Pixels

_FACE_WIDTH = 138.0
"""Pixels of the face of somebody who stands where one stops."""

_ARRIVES = 0.8
"""Seconds from the first step into the picture to standing."""

DRIVES_UP = 1.6
"""Seconds from a car's first sight to its standing before the arm."""

_CODE_SIDE = 285.0
"""Pixels of the code with its white border as the camera sees it: five a module of a pass."""


@dataclass(frozen=True, slots=True)
class EmptyLane:
    """Nobody is there."""


@dataclass(frozen=True, slots=True)
class FaceHere:
    """Somebody walks up and stands before the camera."""

    who: Who


@dataclass(frozen=True, slots=True)
class CodeHeldUp:
    """Somebody holds up a phone that shows the code of `text`."""

    text: str


@dataclass(frozen=True, slots=True)
class CarHere:
    """A car comes up to the gate, on the way in or out."""

    plate: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class PlateInHand:
    """Somebody walks up the way in and holds up a plate."""

    plate: str


Scene = EmptyLane | FaceHere | CodeHeldUp | CarHere | PlateInHand
EMPTY = EmptyLane()


class Painter:
    """Draws one camera's scenes; belongs to one thread at a time.

    `draw` gives the code of a text as a PNG file, white border and all; `cars` are those that are
    not painted, by plate.
    """

    def __init__(
        self,
        backdrop: Backdrop,
        people: Mapping[Who, Portrait],
        draw: Callable[[str], bytes],
        cars: Mapping[str, Sprite] | None = None,
    ) -> None:
        self._cars = cars or {}
        self._backdrop = backdrop
        self._people = people
        self._phone = lru_cache(maxsize=4)(lambda text: _phone(draw(text)))
        self._number = 0

    def paint(self, scene: Scene, since: float) -> Pixels:
        """Return the next frame, BGR 480 x 640: `scene` as it is `since` seconds after it began."""
        self._number += 1
        picture = self._backdrop.clean(self._number / 12)
        match scene:
            case FaceHere(who):
                _stand(picture, self._people[who], since)
            case CodeHeldUp(text):
                _hold_up(picture, self._phone(text), since)
            case CarHere(plate, direction):
                _drive_up(picture, self._cars.get(plate) or car(plate), direction, since)
            case PlateInHand(plate):
                _drive_up(picture, in_hand(plate), Direction.ENTRY, since)
            case EmptyLane():
                pass
        return self._backdrop.noisy(picture, self._number)


def _arrival(since: float) -> float:
    """Return how far somebody has come, 0 to 1, without a jolt at either end."""
    share = min(max(since / _ARRIVES, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def _stand(picture: Pixels, person: Portrait, since: float) -> None:
    here = _arrival(since)
    scale = _FACE_WIDTH / person.face.width * (0.7 + 0.3 * here + 0.04 * math.sin(since * 1.1))
    middle = (
        WIDTH / 2 + 26 * math.sin(since * 0.9) - (1 - here) * 120,
        210 + 7 * math.sin(since * 1.7) + (1 - here) * 60,
    )
    turn = _turned(person.face.centre, middle, scale, 3 * math.sin(since * 0.8))
    _lay_over(picture, person.bgr, person.cover, turn)


def _hold_up(picture: Pixels, phone: tuple[Pixels, NDArray[np.float32]], since: float) -> None:
    bgr, cover = phone
    here = _arrival(since)
    scale = _CODE_SIDE / bgr.shape[1] * 15 / 13 * (1 + 0.05 * math.sin(since * 1.3))
    middle = (
        WIDTH / 2 + 20 * math.sin(since * 0.8),
        HEIGHT / 2 + 8 * math.sin(since * 1.9) + (1 - here) * 330,
    )
    centre = bgr.shape[1] / 2, bgr.shape[0] / 2
    turn = _turned(centre, middle, scale, 5 * math.sin(since * 0.7))
    _lay_over(picture, bgr, cover, turn)


def _drive_up(picture: Pixels, sprite: Sprite, direction: Direction, since: float) -> None:
    """Bring a car, or what is held up like one, to its own half of the picture."""
    bgr, cover = sprite
    here = _arrival(since * _ARRIVES / DRIVES_UP)
    side = 0.26 if direction is Direction.ENTRY else 0.74
    scale = 0.55 + 0.4 * here
    middle = WIDTH * (0.5 + (side - 0.5) * (0.6 + 0.4 * here)), 215 + 65 * here
    centre = bgr.shape[1] / 2, bgr.shape[0] / 2
    _lay_over(picture, bgr, cover, _turned(centre, middle, scale, 0.4 * math.sin(since * 2)))


def _turned(
    centre: tuple[float, float], middle: tuple[float, float], scale: float, degrees: float
) -> NDArray[np.float64]:
    """Return the matrix that turns and scales about `centre`, and moves it to `middle`."""
    turn = np.asarray(cv2.getRotationMatrix2D(centre, degrees, scale), np.float64)
    turn[:, 2] += np.array(middle) - np.array(centre)
    return turn


def _lay_over(
    picture: Pixels, bgr: Pixels, cover: NDArray[np.float32], turn: NDArray[np.float64]
) -> None:
    """Lay `bgr` over `picture` where `cover` says, moved by `turn`."""
    size = picture.shape[1], picture.shape[0]
    shape = cv2.warpAffine(cover, turn, size, flags=cv2.INTER_LINEAR)[..., None]
    moved = cv2.warpAffine(bgr, turn, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    picture[:] = picture + (moved - picture.astype(np.float32)) * shape


def _phone(png: bytes) -> tuple[Pixels, NDArray[np.float32]]:
    """Return a phone whose screen shows the code in `png`, and where it covers what is behind."""
    code = np.asarray(cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    side = code.shape[0]
    edge, above, below = side // 13, side // 4, side // 3
    height, width = side + above + below, side + 2 * edge
    bgr = np.full((height, width, 3), 28, np.uint8)
    cover = np.zeros((height, width), np.float32)
    _rounded(cover, (0, 0), (width, height), 60)
    _rounded(bgr, (14, 14), (width - 14, height - 14), 48, (244, 240, 236))
    cv2.circle(bgr, (width // 2, 50), 11, (28, 28, 28), -1, cv2.LINE_AA)
    for top, share in ((height - 120, 0.55), (height - 75, 0.35)):
        start, end = (edge + 24, top), (edge + 24 + int(side * share), top + 22)
        _rounded(bgr, start, end, 10, (205, 200, 196))
    bgr[above : above + side, edge : edge + side] = code
    return bgr, np.asarray(cv2.GaussianBlur(cover, (0, 0), 1.5), np.float32)


def _rounded(
    on: NDArray[np.uint8] | NDArray[np.float32],
    start: tuple[int, int],
    end: tuple[int, int],
    radius: int,
    colour: tuple[int, int, int] = (1, 1, 1),
) -> None:
    (left, top), (right, bottom) = start, end
    cv2.rectangle(on, (left + radius, top), (right - radius, bottom), colour, -1)
    cv2.rectangle(on, (left, top + radius), (right, bottom - radius), colour, -1)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(on, (x, y), radius, colour, -1, cv2.LINE_AA)
