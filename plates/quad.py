"""A quadrilateral in a picture: the four corners of a plate, and where it lies."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Quad:
    """Four corners in pixels, as a reader of the plate would name them."""

    top_left: Point
    top_right: Point
    bottom_right: Point
    bottom_left: Point

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        """The corners clockwise from the top left."""
        return self.top_left, self.top_right, self.bottom_right, self.bottom_left

    @property
    def width(self) -> float:
        """The mean length of the top and the bottom edge."""
        return (
            math.dist(self.top_left, self.top_right)
            + math.dist(self.bottom_left, self.bottom_right)
        ) / 2

    @property
    def height(self) -> float:
        """The mean length of the left and the right edge."""
        return (
            math.dist(self.top_left, self.bottom_left)
            + math.dist(self.top_right, self.bottom_right)
        ) / 2

    @property
    def aspect(self) -> float:
        """Width over height; infinite for a line."""
        return self.width / self.height if self.height > 0 else math.inf

    @property
    def area(self) -> float:
        """The area in square pixels (the shoelace formula)."""
        pairs = zip(self.corners, (*self.corners[1:], self.corners[0]), strict=True)
        return abs(sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairs)) / 2

    @property
    def centre(self) -> Point:
        """The mean of the corners."""
        return sum(x for x, _ in self.corners) / 4, sum(y for _, y in self.corners) / 4

    @property
    def finite(self) -> bool:
        """Whether every corner is a place."""
        return all(math.isfinite(value) for corner in self.corners for value in corner)

    def shifted(self, dx: float, dy: float) -> "Quad":
        """Return the same quadrilateral moved by `dx` and `dy`."""
        return Quad(*((x + dx, y + dy) for x, y in self.corners))

    def grown(self, wide: float, high: float) -> "Quad":
        """Return it grown along its own edges by shares of its width and height in all."""
        (tlx, tly), (trx, try_), (brx, bry), (blx, bly) = self.corners
        ax, ay = (trx - tlx + brx - blx) / 2 * wide / 2, (try_ - tly + bry - bly) / 2 * wide / 2
        dx, dy = (blx - tlx + brx - trx) / 2 * high / 2, (bly - tly + bry - try_) / 2 * high / 2
        return Quad(
            (tlx - ax - dx, tly - ay - dy),
            (trx + ax - dx, try_ + ay - dy),
            (brx + ax + dx, bry + ay + dy),
            (blx - ax + dx, bly - ay + dy),
        )

    def overlap(self, other: "Quad") -> float:
        """Return the intersection over the union of the upright boxes of both, 0 to 1."""
        left, top, right, bottom = self.box
        other_left, other_top, other_right, other_bottom = other.box
        wide = min(right, other_right) - max(left, other_left)
        high = min(bottom, other_bottom) - max(top, other_top)
        if wide <= 0 or high <= 0:
            return 0.0
        shared = wide * high
        both = (right - left) * (bottom - top)
        both += (other_right - other_left) * (other_bottom - other_top)
        return shared / (both - shared)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the upright box around it."""
        across, down = [x for x, _ in self.corners], [y for _, y in self.corners]
        return min(across), min(down), max(across), max(down)


def ordered(points: Iterable[Point]) -> Quad:
    """Return the quadrilateral of four points in any order: two left ones, two right ones.

    A detector's own order is not to be relied on.
    """
    first, second, third, fourth = sorted(points)
    top_left, bottom_left = sorted((first, second), key=lambda point: point[1])
    top_right, bottom_right = sorted((third, fourth), key=lambda point: point[1])
    return Quad(top_left, top_right, bottom_right, bottom_left)
