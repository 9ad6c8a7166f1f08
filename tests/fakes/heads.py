"""Heads and prints of five points that move as asked, and a view of a lane that looks at them."""

import math
from collections import Counter

import numpy as np
from numpy.typing import NDArray

from models.lane import Liveness
from models.movement import Movement
from models.observation import Alive
from recognition.face import Box, Face
from recognition.liveness import Asked, Glimpse, LivenessRules, Living, Proven, advance
from recognition.track import Track
from recognition.verdict import Sighted

HEAD = np.array([(-3.2, -3, 0), (3.2, -3, 0), (0, 0.7, 2.9), (-2.5, 3.6, 0.4), (2.5, 3.6, 0.4)])
"""Right eye, left eye, nose and corners of the mouth; centimetres, the nose towards the camera."""
PRINT = HEAD * np.array([1, 1, 0])
_FAR, _PIXELS = 60.0, 16.0
_NAMED_FROM = 3
_START = 100.0


def seen(
    shape: NDArray[np.float64],
    *,
    left: float = 0.0,
    down: float = 0.0,
    roll: float = 0.0,
    nearer: float = 1.0,
    side: float = 0.0,
) -> Face:
    """Return how a camera sees `shape` turned to its left, down and about its axis, in degrees.

    `nearer` is how many times nearer than 60 centimetres it is, `side` centimetres beside.
    """
    a, b, c = (math.radians(angle) for angle in (left, down, roll))
    about_y = np.array([[math.cos(a), 0, -math.sin(a)], [0, 1, 0], [math.sin(a), 0, math.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(b), -math.sin(b)], [0, math.sin(b), math.cos(b)]])
    about_z = np.array([[math.cos(c), -math.sin(c), 0], [math.sin(c), math.cos(c), 0], [0, 0, 1]])
    turned = shape @ about_y @ about_x @ about_z + np.array([side, 0, 0])
    points = turned[:, :2] * (_PIXELS * _FAR / (_FAR / nearer - turned[:, 2]))[:, None] + 320
    one, two, three, four, five = ((float(x), float(y)) for x, y in points)
    x, y = points.mean(axis=0)
    wide = 190 * nearer
    return Face(
        Box(float(x) - wide / 2, float(y) - wide / 2, wide, wide),
        (one, two, three, four, five),
        0.9,
    )


def doing(
    shape: NDArray[np.float64], movement: Movement, degrees: float, begins: float = 2.0
) -> list[tuple[float, Face]]:
    """Return `shape` at ten frames a second: at rest, moving from `begins` on, and back at rest."""
    return [
        (number / 10, _held(shape, movement, degrees * _share(number / 10 - begins)))
        for number in range(round(10 * begins) + 35)
    ]


def _share(since: float) -> float:
    return max(0.0, min(1.0, since / 0.7, (1.8 - since) / 0.7))


def _held(shape: NDArray[np.float64], movement: Movement, degrees: float) -> Face:
    match movement:
        case Movement.TURN_LEFT:
            return seen(shape, left=degrees)
        case Movement.TURN_RIGHT:
            return seen(shape, left=-degrees)
        case Movement.NOD:
            return seen(shape, down=degrees)
        case Movement.CLOSER:
            return seen(shape, nearer=1 + degrees / 100)


class View:
    """One view of a lane, with the rules of liveness and somebody before it who is named."""

    def __init__(self, level: Liveness, rules: LivenessRules | None = None) -> None:
        self.level = level
        self.rules = rules or LivenessRules()
        self.living = Living()
        self.told: list[tuple[float, Proven | Asked]] = []
        self._frames: Counter[int] = Counter()

    def show(  # noqa: PLR0913 - what may differ from one face to another
        self,
        frames: list[tuple[float, Face]],
        asks: Movement = Movement.TURN_LEFT,
        *,
        score: float = 0.95,
        track: int = 1,
        resident: str | None = "r1",
        hidden: bool | None = None,
        unasked: frozenset[str] = frozenset(),
    ) -> list[Proven]:
        """Return what is told of a face in `frames`; a track is named from its third frame on."""
        before = len(self.told)
        for since, face in frames:
            at = round(_START + since, 3)
            self._frames[track] += 1
            named = self._frames[track] >= _NAMED_FROM and resident is not None
            said = Sighted(resident, None, 0.8, 1, track, at, face) if named else None
            glimpse = Glimpse(
                captured=at,
                tracks=(Track(track, face, at),),
                said=(said,) if said else (),
                named=frozenset({track}) if named else frozenset(),
                drawn=asks,
                scores={track: score},
                hidden=hidden,
                unasked=unasked,
            )
            self.living, told = advance(self.living, glimpse, self.level, self.rules)
            self.told += [(at, one) for one in told]
        return [one for _, one in self.told[before:] if isinstance(one, Proven)]

    @property
    def asked(self) -> list[Movement | None]:
        """What was asked and taken back, in order."""
        return [one.movement for _, one in self.told if isinstance(one, Asked)]


def first(told: list[Proven]) -> Alive | None:
    """Return what the first answer found alive: None for a picture, or without an answer."""
    alive = told[0].alive if told else None
    return None if alive is Alive.UNCHECKED else alive
