"""Heads: people made of five points, who do what they are asked; for times that no data tells.

They are points, not pictures: what they show is how long the rules take and how noise of landmarks
counts, nothing about a detector or about pictures.
"""

import math

import numpy as np
from numpy.typing import NDArray

from edge.eval.takes import FPS, Shown, Take
from models.movement import Movement
from recognition.face import Box, Face

_HEAD = np.array(
    [(-3.2, -3.0, 0), (3.2, -3.0, 0), (0, 0.7, 2.9), (-2.5, 3.6, 0.4), (2.5, 3.6, 0.4)]
)
"""Eyes, nose tip and corners of the mouth in centimetres, before the middle of the eyes' plane."""
_PIXELS = 16.0
"""Pixels a centimetre at 60 centimetres, the distance of a person at a gate's screen."""
_FAR = 60.0
_NOISE = 1.6
"""Pixels of a landmark's noise, as single_hai1 shows it while its person is still."""
_ARRIVES = 1.2
"""Seconds that a person stands still before the movement is asked at the soonest."""


def head(movement: Movement, draw: np.random.Generator, asked: float = _ARRIVES) -> Take:
    """Return a person who does `movement` once it was asked, and goes back to rest.

    People read and begin after 0.5 to 1.8 seconds, turn by 28 to 50 degrees, nod by 14 to 26, come
    to 60 to 75 % of the distance, and take 0.5 to 1.1 seconds each way.
    """
    reads, way, stays = draw.uniform(0.5, 1.8), draw.uniform(0.5, 1.1), draw.uniform(0.1, 0.6)
    far = _reach(movement, draw)
    shown = []
    for number in range(int((asked + reads + 2 * way + stays + 1.5) * FPS)):
        at = number / FPS
        since = at - asked - reads
        share = min(1.0, max(0.0, since / way), max(0.0, (2 * way + stays - since) / way))
        share = share * share * (3 - 2 * share)
        points = _points(movement, far * share) + draw.normal(0, _NOISE, (5, 2))
        shown.append(Shown(at, _face(points), float(draw.uniform(0.6, 1.0)), None, None))
    return Take("head", tuple(shown), np.zeros((1, 1, 3), np.uint8))


def _reach(movement: Movement, draw: np.random.Generator) -> float:
    match movement:
        case Movement.TURN_LEFT | Movement.TURN_RIGHT:
            return math.radians(draw.uniform(28, 50))
        case Movement.NOD:
            return math.radians(draw.uniform(14, 26))
        case Movement.CLOSER:
            return float(draw.uniform(0.25, 0.4))


def _points(movement: Movement, far: float) -> NDArray[np.float64]:
    """Return the five points in pixels, the head turned about the neck."""
    head, distance = _HEAD - np.array([0, 0, -9.0]), _FAR
    c, s = math.cos(far), math.sin(far)
    match movement:
        case Movement.TURN_LEFT:
            head = head @ np.array([[c, 0, -s], [0, 1, 0], [s, 0, c]])
        case Movement.TURN_RIGHT:
            head = head @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
        case Movement.NOD:
            head = head @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
        case Movement.CLOSER:
            distance = _FAR * (1 - far)
    depth = distance - head[:, 2] + 9.0
    return np.asarray(head[:, :2] * (_PIXELS * _FAR / depth)[:, None] + 320.0)


def _face(points: NDArray[np.float64]) -> Face:
    one, two, three, four, five = ((float(x), float(y)) for x, y in points)
    x, y = points.mean(axis=0)
    return Face(Box(float(x) - 100, float(y) - 120, 200, 240), (one, two, three, four, five), 0.9)
