"""The gallery: whose templates may open a lane today, under a version that only rises."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection

from edge.store import consents, marks, people
from models.template import Template

Rows = tuple[tuple[str, str, Template], ...]


def rows_of(
    connection: Connection, templates: Mapping[str, tuple[Template, ...]], today: date
) -> Rows:
    """Return (resident id, home, template) of everyone who may still enter on `today`.

    What was learnt of passages is left out of whoever does not agree to that (any more).
    """
    faces = {resident: face for face, resident in people.faces(connection).items()}
    learners = consents.learners(connection)
    return tuple(
        (person.resident_id, str(person.home), template)
        for person in people.enterable(people.all_of(connection), today)
        for template in templates.get(faces.get(person.resident_id, ""), ())
        if not template.is_learnt or person.resident_id in learners
    )


def marked_of(connection: Connection, rows: Rows) -> frozenset[str]:
    """Return those of `rows` who are never asked for a movement."""
    within = {resident for resident, _, _ in rows}
    every = people.all_of(connection)
    return frozenset(
        one.resident_id for one in every if one.second_factor and one.resident_id in within
    )


def members_of(rows: Rows, marked: frozenset[str] = frozenset()) -> str:
    """Return a digest that changes whenever a gallery does."""
    content = sha256()
    for resident in sorted(marked):
        content.update(f"{resident} second_factor ".encode())
    for resident, home, template in rows:
        content.update(f"{resident} {home} {template.engine} ".encode())
        content.update(sha256(template.vector).digest())
    return content.hexdigest()


def known(connection: Connection, members: str) -> int | None:
    """Return the version that these members have, or None while they have none."""
    if marks.read(connection, marks.MEMBERS) != members:
        return None
    return marks.read_number(connection, marks.GALLERY)


def name(connection: Connection, members: str) -> int:
    """Return the version of these members, a new one where others had the last."""
    before = marks.read(connection, marks.MEMBERS)
    version = marks.read_number(connection, marks.GALLERY)
    if before != members:
        if before:
            version = marks.count(connection, marks.GALLERY)
        marks.write(connection, marks.MEMBERS, members)
    return version
