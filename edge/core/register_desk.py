"""The register as the desk works with it: homes, corrections, and taking a change back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial

from edge import wire
from edge.core.office import Asker, Office
from edge.core.undo import Change, LastChanges
from edge.store.roster import HomeLine
from models.card import Card
from models.errors import InputError
from models.event import EventKind
from models.home import Home
from models.moment import Moment
from models.registry import Resident, ResidentKind
from models.vehicle import Vehicle, plate_text

PAGE = 50
LONGEST_NAME = 60
LONGEST_FIND = 60
_SHOWN = 6
"""Names and plates of one home that a list shows."""
FACE_GONE = "face_gone"
"""The word of the note that a right came back and a face did not."""


class RegisterDesk:
    """Answers from the store, which writes each change into the journal itself."""

    def __init__(self, office: Office, changes: LastChanges) -> None:
        self._at = office
        self._changes = changes
        self.answers: dict[type, Callable[..., wire.AnyMessage]] = {
            wire.Homes: self._homes,
            wire.Household: self._household,
            wire.Person: self._person,
            wire.ChangeResident: self._change_resident,
            wire.ChangeVehicle: self._change_vehicle,
            wire.RemoveVehicle: self._remove_vehicle,
            wire.RemoveCard: self._remove_card,
            wire.LastChange: self._last_change,
            wire.Undo: self._undo,
        }

    # --- reading -----------------------------------------------------------------------------

    def _homes(self, _peer: Asker, request: wire.Homes) -> wire.HomesAre:
        found = self._at.store.changes.homes(request.find[:LONGEST_FIND])
        skip = max(0, request.skip)
        rows = tuple(_home_row(line) for line in found[skip : skip + PAGE])
        return wire.HomesAre(request.ref, rows, len(found))

    def _household(self, _peer: Asker, request: wire.Household) -> wire.HouseholdIs:
        store = self._at.store
        all_of = store.changes.household(Home.parse(request.home))
        learners = store.lessons.learners()
        return wire.HouseholdIs(
            request.ref,
            str(all_of.home),
            tuple(resident_row(one, learners) for one in all_of.people),
            tuple(
                wire.VehicleRow(
                    one.plate,
                    str(one.home),
                    _text(one.until),
                    one.resident,
                    one.label,
                    one.vehicle_id,
                )
                for one in all_of.vehicles
            ),
            tuple(
                wire.CardRow(row.card_id, row.card.resident, row.card.label, _text(row.card.until))
                for row in all_of.cards
            ),
            tuple(
                wire.GivenPass(
                    one.claims.pass_id,
                    one.claims.host,
                    one.label,
                    one.claims.kind,
                    one.claims.not_before.isoformat(),
                    one.claims.expires.isoformat(),
                    one.claims.uses,
                    one.used,
                    one.revoked,
                )
                for one in all_of.passes
            ),
        )

    def _person(self, _peer: Asker, request: wire.Person) -> wire.PersonIs:
        store = self._at.store
        row = resident_row(must_have(self._at, request.resident), store.lessons.learners())
        given = store.changes.consent(request.resident)
        if given is None:
            return wire.PersonIs(request.ref, row)
        return wire.PersonIs(
            request.ref, row, given.version, given.at.isoformat(), given.by, given.guardian
        )

    # --- correcting --------------------------------------------------------------------------

    def _change_resident(self, _peer: Asker, request: wire.ChangeResident) -> wire.Done:
        now, before = self._at.clock.now(), must_have(self._at, request.resident)
        after = replace(
            before,
            name=checked_name(request.name),
            kind=ResidentKind(request.kind),
            until=_day(request.until),
        )
        if _said(after) == _said(before):
            return wire.Done(request.ref)
        before = self._at.store.changes.resident(after, now, by=request.by)
        self._at.eyes.refresh()
        self._announce()
        back = partial(self._resident_back, before, after)
        about = f"{before.name} {before.home}"
        change = Change("resident_changed", about, back, before.resident_id)
        self._changes.keep(request.by, change, now)
        return wire.Done(request.ref)

    def _resident_back(self, before: Resident, after: Resident, now: Moment, by: str) -> str:
        self._at.store.changes.resident(before, now, by=by, instead_of=after)
        self._at.eyes.refresh()
        is_now = must_have(self._at, before.resident_id)
        return FACE_GONE if before.allowed - is_now.allowed else ""

    def _change_vehicle(self, _peer: Asker, request: wire.ChangeVehicle) -> wire.Done:
        changes, now = self._at.store.changes, self._at.clock.now()
        until, label = _day(request.until), request.label.strip()
        if len(label) > LONGEST_NAME:
            message = f"a note beside a plate has at most {LONGEST_NAME} characters"
            raise InputError(message)
        known = changes.vehicle(request.vehicle)
        if known is not None and (known.until, known.label) == (until, label):
            return wire.Done(request.ref, known.plate)
        before = changes.car(request.vehicle, until, label, now, by=request.by)
        self._announce()
        after = replace(before, until=until, label=label)
        back = partial(self._vehicle_back, before, after)
        whose = (before.resident or "", before.vehicle_id)
        change = Change("vehicle_changed", before.plate, back, *whose)
        self._changes.keep(request.by, change, now)
        return wire.Done(request.ref, before.plate)

    def _vehicle_back(self, before: Vehicle, after: Vehicle, now: Moment, by: str) -> str:
        changes = self._at.store.changes
        changes.car(before.vehicle_id, before.until, before.label, now, by=by, instead_of=after)
        return ""

    def _remove_vehicle(self, _peer: Asker, request: wire.RemoveVehicle) -> wire.Done:
        garage, now = self._at.store.garage, self._at.clock.now()
        plates = {one.plate: one for one in garage.vehicles()}
        rows = garage.remove_vehicle(request.plate, now, by=request.by)
        self._announce()
        gone = plates.get(plate_text(request.plate))
        if gone is not None:
            self._changes.forget(gone.vehicle_id)
            back = partial(self._vehicle_again, gone)
            change = Change("vehicle_removed", gone.plate, back, gone.resident or "")
            self._changes.keep(request.by, change, now)
        return wire.Done(request.ref, f"erased, with the personal part of {rows} events")

    def _vehicle_again(self, gone: Vehicle, now: Moment, by: str) -> str:
        self._at.store.garage.add_vehicle(
            gone.plate,
            gone.home,
            gone.until,
            now,
            by=by,
            resident=gone.resident,
            label=gone.label,
        )
        return ""

    def _remove_card(self, _peer: Asker, request: wire.RemoveCard) -> wire.Done:
        store, now = self._at.store, self._at.clock.now()
        gone = store.changes.card(request.card)
        store.garage.remove_card(request.card, now, by=request.by)
        self._announce()
        if gone is not None:
            holder = store.resident(gone.resident)
            about = gone.label or (holder.name if holder else "")
            back = partial(self._card_again, gone)
            change = Change("card_removed", about, back, gone.resident)
            self._changes.keep(request.by, change, now)
        return wire.Done(request.ref, request.card)

    def _card_again(self, gone: Card, now: Moment, by: str) -> str:
        self._at.store.changes.give_back(gone, now, by=by)
        return ""

    # --- taking back -------------------------------------------------------------------------

    def _last_change(self, _peer: Asker, request: wire.LastChange) -> wire.LastChangeIs:
        found = self._changes.last(request.by, self._at.clock.now())
        if found is None:
            return wire.LastChangeIs(request.ref)
        change, left = found
        if change.person and self._at.store.resident(change.person) is None:
            # Erased by another way: what is remembered of them goes, too.
            self._changes.forget(change.person)
            return wire.LastChangeIs(request.ref)
        return wire.LastChangeIs(request.ref, change.what, change.about, left)

    def _undo(self, _peer: Asker, request: wire.Undo) -> wire.Done:
        now = self._at.clock.now()
        change = self._changes.take(request.by, now)
        assert change.take_back is not None
        note = change.take_back(now, request.by)
        reason = f"undone_{change.what}"
        self._at.announce(self._at.store.note(EventKind.ADMIN, reason, now, who=request.by))
        return wire.Done(request.ref, change.about, note)

    def _announce(self) -> None:
        """Show the row that the store has just written."""
        for row in self._at.store.events(newest=True, limit=1):
            self._at.announce(row.seq)


def must_have(office: Office, resident: str) -> Resident:
    """Return a resident; raises InputError where the register has none of that id."""
    found = office.store.resident(resident)
    if found is None:
        message = f"there is no resident {resident}; see `kuahu resident list`"
        raise InputError(message, "no_resident")
    return found


def checked_name(name: str) -> str:
    """Return a resident's name; raises InputError for one that is empty or too long."""
    clean = name.strip()
    if not clean or len(clean) > LONGEST_NAME:
        message = f"a name has 1 to {LONGEST_NAME} characters"
        raise InputError(message, "no_name")
    return clean


def resident_row(one: Resident, learners: frozenset[str]) -> wire.ResidentRow:
    """Return a resident as the pages and the command line read them."""
    return wire.ResidentRow(
        one.resident_id,
        one.name,
        str(one.home),
        one.kind,
        _text(one.until),
        tuple(sorted(one.allowed)),
        learns=one.resident_id in learners,
        second_factor=one.second_factor,
    )


def _home_row(line: HomeLine) -> wire.HomeRow:
    return wire.HomeRow(
        str(line.home),
        line.names[:_SHOWN],
        len(line.names),
        line.plates[:_SHOWN],
        len(line.plates),
        line.cards,
    )


def _said(person: Resident) -> tuple[object, ...]:
    return person.name, person.kind, person.until


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
