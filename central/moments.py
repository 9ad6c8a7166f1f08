"""Moments as the tables keep them: microseconds since 1970 UTC. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Final

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


def microseconds(moment: datetime) -> int:
    """Return an aware `moment` as microseconds since 1970 UTC."""
    return (moment - EPOCH) // _MICROSECOND


def moment(stamp: int) -> datetime:
    """Return the time in UTC that `stamp`, microseconds since 1970, stands for."""
    return EPOCH + timedelta(microseconds=stamp)


def microseconds_in(span: timedelta) -> int:
    """Return how many microseconds `span` has."""
    return span // _MICROSECOND
