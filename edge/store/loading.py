"""A sheet put on the register in one go: compared first, then all of it in one COMMIT."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from edge.register_sheet import CarLine, Mistake, PersonLine, SheetRead
from edge.sheet_rules import Rule
from edge.store import cars, people
from edge.store.body import Body
from edge.store.journal import Entry, append
from models.event import EventKind
from models.home import Home
from models.moment import Moment
from models.registry import Resident
from models.vehicle import Vehicle


@dataclass(frozen=True, slots=True)
class Load:
    """What a sheet comes to against the register; nothing is done where it has mistakes."""

    new_people: tuple[Resident, ...] = ()
    changed_people: tuple[Resident, ...] = ()
    new_cars: tuple[Vehicle, ...] = ()
    changed_cars: tuple[Vehicle, ...] = ()
    same: int = 0
    mistakes: tuple[Mistake, ...] = ()

    @property
    def new(self) -> int:
        """How many lines are new on the register."""
        return len(self.new_people) + len(self.new_cars)

    @property
    def changed(self) -> int:
        """How many lines change a row of the register."""
        return len(self.changed_people) + len(self.changed_cars)


def compared(connection: Connection, sheet: SheetRead) -> Load:
    """Return what a sheet would do; a line is known by home and name, or by its plate."""
    living = people.all_of(connection)
    if sheet.cars:
        return _cars(sheet, {one.plate: one for one in cars.all_of(connection)}, living)
    return _people(sheet, {(one.home, one.name): one for one in living})


def load(connection: Connection, journal: str, wanted: Load, by: str, now: Moment) -> None:
    """Write what a sheet comes to, and one ADMIN event that says how much it was."""
    people.add_all(connection, wanted.new_people, now.utc)
    for person in wanted.changed_people:
        people.change(connection, person)
    cars.add_all(connection, wanted.new_cars, by, now.utc)
    for car in wanted.changed_cars:
        cars.change(connection, car)
    body = Body(who=by, note=f"+{wanted.new} ~{wanted.changed} ={wanted.same}")
    reason = "register_imported"
    entry = Entry(EventKind.ADMIN, now.utc, now.trust, reason=reason, body=body)
    append(connection, journal, entry)


def _people(sheet: SheetRead, known: Mapping[tuple[Home, str], Resident]) -> Load:
    new: list[Resident] = []
    changed: list[Resident] = []
    for line in sheet.people:
        before = known.get((line.home, line.name))
        if before is None:
            new.append(people.new_resident(line.name, line.home, line.kind, line.until))
            continue
        after = _person(before, line)
        if after != before:
            changed.append(after)
    same = len(sheet.people) - len(new) - len(changed)
    return Load(tuple(new), tuple(changed), same=same, mistakes=sheet.mistakes)


def _person(before: Resident, line: PersonLine) -> Resident:
    until = line.until if line.gives_until else before.until
    return replace(before, kind=line.kind, until=until)


def _cars(sheet: SheetRead, known: Mapping[str, Vehicle], living: Sequence[Resident]) -> Load:
    owners = {(one.home, one.name): one.resident_id for one in living}
    new: list[Vehicle] = []
    changed: list[Vehicle] = []
    mistakes: list[Mistake] = []
    for line in sheet.cars:
        before = known.get(line.plate)
        owner = owners.get((line.home, line.owner)) if line.owner else None
        if line.owner and owner is None:
            mistakes.append(Mistake(line.line, "owner", Rule.NO_OWNER, line.owner))
        elif before is None:
            new.append(cars.new_vehicle(line.plate, line.home, line.until, owner, line.label))
        elif before.home != line.home:
            mistakes.append(Mistake(line.line, "home", Rule.OTHER_HOME, line.plate))
        elif (after := _car(before, line, owner)) != before:
            changed.append(after)
    same = len(sheet.cars) - len(new) - len(changed) - len(mistakes)
    return Load(
        new_cars=tuple(new),
        changed_cars=tuple(changed),
        same=same,
        mistakes=(*sheet.mistakes, *mistakes),
    )


def _car(before: Vehicle, line: CarLine, owner: str | None) -> Vehicle:
    return replace(
        before,
        until=line.until if "until" in line.given else before.until,
        label=line.label if "label" in line.given else before.label,
        resident=owner if "owner" in line.given else before.resident,
    )
