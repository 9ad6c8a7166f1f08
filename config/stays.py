"""`[stays]` and `[[stays.zone]]`: whose stays are kept, where, and what follows from them."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import Field, field_validator

from config.lanes import LaneTable
from config.part import Name, Part
from models.home import Home
from models.lane import LaneKind
from models.stay import Beyond, Counts, StayZone

COMPOUND = "compound"
"""The zone of a site that names none and has lanes for cars: all of them lead into it."""


class StayZoneTable(Part):
    """`[[stays.zone]]`: a part of the compound, and the lanes that lead into it and out of it."""

    name: Name
    lanes: frozenset[int] = Field(min_length=1)
    """Lanes whose entry leads into it and whose exit leads out of it."""
    out_by: frozenset[int] = frozenset()
    """Lanes whose entry leads out of it, into another zone: the ramp from the yard to a garage."""
    spaces: int | None = Field(default=None, ge=0, le=100_000)
    counts: Counts = Counts.CARS


class Stays(Part):
    """`[stays]`: spaces, visitors and cars that never move."""

    zone: tuple[StayZoneTable, ...] = ()
    household_spaces: int | None = Field(default=None, ge=0, le=100)
    """How many cars a home may have inside as a resident's; without it nobody counts them."""
    spaces: dict[str, Annotated[int, Field(ge=0, le=100)]] = Field(default_factory=dict)
    """Homes with another number of spaces than the rest: `"3-1-502" = 2`."""
    beyond: Beyond = Beyond.VISITOR
    """What becomes of a home's car that finds them all taken."""
    visitor_hours: float = Field(default=24.0, gt=0, le=24 * 366)
    """Hours after which a visitor without an end of their own has stayed too long."""
    zombie_days: int = Field(default=30, ge=1, le=90)
    """Days after which a car that has not moved is reported."""
    sign_plate: Literal["tail", "none", "whole"] = "tail"
    """How much of a plate a lane's display shows: its last three characters, none, or all."""

    @field_validator("spaces")
    @classmethod
    def _homes(cls, spaces: dict[str, int]) -> dict[str, int]:
        for home in spaces:
            if str(Home.parse(home)) != home:
                message = f"home {home!r} is written {Home.parse(home)}"
                raise ValueError(message)
        return spaces

    def spaces_of(self, home: str) -> int | None:
        """Return how many cars a home may have inside as a resident's, None for any number."""
        return self.spaces.get(home, self.household_spaces)

    def check(self, lanes: Iterable[LaneTable]) -> None:
        """Hold the zones against the lanes; raises ValueError with a sentence for the user."""
        numbers = {lane.number for lane in lanes}
        names = [zone.name for zone in self.zone]
        for name in sorted({name for name in names if names.count(name) > 1}):
            message = f"stay zone {name} stands more than once"
            raise ValueError(message)
        for zone in self.zone:
            for number in sorted((zone.lanes | zone.out_by) - numbers):
                message = f"stay zone {zone.name} names lane {number}, which is not a [[lane]]"
                raise ValueError(message)
        stay_zones(self, lanes)


def stay_zones(stays: Stays, lanes: Iterable[LaneTable]) -> tuple[StayZone, ...]:
    """Return the zones whose stays are kept: those of the file, else one of all lanes for cars."""
    tables = tuple(lanes)
    loops = frozenset(lane.number for lane in tables if lane.presence)
    cars = frozenset(lane.number for lane in tables if lane.kind is LaneKind.VEHICLE)
    if not stays.zone:
        return (StayZone(COMPOUND, cars, loops=cars & loops),) if cars else ()
    return tuple(
        StayZone(
            zone.name,
            zone.lanes,
            zone.spaces,
            zone.out_by,
            (zone.lanes | zone.out_by) & loops,
            zone.counts,
        )
        for zone in stays.zone
    )
