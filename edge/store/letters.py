"""Letters to the centre: written with what they tell of, and let go only once it has them."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store import cars, consents, marks, people
from edge.store.centre_tables import letter, register_change
from edge.store.consents import Purpose
from edge.store.tables import resident, vehicle
from edge.sync.words import kind_of, letter_body
from models.errors import InputError
from models.lane import Credential
from models.letter import ResidentGone, ResidentNow, Said, VehicleGone, VehicleNow
from models.registry import Resident

EPOCH = "feed_epoch"
"""Which centre's feed the site follows; without one nobody is told anything."""
NUMBER = "letters"
STEP = 1_000_000
"""Numbers that are left out where some may be in use at the centre already."""
CONFLICT = "conflict"
"""Why a letter was not taken whose number the centre has with other words."""

_RESIDENT, _VEHICLE = "resident", "vehicle"
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter that waits; `body` is JSON."""

    number: int
    kind: str
    body: bytes


def wanted(connection: Connection) -> bool:
    """Return whether there is a centre to tell."""
    return marks.read(connection, EPOCH) is not None


def must_have_centre(connection: Connection) -> None:
    """Raise InputError where there is no centre to tell."""
    if not wanted(connection):
        message = "this site has not reached its centre yet; run `kuahu centre claim` first"
        raise InputError(message)


def say(connection: Connection, said: Said) -> None:
    """Write a letter, in the caller's own transaction; nothing where there is no centre."""
    if wanted(connection):
        row = {
            "number": marks.count(connection, NUMBER),
            "kind": kind_of(type(said)),
            "body": letter_body(said),
        }
        connection.execute(insert(letter), row)


def settle(connection: Connection) -> int:
    """Write the letters that tell of changes of the register; return how many changes there were.

    Each says how somebody or some car is by now, however often that changed meanwhile.
    """
    changes = connection.execute(
        select(register_change.c.kind, register_change.c.id)
        .order_by(register_change.c.kind, register_change.c.id)
        .limit(_AT_ONCE)
    ).all()
    for kind, whose in changes:
        tell = _resident if kind == _RESIDENT else _car
        say(connection, tell(connection, whose))
        which = (register_change.c.kind == kind, register_change.c.id == whose)
        connection.execute(delete(register_change).where(*which))
    return len(changes)


def unsettled(connection: Connection) -> bool:
    """Return whether a change of the register is still to be told of."""
    return connection.execute(select(register_change.c.id).limit(1)).first() is not None


def note_resident(connection: Connection, resident_id: str) -> None:
    """Let a resident be told of anew, for a change that no trigger sees."""
    if wanted(connection):
        row = upsert(register_change).values(kind=_RESIDENT, id=resident_id)
        connection.execute(row.on_conflict_do_nothing())


def tell_all(connection: Connection) -> None:
    """Let everybody and every car on the register be told of anew."""
    for kind, column in ((_RESIDENT, resident.c.id), (_VEHICLE, vehicle.c.id)):
        ids = connection.execute(select(column)).scalars().all()
        for one in ids:
            row = upsert(register_change).values(kind=kind, id=one)
            connection.execute(row.on_conflict_do_nothing())


def batch(connection: Connection, limit: int) -> tuple[LetterRow, ...]:
    """Return up to `limit` letters that wait, in order of number."""
    rows = connection.execute(
        select(letter.c.number, letter.c.kind, letter.c.body)
        .where(letter.c.aside.is_(None))
        .order_by(letter.c.number)
        .limit(limit)
    )
    return tuple(LetterRow(row.number, row.kind, row.body) for row in rows)


def let_go(connection: Connection, numbers: Iterable[int]) -> None:
    """Delete the letters that the centre has proved to hold."""
    for number in numbers:
        connection.execute(delete(letter).where(letter.c.number == number))


def put_aside(connection: Connection, number: int, why: str) -> None:
    """Keep a letter that the centre will not take, so that it blocks no other.

    Where the centre knows other words under its number, this register is older than what the
    centre was told: all that waits gets new numbers far above, and everything is told of anew.
    """
    if why != CONFLICT:
        connection.execute(update(letter).where(letter.c.number == number).values(aside=why))
        return
    skip(connection)
    for row in connection.execute(select(letter).order_by(letter.c.number)).all():
        fresh = marks.count(connection, NUMBER)
        renumbered = update(letter).where(letter.c.number == row.number)
        connection.execute(renumbered.values(number=fresh))
    tell_all(connection)


def skip(connection: Connection) -> None:
    """Leave out the next numbers: a register from a copy may have used them already."""
    marks.count(connection, NUMBER, STEP)


def count(connection: Connection) -> tuple[int, int]:
    """Return how many letters wait and how many lie aside."""
    waiting, aside = connection.execute(
        select(
            func.count().filter(letter.c.aside.is_(None)),
            func.count().filter(letter.c.aside.is_not(None)),
        ).select_from(letter)
    ).one()
    return waiting, aside


def forget(connection: Connection) -> None:
    """Delete every letter and what was still to be told: there is no centre any more."""
    for table in (letter, register_change):
        connection.execute(delete(table))


def _resident(connection: Connection, resident_id: str) -> Said:
    person = people.one(connection, resident_id)
    if person is None:
        return ResidentGone(resident_id)
    return ResidentNow(
        resident_id,
        person.name,
        person.home,
        person.kind,
        person.until,
        _chosen(connection, person),
        Credential.FACE in person.allowed,
        people.guardian_of(connection, resident_id),
    )


def _chosen(connection: Connection, person: Resident) -> frozenset[Credential]:
    """Return the ways of entry that somebody has chosen, whether or not there is a card or a car.

    A car that is the resident's own speaks for itself until the resident says no.
    """
    who = person.resident_id
    agreed = {
        way
        for way, purpose in ((Credential.CARD, Purpose.CARD), (Credential.PLATE, Purpose.PLATE))
        if consents.stands(connection, who, purpose)
    }
    if cars.of_resident(connection, who):
        agreed.add(Credential.PLATE)
    return person.allowed | (agreed - people.refused(connection, who))


def _car(connection: Connection, vehicle_id: str) -> Said:
    car = cars.one(connection, vehicle_id)
    if car is None or car.resident is None:
        return VehicleGone(vehicle_id)
    return VehicleNow(vehicle_id, car.resident, car.plate, car.until)
