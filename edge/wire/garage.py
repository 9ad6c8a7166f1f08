"""What the command line asks of core about vehicles, cars that are kept out, and cards."""

import msgspec

from edge.wire.message import Message


class AddVehicle(Message, frozen=True):
    """Put a vehicle on the register; `until` is an ISO 8601 day."""

    ref: int
    plate: str
    home: str
    until: str | None
    by: str
    resident: str | None = None
    label: str = ""


class RemoveVehicle(Message, frozen=True):
    """Erase a vehicle with all that the journal says of it."""

    ref: int
    plate: str
    by: str


class Vehicles(Message, frozen=True):
    """Ask for a page of the vehicles, after the first `skip`."""

    ref: int
    skip: int = 0


class VehicleRow(msgspec.Struct, frozen=True):
    """One vehicle on the register."""

    plate: str
    home: str
    until: str | None
    resident: str | None
    label: str
    id: str = ""


class VehiclesAre(Message, frozen=True):
    """The vehicles."""

    ref: int
    rows: tuple[VehicleRow, ...]


class Restrict(Message, frozen=True):
    """Ask for a car to be kept out; it is, once another person has approved it."""

    ref: int
    plate: str
    basis: str
    by: str
    until: str
    lanes: tuple[int, ...] = ()


class ApproveRestriction(Message, frozen=True):
    """The second person's approval."""

    ref: int
    restriction: str
    by: str


class EndRestriction(Message, frozen=True):
    """Keep a car out no longer."""

    ref: int
    restriction: str
    by: str


class Restrictions(Message, frozen=True):
    """Ask for a page of the restrictions, after the first `skip`."""

    ref: int
    skip: int = 0


class RestrictionRow(msgspec.Struct, frozen=True):
    """One restriction; `second` is None while it waits."""

    id: str
    plate: str
    basis: str
    by: str
    second: str | None
    until: str
    lanes: tuple[int, ...]


class RestrictionsAre(Message, frozen=True):
    """The restrictions."""

    ref: int
    rows: tuple[RestrictionRow, ...]


class AddCard(Message, frozen=True):
    """Give a resident a card; its number is hashed by core and kept nowhere."""

    ref: int
    number: str
    resident: str
    label: str
    until: str | None
    by: str


class RemoveCard(Message, frozen=True):
    """Take a card back: it opens nothing from now on."""

    ref: int
    card: str
    by: str


class Cards(Message, frozen=True):
    """Ask for a page of the cards, after the first `skip`."""

    ref: int
    skip: int = 0


class CardRow(msgspec.Struct, frozen=True):
    """One card, by an id that is not its number."""

    id: str
    resident: str
    label: str
    until: str | None


class CardsAre(Message, frozen=True):
    """The cards."""

    ref: int
    rows: tuple[CardRow, ...]
