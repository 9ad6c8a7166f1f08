"""A view: which part of a camera's picture belongs to a vehicle lane, and which way it looks."""

from collections.abc import Iterable
from dataclasses import dataclass

from models.lane import Direction
from plates.quad import Point


@dataclass(frozen=True, slots=True)
class PlateView:
    """One lane as one camera sees it; plates outside of the region are another lane's.

    Left, top, right and bottom are fractions of the picture.
    """

    lane: int
    direction: Direction
    region: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        left, top, right, bottom = self.region
        if not (0 <= left < right <= 1 and 0 <= top < bottom <= 1):
            message = f"region {self.region} is not left, top, right, bottom within 0..1"
            raise ValueError(message)

    @property
    def area(self) -> float:
        """The region's share of the picture."""
        left, top, right, bottom = self.region
        return (right - left) * (bottom - top)

    def holds(self, place: Point, size: tuple[int, int]) -> bool:
        """Return whether a place in pixels lies in the region of a picture of (width, height)."""
        left, top, right, bottom = self.region
        across, down = place[0] / size[0], place[1] / size[1]
        return left <= across < right and top <= down < bottom


def owner(views: Iterable[PlateView], place: Point, size: tuple[int, int]) -> PlateView | None:
    """Return the view with the smallest region that holds the place, or None."""
    holding = [view for view in views if view.holds(place, size)]
    return min(holding, key=lambda view: view.area, default=None)


def around(views: Iterable[PlateView], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom in pixels of the part that all regions lie in."""
    regions = [view.region for view in views]
    wide, high = size
    return (
        int(min(region[0] for region in regions) * wide),
        int(min(region[1] for region in regions) * high),
        round(max(region[2] for region in regions) * wide),
        round(max(region[3] for region in regions) * high),
    )
