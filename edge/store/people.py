"""The register's people: residents, their homes, and their consent to the use of a face."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, func, insert, select, update

from edge.store import consents
from edge.store.body import clock_text
from edge.store.centre_tables import guardian, refusal
from edge.store.prepared import Prepared
from edge.store.tables import card, resident
from models.errors import InputError
from models.home import Home
from models.lane import Credential
from models.registry import Consent, Resident, ResidentKind

_CHOSEN: Mapping[tuple[bool, bool], frozenset[Credential]] = MappingProxyType(
    {
        (face, card): frozenset({Credential.FACE} if face else ())
        | frozenset({Credential.CARD} if card else ())
        for face in (False, True)
        for card in (False, True)
    }
)
"""What somebody has chosen who has given a face, and who has been given a card."""

_COLUMNS = (
    *(
        resident.c[name]
        for name in (
            "id",
            "name",
            "building",
            "unit",
            "room",
            "kind",
            "until",
            "face",
            "second_factor",
        )
    ),
    exists().where(card.c.resident == resident.c.id).label("carded"),
    # Almost nobody has any: one text for all, None where there is none.
    select(func.group_concat(refusal.c.credential))
    .where(refusal.c.resident == resident.c.id)
    .scalar_subquery()
    .label("refused"),
)
_REFUSED = Prepared(select(refusal.c.credential).where(refusal.c.resident == bindparam("wanted")))
_ONE = Prepared(select(*_COLUMNS).where(resident.c.id == bindparam("wanted")))


def add(connection: Connection, person: Resident, at: datetime) -> None:
    """Write a new resident."""
    add_all(connection, (person,), at)


def add_all(connection: Connection, new: Sequence[Resident], at: datetime) -> None:
    """Write new residents, at once."""
    if not new:
        return
    connection.execute(
        insert(resident),
        [
            {
                "id": person.resident_id,
                "name": person.name,
                "building": person.home.building,
                "unit": person.home.unit,
                "room": person.home.room,
                "kind": person.kind.value,
                "until": None if person.until is None else person.until.isoformat(),
                "added": clock_text(at),
            }
            for person in new
        ],
    )


def new_resident(name: str, home: Home, kind: ResidentKind, until: date | None) -> Resident:
    """Return a resident with a new random id, who has not chosen any way of entry yet.

    Raises InputError for a name that is empty or not Unicode.
    """
    return Resident(
        secrets.token_hex(8), clean_name(name), home, kind, until, _CHOSEN[False, False]
    )


def clean_name(name: str) -> str:
    """Return a name without blanks around it; raises InputError where nothing usable is left."""
    clean = name.strip()
    try:
        clean.encode()
    except UnicodeEncodeError as error:
        message = f"the name {name!r} is not Unicode text"
        raise InputError(message) from error
    if not clean:
        message = "a resident needs a name"
        raise InputError(message, "no_name")
    return clean


def all_of(connection: Connection) -> tuple[Resident, ...]:
    """Return every resident, by home and name."""
    order = (resident.c.building, resident.c.unit, resident.c.room, resident.c.name)
    return tuple(_resident(row) for row in connection.execute(select(*_COLUMNS).order_by(*order)))


def of_home(connection: Connection, home: Home) -> tuple[Resident, ...]:
    """Return the residents of one home, by name."""
    here = (
        resident.c.building == home.building,
        resident.c.unit == home.unit,
        resident.c.room == home.room,
    )
    rows = connection.execute(select(*_COLUMNS).where(*here).order_by(resident.c.name))
    return tuple(_resident(row) for row in rows)


def change(connection: Connection, person: Resident) -> None:
    """Write a resident's name, kind and last day as they are in `person`."""
    changed = update(resident).where(resident.c.id == person.resident_id)
    until = None if person.until is None else person.until.isoformat()
    connection.execute(changed.values(name=person.name, kind=person.kind.value, until=until))


def ids(connection: Connection) -> list[str]:
    """Return the id of every resident."""
    return list(connection.execute(select(resident.c.id)).scalars())


def one(connection: Connection, resident_id: str) -> Resident | None:
    """Return one resident, or None where the register has none."""
    row = _ONE.row(connection, (resident_id,))
    return None if row is None else _resident(row)


def must_have(connection: Connection, resident_id: str) -> Resident:
    """Return one resident; raises InputError where the register has none."""
    found = one(connection, resident_id)
    if found is None:
        message = f"no resident {resident_id!r}; `kuahu resident list` shows their ids"
        raise InputError(message, "no_resident")
    return found


def face_of(connection: Connection, resident_id: str) -> str | None:
    """Return the random id under which a resident's templates lie, or None."""
    return connection.execute(
        select(resident.c.face).where(resident.c.id == resident_id)
    ).scalar_one_or_none()


def faces(connection: Connection) -> dict[str, str]:
    """Return every link from a face's random id to its resident."""
    rows = connection.execute(
        select(resident.c.face, resident.c.id).where(resident.c.face.is_not(None))
    )
    return {row.face: row.id for row in rows}


def choose_face(connection: Connection, resident_id: str, face: str, given: Consent) -> None:
    """Link a resident to a face, with the consent that allows it."""
    consents.give(connection, resident_id, given, consents.Purpose.FACE)
    move_face(connection, resident_id, face)


def move_face(connection: Connection, resident_id: str, face: str) -> None:
    """Link a resident to a face, under the consent that stands."""
    connection.execute(update(resident).where(resident.c.id == resident_id).values(face=face))


def drop_face(connection: Connection, resident_id: str, at: datetime) -> None:
    """Unlink a resident from their face and mark every consent as withdrawn."""
    connection.execute(update(resident).where(resident.c.id == resident_id).values(face=None))
    consents.withdraw(connection, resident_id, at)


def choose(connection: Connection, resident_id: str, way: Credential, *, on: bool) -> None:
    """Write whether a resident wants to come in one way; a second time changes nothing."""
    this = (refusal.c.resident == resident_id, refusal.c.credential == way.value)
    connection.execute(delete(refusal).where(*this))
    if not on:
        connection.execute(insert(refusal), {"resident": resident_id, "credential": way.value})


def refused(connection: Connection, resident_id: str) -> frozenset[Credential]:
    """Return the ways of entry that a resident has turned off."""
    return frozenset(Credential(word) for (word,) in _REFUSED.rows(connection, (resident_id,)))


def put_guardian(connection: Connection, resident_id: str, answers: str) -> None:
    """Write which resident answers for another one."""
    connection.execute(insert(guardian), {"resident": resident_id, "guardian": answers})


def guardian_of(connection: Connection, resident_id: str) -> str | None:
    """Return the resident who answers for another one, or None."""
    query = select(guardian.c.guardian).where(guardian.c.resident == resident_id)
    return connection.execute(query).scalar_one_or_none()


def mark_second_factor(connection: Connection, resident_id: str, *, on: bool) -> None:
    """Write whether a resident is never asked for a movement."""
    marked = update(resident).where(resident.c.id == resident_id)
    connection.execute(marked.values(second_factor=int(on)))


def remove(connection: Connection, resident_id: str) -> None:
    """Delete a resident and their consents."""
    connection.execute(delete(resident).where(resident.c.id == resident_id))


def enterable(people: Sequence[Resident], today: date) -> tuple[Resident, ...]:
    """Return those whose right of entry has not ended."""
    return tuple(one for one in people if one.until is None or today <= one.until)


def ended_faces(connection: Connection, today: date) -> list[tuple[str, str]]:
    """Return (resident id, face) of those whose right of entry ended before `today`."""
    rows = connection.execute(
        select(resident.c.id, resident.c.face)
        .where(resident.c.face.is_not(None), resident.c.until < today.isoformat())
        .order_by(resident.c.id)
    )
    return [(row.id, row.face) for row in rows]


def _resident(row: Sequence[Any]) -> Resident:
    resident_id, name, building, unit, room, kind, until, face, second, carded, refused = row
    chosen = _CHOSEN[face is not None, bool(carded)]
    return Resident(
        resident_id,
        name,
        Home(building, unit, room),
        ResidentKind(kind),
        None if until is None else date.fromisoformat(until),
        chosen if refused is None else chosen - set(map(Credential, refused.split(","))),
        bool(second),
    )
