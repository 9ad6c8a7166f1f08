"""A view: the part of a camera's picture in which a lane looks for someone."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from models.lane import Direction, Liveness
from recognition.face import Box, Point


class Look(StrEnum):
    """What a view looks for."""

    FACE = "face"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Region:
    """A rectangle as fractions of the picture's width and height, 0 to 1."""

    left: float = 0.0
    top: float = 0.0
    right: float = 1.0
    bottom: float = 1.0

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            message = (
                f"region {self.left}, {self.top}, {self.right}, {self.bottom} is not left, top, "
                "right, bottom within 0 to 1"
            )
            raise ValueError(message)

    @property
    def area(self) -> float:
        """The share of the picture, 0 to 1."""
        return (self.right - self.left) * (self.bottom - self.top)

    def pixels(self, width: int, height: int) -> Box:
        """Return the region in whole pixels of a picture, at least one pixel across."""
        left, top = int(self.left * width), int(self.top * height)
        right = max(left + 1, round(self.right * width))
        bottom = max(top + 1, round(self.bottom * height))
        return Box(left, top, right - left, bottom - top)


@dataclass(frozen=True, slots=True)
class View:
    """One lane's look at a camera; a camera may have several, a lane too."""

    lane: int
    direction: Direction
    looks: frozenset[Look]
    region: Region = Region()
    min_face: float = 60.0
    """Pixels across a face's box below which a face does nothing: a passer-by far away."""
    liveness: Liveness = Liveness.OFF


def around(views: Iterable[View]) -> Region | None:
    """Return the smallest region that holds those of all views, None for no views."""
    regions = [view.region for view in views]
    if not regions:
        return None
    return Region(
        min(region.left for region in regions),
        min(region.top for region in regions),
        max(region.right for region in regions),
        max(region.bottom for region in regions),
    )


def owner(views: Iterable[View], point: Point, width: int, height: int) -> View | None:
    """Return the view of the smallest region that holds `point` (pixels), None outside of all."""
    x, y = point[0] / width, point[1] / height
    holding = [
        view
        for view in views
        if view.region.left <= x <= view.region.right and view.region.top <= y <= view.region.bottom
    ]
    return min(holding, key=lambda view: view.region.area, default=None)
