"""What the command line asks about vehicles, cars that are kept out, and cards."""

from collections.abc import Callable
from datetime import date

from edge import wire
from edge.core.office import Asker, Office
from models.errors import InputError
from models.home import Home

PAGE = 200


class GarageDesk:
    """Answers from the store; the store writes each change into the journal itself."""

    def __init__(self, office: Office) -> None:
        self._at = office
        self.answers: dict[type, Callable[..., wire.AnyMessage]] = {
            wire.AddVehicle: self._add_vehicle,
            wire.Vehicles: self._vehicles,
            wire.Restrict: self._restrict,
            wire.ApproveRestriction: self._approve,
            wire.EndRestriction: self._end,
            wire.Restrictions: self._restrictions,
            wire.AddCard: self._add_card,
            wire.Cards: self._cards,
        }

    def _add_vehicle(self, _peer: Asker, request: wire.AddVehicle) -> wire.Done:
        one = self._at.store.garage.add_vehicle(
            request.plate,
            Home.parse(request.home),
            _day(request.until),
            self._at.clock.now(),
            by=request.by,
            resident=request.resident,
            label=request.label,
        )
        return self._done(request.ref, one.plate)

    def _vehicles(self, _peer: Asker, request: wire.Vehicles) -> wire.VehiclesAre:
        rows = self._at.store.garage.vehicles()[request.skip : request.skip + PAGE]
        return wire.VehiclesAre(
            request.ref,
            tuple(
                wire.VehicleRow(one.plate, str(one.home), _text(one.until), one.resident, one.label)
                for one in rows
            ),
        )

    def _restrict(self, _peer: Asker, request: wire.Restrict) -> wire.Done:
        unknown = sorted(set(request.lanes) - set(self._at.keepers)) if self._at.keepers else []
        if unknown:
            message = f"there is no lane {', '.join(map(str, unknown))} at this site"
            raise InputError(message)
        one = self._at.store.garage.restrict(
            request.plate,
            date.fromisoformat(request.until),
            self._at.clock.now(),
            basis=request.basis,
            by=request.by,
            lanes=frozenset(request.lanes),
        )
        return self._done(request.ref, one.restriction_id)

    def _approve(self, _peer: Asker, request: wire.ApproveRestriction) -> wire.Done:
        garage, now = self._at.store.garage, self._at.clock.now()
        garage.approve_restriction(request.restriction, now, by=request.by)
        return self._done(request.ref, request.restriction)

    def _end(self, _peer: Asker, request: wire.EndRestriction) -> wire.Done:
        garage, now = self._at.store.garage, self._at.clock.now()
        garage.end_restriction(request.restriction, now, by=request.by)
        return self._done(request.ref, request.restriction)

    def _restrictions(self, _peer: Asker, request: wire.Restrictions) -> wire.RestrictionsAre:
        rows = self._at.store.garage.restrictions()[request.skip : request.skip + PAGE]
        return wire.RestrictionsAre(
            request.ref,
            tuple(
                wire.RestrictionRow(
                    one.restriction_id,
                    one.plate,
                    one.basis,
                    one.by,
                    one.second,
                    one.until.isoformat(),
                    tuple(sorted(one.lanes)),
                )
                for one in rows
            ),
        )

    def _add_card(self, _peer: Asker, request: wire.AddCard) -> wire.Done:
        card_id = self._at.store.garage.add_card(
            request.number,
            request.resident,
            _day(request.until),
            self._at.clock.now(),
            by=request.by,
            label=request.label,
        )
        return self._done(request.ref, card_id)

    def _cards(self, _peer: Asker, request: wire.Cards) -> wire.CardsAre:
        rows = self._at.store.garage.cards()[request.skip : request.skip + PAGE]
        return wire.CardsAre(
            request.ref,
            tuple(
                wire.CardRow(row.card_id, row.card.resident, row.card.label, _text(row.card.until))
                for row in rows
            ),
        )

    def _done(self, ref: int, text: str) -> wire.Done:
        for row in self._at.store.events(newest=True, limit=1):
            self._at.announce(row.seq)
        return wire.Done(ref, text)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
