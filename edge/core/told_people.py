"""People and cars as the centre told of them: choices, members of a household, cars, an export."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from edge.core.told_rules import (
    BY_PHONE,
    LONGEST_NAME,
    REQUEST_ID,
    RESIDENT_ID,
    Grounds,
    fit,
    last_day,
    may_decide,
    must_have,
    refuse,
)
from edge.store.feed import ToldRow
from models.feed import Choice, ExportWanted, Member, VehicleGiven, VehicleTaken
from models.lane import Credential
from models.letter import Exported
from models.registry import Resident, ResidentKind
from models.vehicle import plate_text

MOST_MEMBERS: Final = 20
"""People of one home up to which a phone may add another one; a desk may add more."""
MOST_CARS: Final = 8
_CHOSEN: Final = frozenset({Credential.FACE, Credential.PLATE, Credential.CARD})
_MAY_ADD: Final[Mapping[ResidentKind, frozenset[ResidentKind]]] = MappingProxyType(
    {
        ResidentKind.OWNER: frozenset(
            {ResidentKind.OWNER, ResidentKind.FAMILY, ResidentKind.TENANT}
        ),
        ResidentKind.FAMILY: frozenset({ResidentKind.FAMILY}),
        ResidentKind.TENANT: frozenset({ResidentKind.TENANT}),
        ResidentKind.STAFF: frozenset(),
    }
)

TakeFace = Callable[[ToldRow, str], None]


class PeopleTold:
    """Applies what a household asked for on the phone."""

    def __init__(self, grounds: Grounds, take_face: TakeFace) -> None:
        self._at = grounds
        self._take_face = take_face
        self.deeds: dict[type, Callable[[ToldRow, Any], None]] = {
            Choice: self._choose,
            Member: self._member,
            VehicleGiven: self._give_car,
            VehicleTaken: self._take_car,
            ExportWanted: self._export,
        }

    def _choose(self, row: ToldRow, told: Choice) -> None:
        person = must_have(self._at.store, told.resident_id)
        if told.credential not in _CHOSEN:
            refuse("credential")
        if told.credential is Credential.FACE and not told.allowed:
            self._take_face(row, person.resident_id)
            return
        if told.allowed:
            may_decide(self._at.store, person, told.by)
            if told.consent is None or told.consent.channel not in BY_PHONE:
                refuse("no_consent")
        if told.credential is not Credential.FACE:
            # The consent to a face comes once more with the photo, and counts from then on.
            now = self._at.clock.now()
            self._at.store.exchange.choose(
                person.resident_id, told.credential, told.consent if told.allowed else None, now
            )

    def _member(self, _row: ToldRow, told: Member) -> None:
        fit(RESIDENT_ID, told.resident_id, "resident")
        store = self._at.store
        asker = must_have(self._at.store, told.by)
        name = told.name.strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            refuse("name")
        if told.home != asker.home or told.kind not in _MAY_ADD[asker.kind]:
            refuse("home")
        if told.guardian is not None and told.guardian != told.by:
            refuse("guardian")
        if store.exchange.is_buried(told.resident_id):
            refuse("erased")
        until = last_day(told.until, asker.until)
        person = Resident(told.resident_id, name, told.home, told.kind, until, frozenset())
        there = store.resident(told.resident_id)
        if there is not None:
            if (there.name, there.home) != (name, told.home):
                refuse("taken")
            return
        store.exchange.add_member(person, told.guardian, self._at.clock.now(), MOST_MEMBERS)
        self._at.note("resident_added", asker.name)

    def _give_car(self, _row: ToldRow, told: VehicleGiven) -> None:
        person, asker = self._household(told.resident_id, told.by)
        garage, now = self._at.store.garage, self._at.clock.now()
        until = last_day(told.until, person.until)
        mine = [one for one in garage.vehicles() if one.home == person.home]
        plate = plate_text(told.plate)
        if any(one.plate == plate and one.resident == person.resident_id for one in mine):
            return
        if len(mine) >= MOST_CARS:
            refuse("too_many")
        garage.add_vehicle(
            told.plate, person.home, until, now, by=asker.name, resident=person.resident_id
        )

    def _take_car(self, _row: ToldRow, told: VehicleTaken) -> None:
        person, asker = self._household(told.resident_id, told.by)
        garage = self._at.store.garage
        plate = plate_text(told.plate)
        for one in garage.vehicles():
            if one.plate == plate and one.resident == person.resident_id:
                garage.remove_vehicle(plate, self._at.clock.now(), by=asker.name)
                return
            if one.plate == plate:
                refuse("not_theirs")

    def _export(self, _row: ToldRow, told: ExportWanted) -> None:
        fit(REQUEST_ID, told.request_id, "request")
        person = must_have(self._at.store, told.resident_id)
        exchange = self._at.store.exchange
        document = exchange.exported(person.resident_id)
        exchange.say(Exported(told.request_id, person.resident_id, document))

    def _household(self, resident_id: str, by: str) -> tuple[Resident, Resident]:
        person, asker = must_have(self._at.store, resident_id), must_have(self._at.store, by)
        if person.home != asker.home:
            refuse("home")
        return person, asker
