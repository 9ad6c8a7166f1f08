"""The register as the gates have told it, read for one household."""

from datetime import datetime

import msgspec
from sqlalchemy import Connection, Row, select

from central.register_tables import RESIDENTS, VEHICLES
from central.resident.household import Household, Person
from central.resident.site import site_of
from central.resident.wishes import Car, cars_with_wishes, wishes_of, with_wishes
from models.home import Home
from models.lane import Credential
from models.registry import ResidentKind


def household_of(
    connection: Connection, compound: str, resident: str, session: str, now: datetime
) -> Household | None:
    """Return the household of a resident with everyone of the same home.

    None where the register has no such resident, whose last day is over, or who is a child.
    """
    row = connection.execute(
        select(RESIDENTS).where(RESIDENTS.c.compound == compound, RESIDENTS.c.resident == resident)
    ).first()
    if row is None or row.gone or row.guardian is not None:
        return None
    site = site_of(connection, compound)
    if row.until is not None and row.until < site.today(now):
        return None
    rows = connection.execute(
        select(RESIDENTS)
        .where(RESIDENTS.c.compound == compound, RESIDENTS.c.home == row.home)
        .order_by(RESIDENTS.c.resident)
    ).all()
    people = [_person(one) for one in rows if not one.gone]
    wishes = wishes_of(connection, compound, row.home, now)
    gone = _gone(connection, compound, {one.asked.resident_id for one in wishes})
    everyone = with_wishes(people, gone, wishes, now)
    me = next(one for one in everyone if one.resident_id == resident)
    return Household(compound, Home.parse(row.home), me, everyone, site, session)


def cars_of(connection: Connection, household: Household, now: datetime) -> tuple[Car, ...]:
    """Return the cars of everyone in the household, by plate."""
    people = [one.resident_id for one in household.people]
    rows = connection.execute(
        select(VEHICLES).where(
            VEHICLES.c.compound == household.compound,
            VEHICLES.c.resident.in_(people),
            VEHICLES.c.gone.is_(False),
        )
    )
    cars = [Car(row.plate, row.resident, row.until) for row in rows]
    asked = wishes_of(connection, household.compound, str(household.home), now)
    mine = [each for each in asked if each.asked.resident_id in people]
    return tuple(sorted(cars_with_wishes(cars, mine, now), key=lambda car: car.plate))


def vehicle_ids(connection: Connection, household: Household, resident: str) -> tuple[str, ...]:
    """Return the ids under which the events of a resident's cars are kept."""
    return tuple(
        connection.execute(
            select(VEHICLES.c.vehicle).where(
                VEHICLES.c.compound == household.compound, VEHICLES.c.resident == resident
            )
        ).scalars()
    )


def _gone(connection: Connection, compound: str, among: set[str]) -> frozenset[str]:
    """Return who of `among` was on the register and is no longer."""
    chosen = select(RESIDENTS.c.resident).where(
        RESIDENTS.c.compound == compound,
        RESIDENTS.c.resident.in_(among),
        RESIDENTS.c.gone.is_(True),
    )
    return frozenset(connection.execute(chosen).scalars())


def _person(row: Row[tuple[object, ...]]) -> Person:
    allowed = msgspec.json.decode(row.allowed or "[]", type=frozenset[Credential])
    return Person(
        resident_id=row.resident,
        name=row.name or "",
        kind=ResidentKind(row.kind),
        until=row.until,
        allowed=allowed,
        face=bool(row.face),
        guardian=row.guardian,
    )
