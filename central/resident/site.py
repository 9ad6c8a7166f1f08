"""The compound as its residents know it: its name, its own time, its ways in, its photo key."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from sqlalchemy import Connection, select

from central.register_tables import SITES
from central.tables import COMPOUNDS
from models.lane import Direction, LaneKind
from models.letter import LaneNow

_ZONE = "Asia/Shanghai"
"""Of a compound whose gate has not told its own yet."""


@dataclass(frozen=True, slots=True)
class Site:
    """One compound; `photo_key` is empty until its gate has told one."""

    name: str
    zone: ZoneInfo
    lanes: tuple[LaneNow, ...] = ()
    photo_key: str = ""
    photo_key_id: str = ""

    def today(self, now: datetime) -> date:
        """Return the compound's own day."""
        return now.astimezone(self.zone).date()

    def clock(self, at: datetime) -> datetime:
        """Return `at` by the compound's own clock."""
        return at.astimezone(self.zone)

    def ways_in(self) -> tuple[LaneNow, ...]:
        """Return the lanes by which a visitor may be let in: the doors of bike sheds are none."""
        return tuple(
            lane
            for lane in self.lanes
            if Direction.ENTRY in lane.directions and lane.kind is not LaneKind.SHED
        )

    def for_visitors(self, chosen: frozenset[int]) -> frozenset[int]:
        """Return the lanes of a pass whose ways in are `chosen`, the ways out beside them.

        Nothing chosen are all ways in; a number that is none of them is left out. Where that is
        every lane there is, it is the empty set, which a pass reads as every lane.
        """
        ways_in = {lane.number for lane in self.ways_in()}
        picked = (chosen & ways_in) or ways_in
        out = {lane.number for lane in self.lanes if Direction.ENTRY not in lane.directions}
        lanes = frozenset(picked | out)
        return frozenset() if lanes == {lane.number for lane in self.lanes} else lanes

    def lane_name(self, number: int | None) -> str:
        """Return how people call a lane; its number where it is not known."""
        named = next((lane.name for lane in self.lanes if lane.number == number), "")
        return named or ("" if number is None else str(number))


def site_of(connection: Connection, compound: str) -> Site:
    """Return the compound as far as its gate has told it."""
    row = connection.execute(select(SITES).where(SITES.c.compound == compound)).first()
    if row is None:
        name = connection.execute(
            select(COMPOUNDS.c.name).where(COMPOUNDS.c.compound == compound)
        ).scalar_one_or_none()
        return Site(name or "", ZoneInfo(_ZONE))
    lanes = msgspec.json.decode(row.lanes, type=tuple[LaneNow, ...])
    return Site(row.name, _zone(row.timezone), lanes, row.photo_key, row.photo_key_id)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo(_ZONE)
