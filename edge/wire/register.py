"""What the desk asks of core about homes: who lives there, corrections, passes, and a photo."""

import msgspec

from edge.wire.desk import ResidentRow
from edge.wire.garage import CardRow, VehicleRow
from edge.wire.message import Done, Message


class Homes(Message, frozen=True):
    """Ask for a page of the homes that `find` finds, after the first `skip`.

    `find` is the beginning of a home, a room, or a part of a name or a plate; empty finds all.
    """

    ref: int
    find: str = ""
    skip: int = 0


class HomeRow(msgspec.Struct, frozen=True):
    """One home as it is listed; `people` and `cars` are how many there are."""

    home: str
    names: tuple[str, ...]
    people: int
    plates: tuple[str, ...]
    cars: int
    cards: int


class HomesAre(Message, frozen=True):
    """The homes; `total` is how many were found."""

    ref: int
    rows: tuple[HomeRow, ...]
    total: int


class Household(Message, frozen=True):
    """Ask for all that the register has of one home."""

    ref: int
    home: str


class GivenPass(msgspec.Struct, frozen=True):
    """A pass that somebody of a home gave; `host` is whose it is, `used` its ways in so far."""

    id: str
    host: str
    label: str
    kind: str
    not_before: str
    expires: str
    uses: int
    used: int
    revoked: bool


class HouseholdIs(Message, frozen=True):
    """One home; empty where nobody and nothing is on the register there."""

    ref: int
    home: str
    people: tuple[ResidentRow, ...]
    cars: tuple[VehicleRow, ...]
    cards: tuple[CardRow, ...]
    passes: tuple[GivenPass, ...]


class Person(Message, frozen=True):
    """Ask for one resident."""

    ref: int
    resident: str


class PersonIs(Message, frozen=True):
    """One resident, and the consent under which the face is used; `given` is ISO 8601."""

    ref: int
    row: ResidentRow
    consent: str = ""
    given: str = ""
    by: str = ""
    guardian: str | None = None


class ChangeResident(Message, frozen=True):
    """Correct a resident's name, kind and last day."""

    ref: int
    resident: str
    name: str
    kind: str
    until: str | None
    by: str


class ChangeVehicle(Message, frozen=True):
    """Correct a vehicle's last day and label."""

    ref: int
    vehicle: str
    until: str | None
    label: str
    by: str


class Receipt(Done, frozen=True):
    """What an erasure reached: how many events, and when the last copy of a key ends."""

    resident: str = ""
    at: str = ""
    keys_expire: str = ""
    events: int = 0


class LastChange(Message, frozen=True):
    """Ask what somebody changed last."""

    ref: int
    by: str


class LastChangeIs(Message, frozen=True):
    """What somebody changed last, by the word of its event; empty where there is nothing.

    `left` are the seconds in which it can still be taken back; 0 where it cannot (any more).
    """

    ref: int
    what: str = ""
    about: str = ""
    left: int = 0


class Undo(Message, frozen=True):
    """Take back what `by` changed last."""

    ref: int
    by: str


class MakePass(Message, frozen=True):
    """Make a pass in a resident's name; the site's own issuer signs it.

    `start` is ISO 8601 with a zone, None for now; no `lanes` are all lanes.
    """

    ref: int
    resident: str
    label: str
    kind: str
    start: str | None
    minutes: int
    uses: int
    by: str
    lanes: tuple[int, ...] = ()
    plate: str = ""


class PassReady(Message, frozen=True):
    """A pass as it was made; whoever has the `token`, or the six digits `pin`, has the pass."""

    ref: int
    token: str
    pass_id: str
    home: str
    not_before: str
    expires: str
    pin: str = ""


class CheckPhoto(Message, frozen=True):
    """Ask whether a photo (JPEG) could be enrolled; nothing is kept of it."""

    ref: int
    jpeg: bytes


class EnrolPhoto(Message, frozen=True):
    """Give a resident a face from a photo (JPEG) in memory, in place of any from before."""

    ref: int
    resident: str
    jpeg: bytes
    consent: str
    by: str
    guardian: str | None
    channel: str = "desk"
