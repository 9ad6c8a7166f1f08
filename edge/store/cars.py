"""The register's cars: vehicles, cars that are kept out, and the openings that each one had."""

import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from edge.store.body import clock_text
from edge.store.prepared import Prepared, prepared_insert
from edge.store.tables import account, car_passage, issued, plate_pass, restriction, vehicle
from models.errors import InputError
from models.home import Home
from models.lane import Direction
from models.vehicle import CarPassage, Restriction, Vehicle, plate_text
from models.visit import Claims, UseState

LAST = 4
"""Openings of one car that a decision looks back on."""
PASSES = 16
"""Passes of one plate, the newest, that a decision may go by."""

_VEHICLE = tuple(
    vehicle.c[name]
    for name in ("id", "plate", "building", "unit", "room", "until", "resident", "label")
)
_OF_PLATE = Prepared(select(*_VEHICLE).where(vehicle.c.plate == bindparam("wanted")))
_KEPT_OUT = tuple(
    restriction.c[name] for name in ("id", "plate", "basis", "by", "second", "until", "lanes")
)
_AGAINST = Prepared(select(*_KEPT_OUT).where(restriction.c.plate == bindparam("wanted")))
_WAY = tuple(car_passage.c[name] for name in ("lane", "direction", "state", "at_mono", "boot"))
_NEWEST = Prepared(
    select(*_WAY)
    .where(car_passage.c.plate == bindparam("wanted"))
    .order_by(car_passage.c.event.desc())
    .limit(bindparam("most"))
)
_PASSED = prepared_insert(
    car_passage, *("event", "plate", "lane", "direction", "state", "boot", "at_mono", "at")
)
_BACK = Prepared(
    update(car_passage)
    .values(state=bindparam("now"))
    .where(car_passage.c.event == bindparam("by"), car_passage.c.state == bindparam("was"))
)
_SPENT = Prepared(
    update(car_passage).values(state=bindparam("now")).where(car_passage.c.event == bindparam("by"))
)


def checked(text: str) -> str:
    """Return a plate as it is compared; raises InputError for what can be none."""
    try:
        return plate_text(text)
    except ValueError as error:
        raise InputError(str(error), "no_plate") from error


def new_vehicle(
    plate: str, home: Home, until: date | None, resident: str | None, label: str
) -> Vehicle:
    """Return a vehicle with a new random id."""
    return Vehicle(secrets.token_hex(8), plate, home, until, resident, label.strip())


def add(connection: Connection, one: Vehicle, by: str, at: datetime) -> None:
    """Write a new vehicle; raises InputError for a plate that is on the register."""
    if of_plate(connection, one.plate) is not None:
        message = f"{one.plate} is on the register; `kuahu vehicle list` shows it, remove it first"
        raise InputError(message, "plate_taken")
    add_all(connection, (one,), by, at)


def add_all(connection: Connection, new: Sequence[Vehicle], by: str, at: datetime) -> None:
    """Write new vehicles, at once; none of their plates may be on the register."""
    if not new:
        return
    connection.execute(
        insert(vehicle),
        [
            {
                "id": one.vehicle_id,
                "plate": one.plate,
                "building": one.home.building,
                "unit": one.home.unit,
                "room": one.home.room,
                "until": None if one.until is None else one.until.isoformat(),
                "resident": one.resident,
                "label": one.label,
                "by": by,
                "added": clock_text(at),
            }
            for one in new
        ],
    )


def all_of(connection: Connection) -> tuple[Vehicle, ...]:
    """Return every vehicle, by home and plate."""
    order = (vehicle.c.building, vehicle.c.unit, vehicle.c.room, vehicle.c.plate)
    return tuple(_vehicle(row) for row in connection.execute(select(*_VEHICLE).order_by(*order)))


def of_plate(connection: Connection, plate: str) -> Vehicle | None:
    """Return the vehicle with this plate, or None."""
    row = _OF_PLATE.row(connection, (plate,))
    return None if row is None else _vehicle(row)


def of_home(connection: Connection, home: Home) -> tuple[Vehicle, ...]:
    """Return the vehicles of one home, by plate."""
    here = (
        vehicle.c.building == home.building,
        vehicle.c.unit == home.unit,
        vehicle.c.room == home.room,
    )
    rows = connection.execute(select(*_VEHICLE).where(*here).order_by(vehicle.c.plate))
    return tuple(_vehicle(row) for row in rows)


def one(connection: Connection, vehicle_id: str) -> Vehicle | None:
    """Return the vehicle with this id, or None."""
    row = connection.execute(select(*_VEHICLE).where(vehicle.c.id == vehicle_id)).first()
    return None if row is None else _vehicle(row)


def change(connection: Connection, car: Vehicle) -> None:
    """Write a vehicle's last day, label and owner as they are in `car`."""
    changed = update(vehicle).where(vehicle.c.id == car.vehicle_id)
    until = None if car.until is None else car.until.isoformat()
    connection.execute(changed.values(until=until, label=car.label, resident=car.resident))


def of_resident(connection: Connection, resident_id: str) -> tuple[Vehicle, ...]:
    """Return the vehicles that are a resident's own."""
    rows = connection.execute(select(*_VEHICLE).where(vehicle.c.resident == resident_id))
    return tuple(_vehicle(row) for row in rows)


def remove(connection: Connection, one: Vehicle) -> None:
    """Delete a vehicle and where it was."""
    connection.execute(delete(vehicle).where(vehicle.c.id == one.vehicle_id))
    connection.execute(delete(car_passage).where(car_passage.c.plate == one.plate))


def restrict(connection: Connection, one: Restriction, at: datetime) -> None:
    """Write down who is to be kept out; it is in force once a second person approves it.

    Raises InputError where the first approver has no account here.
    """
    _must_have_account(connection, one.by)
    connection.execute(
        insert(restriction),
        {
            "id": one.restriction_id,
            "plate": one.plate,
            "basis": one.basis,
            "by": one.by,
            "second": None,
            "lanes": ",".join(str(number) for number in sorted(one.lanes)),
            "until": one.until.isoformat(),
            "added": clock_text(at),
        },
    )


def approve(connection: Connection, restriction_id: str, second: str) -> None:
    """Put a restriction into force.

    Raises InputError for an unknown one, for one in force, and for an approver who is the first one
    or has no account here.
    """
    found = [one for one in restrictions(connection) if one.restriction_id == restriction_id]
    if not found or found[0].second is not None:
        message = f"no restriction {restriction_id!r} waits; see `kuahu vehicle blocked`"
        raise InputError(message)
    _must_have_account(connection, second)
    if second == found[0].by:
        message = f"{second} asked for it; another person must approve it"
        raise InputError(message)
    connection.execute(
        update(restriction).where(restriction.c.id == restriction_id).values(second=second)
    )


def release(connection: Connection, restriction_id: str) -> None:
    """Delete a restriction; raises InputError where there is none."""
    gone = connection.execute(delete(restriction).where(restriction.c.id == restriction_id))
    if not gone.rowcount:
        message = f"there is no restriction {restriction_id!r}; see `kuahu vehicle blocked`"
        raise InputError(message)


def restrictions(connection: Connection) -> tuple[Restriction, ...]:
    """Return every restriction, in force or waiting, by plate."""
    rows = connection.execute(select(*_KEPT_OUT).order_by(restriction.c.plate, restriction.c.added))
    return tuple(_restriction(row) for row in rows)


def against(connection: Connection, plate: str) -> tuple[Restriction, ...]:
    """Return every restriction of this plate."""
    return tuple(_restriction(row) for row in _AGAINST.rows(connection, (plate,)))


def bind(connection: Connection, pass_id: str, plate: str) -> None:
    """Let a pass be shown by this plate as well as by its code."""
    connection.execute(insert(plate_pass), {"pass_id": pass_id, "plate": plate})


def bound_to(connection: Connection, plate: str) -> tuple[Claims, ...]:
    """Return what the passes say that are bound to this plate, the newest first."""
    found = (
        select(issued.c.claims)
        .join(plate_pass, plate_pass.c.pass_id == issued.c.pass_id)
        .where(plate_pass.c.plate == plate)
        .order_by(issued.c.at.desc())
        .limit(PASSES)
    )
    rows = connection.execute(found).scalars()
    return tuple(msgspec.json.decode(claims, type=Claims) for claims in rows)


def passages(connection: Connection, plate: str, boot: str) -> tuple[CarPassage, ...]:
    """Return a car's last openings, the newest first; `at_mono` is None for an earlier start."""
    return tuple(
        CarPassage(
            lane, Direction(direction), UseState(state), at_mono if its_boot == boot else None
        )
        for lane, direction, state, at_mono, its_boot in _NEWEST.rows(
            # SQLAlchemy writes LIMIT with an OFFSET, which is a value as well.
            connection,
            (plate, LAST, 0),
        )
    )


def note_opening(  # noqa: PLR0913 - one row, and all that is in it
    connection: Connection,
    event: int,
    plate: str,
    *,
    lane: int,
    direction: Direction,
    boot: str,
    at_mono: float,
    at: datetime,
) -> None:
    """Write that decision `event` opens for a car; its outcome is still to come."""
    way = (lane, direction.value, UseState.OPEN.value)
    _PASSED.run(connection, (event, plate, *way, boot, at_mono, clock_text(at)))


def keep_spent(connection: Connection, event: int) -> None:
    """Say that the barrier opened for the car of decision `event`."""
    _SPENT.run(connection, (UseState.SPENT.value, event))


def give_back(connection: Connection, event: int, was: UseState) -> None:
    """Say that the car of decision `event` did not pass, if its opening stands at `was`."""
    _BACK.run(connection, (UseState.RETURNED.value, event, was.value))


def _must_have_account(connection: Connection, name: str) -> None:
    if connection.execute(select(account.c.name).where(account.c.name == name)).first() is None:
        message = f"{name!r} has no account here; `kuahu user list` shows who has"
        raise InputError(message)


def _vehicle(row: Sequence[Any]) -> Vehicle:
    vehicle_id, plate, building, unit, room, until, resident, label = row
    last = None if until is None else date.fromisoformat(until)
    return Vehicle(vehicle_id, plate, Home(building, unit, room), last, resident, label)


def _restriction(row: Sequence[Any]) -> Restriction:
    restriction_id, plate, basis, by, second, until, lanes = row
    where = frozenset(int(number) for number in lanes.split(",") if number)
    return Restriction(restriction_id, plate, basis, by, second, date.fromisoformat(until), where)
