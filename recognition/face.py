"""A face: where one is in a picture, and the plain arrays that recognition works on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""A picture: h x w x 3 in the order blue, green, red, or h x w grey."""

Vector = NDArray[np.float32]
"""What an engine sees of one face: unit length."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; x and y are its left upper corner and may lie outside the picture."""

    x: float
    y: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """The area in square pixels."""
        return self.width * self.height

    @property
    def centre(self) -> Point:
        """The middle point."""
        return self.x + self.width / 2, self.y + self.height / 2

    def overlap(self, other: "Box") -> float:
        """Return the intersection over the union of both, 0 to 1."""
        wide = min(self.x + self.width, other.x + other.width) - max(self.x, other.x)
        high = min(self.y + self.height, other.y + other.height) - max(self.y, other.y)
        if wide <= 0 or high <= 0:
            return 0.0
        shared = wide * high
        return shared / (self.area + other.area - shared)

    def shifted(self, dx: float, dy: float) -> "Box":
        """Return the same box moved by `dx` and `dy`."""
        return Box(self.x + dx, self.y + dy, self.width, self.height)


@dataclass(frozen=True, slots=True)
class Face:
    """One found face.

    `points` are right eye (left in the picture), left eye, nose tip, right and left mouth corner;
    `score` is the detector's own, 0 to 1.
    """

    box: Box
    points: tuple[Point, Point, Point, Point, Point]
    score: float

    def shifted(self, dx: float, dy: float) -> "Face":
        """Return the same face moved by `dx` and `dy`."""
        one, two, three, four, five = ((x + dx, y + dy) for x, y in self.points)
        return Face(self.box.shifted(dx, dy), (one, two, three, four, five), self.score)

    def zoomed(self, zoom: float) -> "Face":
        """Return the same face with its points `zoom` times as far from their middle.

        An engine that aligns by the points then sees it from so much nearer or further.
        """
        middle_x = sum(x for x, _ in self.points) / len(self.points)
        middle_y = sum(y for _, y in self.points) / len(self.points)
        one, two, three, four, five = (
            (middle_x + (x - middle_x) * zoom, middle_y + (y - middle_y) * zoom)
            for x, y in self.points
        )
        return Face(self.box, (one, two, three, four, five), self.score)

    def mirrored(self, width: int) -> "Face":
        """Return the same face in the mirror image of a picture `width` pixels wide."""
        flipped = [(width - 1 - x, y) for x, y in self.points]
        right_eye, left_eye, nose, right_corner, left_corner = flipped
        box = Box(width - self.box.x - self.box.width, self.box.y, self.box.width, self.box.height)
        return Face(box, (left_eye, right_eye, nose, left_corner, right_corner), self.score)
