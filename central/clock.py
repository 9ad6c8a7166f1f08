"""The centre's one reader of the wall clock; everything else is given the time."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the time in UTC, by this server's clock."""
    return datetime.now(UTC)  # noqa: TID251 - this is the one reader
