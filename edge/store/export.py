"""All that is kept of one resident, as one document for that resident."""

import msgspec
from sqlalchemy import Connection, select

from edge.store import cards, cars, people
from edge.store.tables import consent, event, issued, pass_use, personal, resident, revoked

EVENTS = 5000
"""The newest rows of the journal that go into one document; all of 90 days for most people."""


def document(connection: Connection, resident_id: str) -> str:
    """Return the document as JSON: register, consents, cars, cards, passes and own journal rows.

    A card's number is kept nowhere, and a template means nothing outside this gate: of both only
    that they are there. Raises InputError for an unknown resident.
    """
    person = people.must_have(connection, resident_id)
    plain = {
        "resident": {
            "id": person.resident_id,
            "name": person.name,
            "home": str(person.home),
            "kind": person.kind,
            "until": person.until,
            "ways_of_entry": sorted(person.allowed),
            "second_factor": person.second_factor,
            "guardian": people.guardian_of(connection, resident_id),
            "added": connection.execute(
                select(resident.c.added).where(resident.c.id == resident_id)
            ).scalar_one(),
            "face_kept": people.face_of(connection, resident_id) is not None,
        },
        "consents": _consents(connection, resident_id),
        "vehicles": [
            {"plate": one.plate, "until": one.until, "label": one.label}
            for one in cars.of_resident(connection, resident_id)
        ],
        "cards": [
            {"label": row.card.label, "until": row.card.until}
            for row in cards.all_of(connection)
            if row.card.resident == resident_id
        ],
        "passes": _passes(connection, resident_id),
        "journal": _journal(connection, resident_id),
    }
    return msgspec.json.encode(plain).decode()


def _consents(connection: Connection, resident_id: str) -> list[dict[str, object]]:
    names = ("purpose", "version", "at", "channel", "by", "guardian", "withdrawn")
    rows = connection.execute(
        select(*(consent.c[name] for name in names))
        .where(consent.c.resident == resident_id)
        .order_by(consent.c.at)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001 - SQLAlchemy's name for a public view


def _passes(connection: Connection, resident_id: str) -> list[dict[str, object]]:
    rows = connection.execute(
        select(issued, revoked.c.at.label("ended"))
        .join(revoked, revoked.c.pass_id == issued.c.pass_id, isouter=True)
        .where(issued.c.host == resident_id)
        .order_by(issued.c.at)
    ).all()
    return [
        {
            "id": row.pass_id,
            "label": row.label,
            "made": row.at,
            "expires": row.expires,
            "revoked": row.ended,
            "uses": [
                {"direction": use.direction, "lane": use.lane, "state": use.state}
                for use in connection.execute(
                    select(pass_use).where(pass_use.c.pass_id == row.pass_id)
                )
            ],
        }
        for row in rows
    ]


def _journal(connection: Connection, resident_id: str) -> list[dict[str, object]]:
    """Return the rows about a resident and their cars."""
    about = {resident_id, *(one.vehicle_id for one in cars.of_resident(connection, resident_id))}
    names = ("seq", "kind", "at", "lane", "direction", "credential", "answer", "reason")
    rows = connection.execute(
        select(*(event.c[name] for name in names), personal.c.evidence)
        .join(personal, personal.c.seq == event.c.seq)
        .where(personal.c.person.in_(about))
        .order_by(event.c.seq.desc())
        .limit(EVENTS)
    )
    return [
        {**{name: getattr(row, name) for name in names}, "picture": row.evidence} for row in rows
    ]
