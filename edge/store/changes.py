"""What a desk corrects on the register: residents, vehicles, and a card that is given back.

Each change is an ADMIN event in the same COMMIT, and answers what was there before, so that whoever
asked can take it back.
"""

from dataclasses import replace
from datetime import date

from sqlalchemy import Connection

from edge.register_sheet import SheetRead
from edge.store import cards, cars, loading, people, roster
from edge.store.body import Body
from edge.store.journal import Entry, append
from edge.store.loading import Load
from edge.store.opening import Parts
from edge.store.roster import HomeLine, Household
from models.card import Card
from models.errors import InputError
from models.event import EventKind
from models.home import Home
from models.moment import Moment
from models.registry import Consent, Resident
from models.vehicle import Vehicle

LOADING = 30.0
"""Seconds that a whole sheet may take to become durable."""


class Changes:
    """Reads the register by homes, and corrects it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def homes(self, find: str = "") -> tuple[HomeLine, ...]:
        """Return the homes of the register in order; see `roster.lines` for what `find` finds."""
        return self._parts.reads(lambda connection: roster.lines(connection, find))

    def household(self, home: Home) -> Household:
        """Return all that the register has of one home."""
        return self._parts.reads(lambda connection: roster.household(connection, home))

    def consent(self, resident_id: str) -> Consent | None:
        """Return the consent under which a resident's face is used, or None."""
        return self._parts.reads(lambda connection: roster.consent_of(connection, resident_id))

    def vehicle(self, vehicle_id: str) -> Vehicle | None:
        """Return the vehicle with this id, or None."""
        return self._parts.reads(lambda connection: cars.one(connection, vehicle_id))

    def card(self, card_id: str) -> Card | None:
        """Return the card with this id, or None."""
        rows = self._parts.reads(cards.all_of)
        return next((row.card for row in rows if row.card_id == card_id), None)

    def compared(self, sheet: SheetRead) -> Load:
        """Return what a sheet would do to the register as it is now."""
        return self._parts.reads(lambda connection: loading.compared(connection, sheet))

    def load(self, sheet: SheetRead, now: Moment, *, by: str) -> Load:
        """Put a whole sheet on the register in one COMMIT, or nothing where it has a mistake."""

        def work(connection: Connection) -> Load:
            wanted = loading.compared(connection, sheet)
            if not wanted.mistakes and (wanted.new or wanted.changed):
                loading.load(connection, self._parts.journal, wanted, by, now)
            return wanted

        return self._parts.writer.submit(work, wait=LOADING)

    def resident(
        self, wanted: Resident, now: Moment, *, by: str, instead_of: Resident | None = None
    ) -> Resident:
        """Write a resident's name, kind and last day; return the resident as they were before.

        Raises InputError for an unknown resident, an unusable name, or, with `instead_of`, where
        the register no longer says just that.
        """
        name = people.clean_name(wanted.name)

        def work(connection: Connection) -> Resident:
            before = people.must_have(connection, wanted.resident_id)
            if instead_of is not None and _said(before) != _said(instead_of):
                raise _meanwhile(before.name)
            after = replace(before, name=name, kind=wanted.kind, until=wanted.until)
            people.change(connection, after)
            about = Body(who=name, home=str(before.home), note=by, person=before.resident_id)
            self._tell(connection, "resident_changed", now, about)
            return before

        return self._parts.writer.submit(work)

    def car(
        self,
        vehicle_id: str,
        until: date | None,
        label: str,
        now: Moment,
        *,
        by: str,
        instead_of: Vehicle | None = None,
    ) -> Vehicle:
        """Write a vehicle's last day and label; return the vehicle as it was before.

        Raises InputError for an unknown vehicle or, with `instead_of`, where the register no longer
        says just that.
        """

        def work(connection: Connection) -> Vehicle:
            before = cars.one(connection, vehicle_id)
            if before is None:
                message = "this vehicle is not on the register any more; load the page again"
                raise InputError(message, "no_car")
            if instead_of is not None and before != instead_of:
                raise _meanwhile(before.plate)
            cars.change(connection, replace(before, until=until, label=label.strip()))
            about = Body(who=before.plate, home=str(before.home), note=by, person=before.vehicle_id)
            self._tell(connection, "vehicle_changed", now, about)
            return before

        return self._parts.writer.submit(work)

    def give_back(self, card: Card, now: Moment, *, by: str) -> str:
        """Put a card that was taken back on the register; return its new id.

        Raises InputError where its holder is gone, or where the card is somebody's meanwhile.
        """

        def work(connection: Connection) -> str:
            person = people.must_have(connection, card.resident)
            card_id = cards.add(connection, card, by, now.utc)
            about = Body(who=person.name, home=str(person.home), note=card_id, person=card.resident)
            self._tell(connection, "card_added", now, about)
            return card_id

        return self._parts.writer.submit(work)

    def _tell(self, connection: Connection, reason: str, now: Moment, body: Body) -> None:
        entry = Entry(EventKind.ADMIN, now.utc, now.trust, reason=reason, body=body)
        append(connection, self._parts.journal, entry)


def _said(person: Resident) -> tuple[object, ...]:
    return person.name, person.kind, person.until


def _meanwhile(name: str) -> InputError:
    message = f"{name} was changed again meanwhile; load the page and look first"
    return InputError(message, "meanwhile")
