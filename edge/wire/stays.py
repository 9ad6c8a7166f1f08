"""What the guard's page and the command line ask about who is inside."""

import msgspec

from edge.wire.message import Message


class Stays(Message, frozen=True):
    """Ask for every zone and a page of its stays, after the first `skip`.

    With `past` they are those that ended in the last so many days, the newest first.
    """

    ref: int
    skip: int = 0
    past: int = 0


class RoomLine(msgspec.Struct, frozen=True):
    """How full one zone is; `spaces` is None where they are not counted."""

    zone: str
    counts: str
    inside: int
    spaces: int | None
    strangers: int


class StayLine(msgspec.Struct, frozen=True):
    """One stay, present or past; times are ISO 8601 in UTC, empty for what is not known."""

    zone: str
    key: str
    guest: str
    home: str
    since: str
    until: str
    ended: str = ""
    at: str = ""


class StaysAre(Message, frozen=True):
    """Every zone, and a page of stays, the longest first."""

    ref: int
    rooms: tuple[RoomLine, ...]
    stays: tuple[StayLine, ...]
    more: bool = False


class SeenGone(Message, frozen=True):
    """A named guard has looked: this one is not inside any more."""

    ref: int
    zone: str
    key: str
    guard: str


class CountedInside(Message, frozen=True):
    """A named guard has counted how many are inside a zone."""

    ref: int
    zone: str
    number: int
    guard: str


class RebuildStays(Message, frozen=True):
    """Make the stay ledger again from the whole journal."""

    ref: int
    by: str
