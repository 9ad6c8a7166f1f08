"""Erasing people: in an order that survives a power cut, and finished at the next start."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from edge.store import cards, cars, marks, outbox, passes, people, stays
from edge.store.body import Body, clock_text
from edge.store.evidence import Evidence
from edge.store.faces import Faces
from edge.store.journal import Entry, append
from edge.store.keyring import CARD, FACE, RESIDENT, VEHICLE
from edge.store.tables import event, issued, personal, plate_pass, tombstone
from edge.store.writer import Writer
from models.event import EventKind
from models.moment import Moment
from models.vehicle import Vehicle


def withdraw(
    connection: Connection, journal: str, resident_id: str, face: str | None, now: Moment
) -> None:
    """Unlink a resident's face; no gallery from before may name anybody again."""
    _unlink(connection, (resident_id, face), now)
    marks.raise_floor(connection)
    _tell(connection, journal, resident_id, "face_withdrawn", now)


def end(connection: Connection, journal: str, resident_id: str, face: str, now: Moment) -> None:
    """Unlink the face of a resident whose last day is over.

    Older galleries stay good: every decision asks for the last day itself.
    """
    _unlink(connection, (resident_id, face), now)
    _tell(connection, journal, resident_id, "face_ended", now)


def erase(connection: Connection, resident_id: str, now: Moment) -> list[tuple[str, int]]:
    """Delete a resident and every personal part about them; return the (journal, seq) erased.

    Their own vehicles and their cards go with them, and the names of their visitors' stays.
    """
    gone = _forget(connection, resident_id)
    stays.erase(connection, _stays_of(connection, resident_id), now.utc)
    for vehicle in cars.of_resident(connection, resident_id):
        gone += erase_vehicle(connection, vehicle, now)
    cards.drop_of(connection, resident_id)
    passes.revoke_of_host(connection, resident_id, now.utc)
    face = people.face_of(connection, resident_id)
    if face is not None:
        bury(connection, FACE, face, now.utc)
    people.remove(connection, resident_id)
    bury(connection, RESIDENT, resident_id, now.utc)
    marks.raise_floor(connection)
    return gone


def erase_vehicle(connection: Connection, vehicle: Vehicle, now: Moment) -> list[tuple[str, int]]:
    """Delete a vehicle and every personal part about it; return the (journal, seq) erased."""
    gone = _forget(connection, vehicle.vehicle_id)
    stays.erase(connection, (vehicle.plate,), now.utc)
    cars.remove(connection, vehicle)
    bury(connection, VEHICLE, vehicle.vehicle_id, now.utc)
    return gone


def _stays_of(connection: Connection, resident_id: str) -> set[str]:
    """Return the keys under which the stay ledger knows a resident and their visitors."""
    rows = connection.execute(
        select(issued.c.pass_id, plate_pass.c.plate)
        .join(plate_pass, plate_pass.c.pass_id == issued.c.pass_id, isouter=True)
        .where(issued.c.host == resident_id)
    ).all()
    plates = {row.plate for row in rows if row.plate is not None}
    return {f"resident:{resident_id}", *(f"pass:{row.pass_id}" for row in rows), *plates}


def _forget(connection: Connection, person: str) -> list[tuple[str, int]]:
    rows = connection.execute(
        select(event.c.journal, event.c.seq)
        .join(personal, personal.c.seq == event.c.seq)
        .where(personal.c.person == person)
    ).all()
    outbox.forget_person(connection, person)
    connection.execute(delete(personal).where(personal.c.person == person))
    return [(row.journal, row.seq) for row in rows]


def bury(connection: Connection, kind: str, gone: str, at: datetime) -> None:
    """Write a tombstone into the register too, for a keyring that is restored."""
    values = {"id": gone, "kind": kind, "at": clock_text(at)}
    connection.execute(upsert(tombstone).values(values).on_conflict_do_nothing())


def finish(writer: Writer, faces: Faces, evidence: Evidence, journal: str, now: Moment) -> None:
    """Apply every tombstone, then sweep what only half of the three files know.

    What a restored backup brought back is erased again before any gallery is loaded.
    """
    here = writer.submit(_buried)
    there = faces.buried()
    faces.bury_all({gone: kind for gone, kind in here.items() if gone not in there}, now.utc)
    gone = {**here, **there}
    for resident_id in writer.submit(people.ids):
        if gone.get(resident_id) == RESIDENT:
            evidence.forget(writer.submit(partial(erase, resident_id=resident_id, now=now)))
    for face, resident_id in writer.submit(people.faces).items():
        if gone.get(face) == FACE:
            writer.submit(
                partial(withdraw, journal=journal, resident_id=resident_id, face=face, now=now)
            )
    for vehicle in writer.submit(cars.all_of):
        if gone.get(vehicle.vehicle_id) == VEHICLE:
            work = partial(erase_vehicle, vehicle=vehicle, now=now)
            evidence.forget(writer.submit(work))
    for row in writer.submit(cards.all_of):
        if gone.get(row.card_id) == CARD:
            writer.submit(partial(cards.drop, card_id=row.card_id))
    _sweep(writer, faces, journal, now)


def _sweep(writer: Writer, faces: Faces, journal: str, now: Moment) -> None:
    linked = writer.submit(people.faces)
    with_key, with_templates = faces.known()
    faces.sweep(sorted((with_key | with_templates) - set(linked)))
    lost = sorted(set(linked) - (with_key & with_templates))
    if lost:
        residents = [linked[one] for one in lost]
        writer.submit(partial(_lose, journal=journal, residents=residents, now=now))
        faces.sweep(lost)


def _lose(connection: Connection, journal: str, residents: Sequence[str], now: Moment) -> None:
    for resident_id in residents:
        people.drop_face(connection, resident_id, now.utc)
        body = Body(note=resident_id, person=resident_id)
        append(
            connection,
            journal,
            Entry(EventKind.FAULT, now.utc, now.trust, reason="face_lost", body=body),
        )
    marks.raise_floor(connection)


def _unlink(connection: Connection, link: tuple[str, str | None], now: Moment) -> None:
    resident_id, face = link
    people.drop_face(connection, resident_id, now.utc)
    if face is not None:
        bury(connection, FACE, face, now.utc)


def _tell(connection: Connection, journal: str, resident_id: str, reason: str, now: Moment) -> None:
    body = Body(note=resident_id, person=resident_id)
    append(connection, journal, Entry(EventKind.ADMIN, now.utc, now.trust, reason, body=body))


def _buried(connection: Connection) -> dict[str, str]:
    return {row.id: row.kind for row in connection.execute(select(tombstone))}
