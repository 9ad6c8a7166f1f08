"""The garage: the store's side of vehicles, cars that are kept out, and cards."""

import secrets
from datetime import date
from hashlib import sha256
from hmac import digest

from sqlalchemy import Connection

from edge.store import cards, cars, erasing, keyring, passes, people
from edge.store.body import Body
from edge.store.cards import CardRow
from edge.store.journal import Entry, append
from edge.store.opening import Parts
from edge.store.words import CardState, CarState
from models.card import Card, card_number
from models.errors import InputError
from models.event import EventKind
from models.home import Home
from models.lane import Credential
from models.moment import Moment
from models.vehicle import Restriction, Vehicle

LONGEST = 200
_CARDS = "cards"
"""The name of the site's secret that card numbers are hashed with."""


class Garage:
    """Reads and changes vehicles, restrictions and cards; each change is an ADMIN event."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._key = parts.folder.secret(_CARDS)

    def add_vehicle(  # noqa: PLR0913 - what a vehicle is, who says so, and now
        self,
        plate: str,
        home: Home,
        until: date | None,
        now: Moment,
        *,
        by: str,
        resident: str | None = None,
        label: str = "",
    ) -> Vehicle:
        """Return the new vehicle.

        Raises InputError for what is no plate, one that is on the register, or an unknown resident.
        """
        one = cars.new_vehicle(cars.checked(plate), home, until, resident, _short(label))

        def work(connection: Connection) -> None:
            if resident is not None and people.must_have(connection, resident).home != home:
                message = f"resident {resident} does not live at {home}"
                raise InputError(message)
            cars.add(connection, one, by, now.utc)
            about = Body(who=one.plate, home=str(home), note=by, person=one.vehicle_id)
            self._tell(connection, "vehicle_added", now, about)

        self._parts.writer.submit(work)
        return one

    def vehicles(self) -> tuple[Vehicle, ...]:
        """Return every vehicle, by home and plate."""
        return self._parts.reads(cars.all_of)

    def remove_vehicle(self, plate: str, now: Moment, *, by: str) -> int:
        """Erase a vehicle with all that the journal says of it; return how many rows that were.

        Raises InputError for a plate that is not on the register.
        """
        parts, wanted = self._parts, cars.checked(plate)
        found = parts.reads(lambda c: cars.of_plate(c, wanted))
        if found is None:
            message = f"{wanted} is not on the register; see `kuahu vehicle list`"
            raise InputError(message)
        parts.faces.bury_all({found.vehicle_id: keyring.VEHICLE}, now.utc)

        def work(connection: Connection) -> list[tuple[str, int]]:
            gone = erasing.erase_vehicle(connection, found, now)
            self._tell(connection, "vehicle_removed", now, Body(note=by))
            return gone

        erased = parts.writer.submit(work)
        parts.evidence.forget(erased)
        parts.writer.empty_log()
        return len(erased)

    def restrict(
        self,
        plate: str,
        until: date,
        now: Moment,
        *,
        basis: str,
        by: str,
        lanes: frozenset[int] = frozenset(),
    ) -> Restriction:
        """Return the restriction, which waits for a second person.

        Raises InputError for what is no plate, or without a legal basis in words.
        """
        if not basis.strip():
            message = "keeping a car out needs its legal basis in words"
            raise InputError(message)
        one = Restriction(
            secrets.token_hex(4), cars.checked(plate), _short(basis), by, None, until, lanes
        )

        def work(connection: Connection) -> None:
            cars.restrict(connection, one, now.utc)
            self._tell(connection, "restriction_asked", now, Body(who=by, note=one.restriction_id))

        self._parts.writer.submit(work)
        return one

    def approve_restriction(self, restriction_id: str, now: Moment, *, by: str) -> None:
        """Put a restriction into force; raises InputError unless another person asked for it."""

        def work(connection: Connection) -> None:
            cars.approve(connection, restriction_id, by)
            self._tell(connection, "restriction_approved", now, Body(who=by, note=restriction_id))

        self._parts.writer.submit(work)

    def end_restriction(self, restriction_id: str, now: Moment, *, by: str) -> None:
        """Delete a restriction; raises InputError where there is none."""

        def work(connection: Connection) -> None:
            cars.release(connection, restriction_id)
            self._tell(connection, "restriction_ended", now, Body(who=by, note=restriction_id))

        self._parts.writer.submit(work)

    def restrictions(self) -> tuple[Restriction, ...]:
        """Return every restriction, in force or waiting."""
        return self._parts.reads(cars.restrictions)

    def car(self, plate: str) -> CarState:
        """Return all that is known of the car with this plate (models.vehicle.plate_text)."""
        boot = self._parts.boot

        def look(connection: Connection) -> CarState:
            return CarState(
                vehicle=_chosen(connection, cars.of_plate(connection, plate)),
                restrictions=cars.against(connection, plate),
                passages=cars.passages(connection, plate, boot),
                passes=tuple(
                    (claims, passes.state_of(connection, claims.pass_id, boot))
                    for claims in cars.bound_to(connection, plate)
                ),
            )

        return self._parts.reads(look)

    def card_hash(self, number: str) -> str:
        """Return what a card's number is kept as: its HMAC-SHA256 under a key of this site, in hex.

        Raises InputError for what is no card number.
        """
        try:
            return digest(self._key, card_number(number).encode(), sha256).hex()
        except ValueError as error:
            raise InputError(str(error), "no_card") from error

    def add_card(
        self, number: str, resident: str, until: date | None, now: Moment, *, by: str, label: str
    ) -> str:
        """Return the id of the new card; having one is choosing that way of entry.

        Raises InputError for what is no number, one that is on the register, or nobody's id.
        """
        one = Card(self.card_hash(number), resident, _short(label), until)

        def work(connection: Connection) -> str:
            person = people.must_have(connection, resident)
            card_id = cards.add(connection, one, by, now.utc)
            about = Body(who=person.name, home=str(person.home), note=card_id, person=resident)
            self._tell(connection, "card_added", now, about)
            return card_id

        return self._parts.writer.submit(work)

    def cards(self) -> tuple[CardRow, ...]:
        """Return every card."""
        return self._parts.reads(cards.all_of)

    def remove_card(self, card_id: str, now: Moment, *, by: str) -> None:
        """Delete a card, which opens nothing from now on; raises InputError where there is none."""

        def work(connection: Connection) -> None:
            gone = cards.remove(connection, card_id)
            erasing.bury(connection, keyring.CARD, card_id, now.utc)
            about = Body(who=by, note=card_id, person=gone.resident)
            self._tell(connection, "card_removed", now, about)

        self._parts.writer.submit(work)
        self._parts.faces.bury_all({card_id: keyring.CARD}, now.utc)

    def card(self, number: str) -> CardState:
        """Return the card with this keyed hash and its holder, None for what is not known."""

        def look(connection: Connection) -> CardState:
            one = cards.of_number(connection, number)
            return CardState(one, None if one is None else people.one(connection, one.resident))

        return self._parts.reads(look)

    def _tell(self, connection: Connection, reason: str, now: Moment, body: Body) -> None:
        entry = Entry(EventKind.ADMIN, now.utc, now.trust, reason=reason, body=body)
        append(connection, self._parts.journal, entry)


def _chosen(connection: Connection, found: Vehicle | None) -> Vehicle | None:
    """Return a car, or None where its resident does not want to be known by plate."""
    if found is None or found.resident is None:
        return found
    return None if Credential.PLATE in people.refused(connection, found.resident) else found


def _short(text: str) -> str:
    if len(text) > LONGEST:
        message = f"{text[:20]!r}... is longer than {LONGEST} characters"
        raise InputError(message)
    return text.strip()
