"""How a pass stands at a moment, as far as the centre has been told. Pure.

The gate decides by what it knows itself; this is what its visitor reads beforehand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from central.passes.record import Record
from models.lane import Direction
from models.visit import UNLIMITED, PassKind

DELIVERY: Final = timedelta(hours=1)
"""Within which a delivery comes in again, as at the gate (gate/visits.py)."""


class Standing(StrEnum):
    """What a visitor needs to know of a pass now."""

    WORKS = "works"
    NOT_YET = "not_yet"
    NOT_NOW = "not_now"
    """A recurring pass outside its days and times."""
    INSIDE = "inside"
    """It lets nobody in any more, and whoever came in with it out."""
    USED = "used"
    OVER = "over"
    REVOKED = "revoked"

    @property
    def shows_code(self) -> bool:
        """Whether the code is of any use, now or later."""
        return self in {Standing.WORKS, Standing.NOT_YET, Standing.NOT_NOW, Standing.INSIDE}


@dataclass(frozen=True, slots=True)
class Passage:
    """One opening with the pass, as a gate told it."""

    direction: Direction
    at: datetime


def standing(
    record: Record, passages: tuple[Passage, ...], zone: tzinfo, now: datetime
) -> Standing:
    """Return how the pass stands; `zone` is the compound's own time."""
    if record.revoked_at is not None:
        return Standing.REVOKED
    ways_in = [one.at for one in passages if one.direction is Direction.ENTRY]
    ways_out = len(passages) - len(ways_in)
    # Leaving is never refused for the hour or the day.
    spent = Standing.INSIDE if len(ways_in) > ways_out else Standing.USED
    if now >= record.expires:
        return spent if spent is Standing.INSIDE else Standing.OVER
    if _is_spent(record, ways_in, now):
        return spent
    if now < record.not_before:
        return Standing.NOT_YET
    return Standing.WORKS if _is_its_hour(record, zone, now) else Standing.NOT_NOW


def _is_spent(record: Record, ways_in: list[datetime], now: datetime) -> bool:
    if record.kind is PassKind.DELIVERY:
        return bool(ways_in) and now > min(ways_in) + DELIVERY
    return record.uses != UNLIMITED and len(ways_in) >= record.uses


def _is_its_hour(record: Record, zone: tzinfo, now: datetime) -> bool:
    if record.weekly is None:
        return True
    local = now.astimezone(zone)
    return record.weekly.holds(local.date(), 60 * local.hour + local.minute)
