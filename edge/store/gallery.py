"""The gallery: whose templates may open a lane today, under a version that only rises."""

from collections.abc import Mapping
from datetime import date
from hashlib import sha256

from sqlalchemy import Connection

from edge.store import marks, people
from models.template import Template

Rows = tuple[tuple[str, str, Template], ...]


def rows_of(
    connection: Connection, templates: Mapping[str, tuple[Template, ...]], today: date
) -> Rows:
    """Return (resident id, home, template) of everyone who may still enter on `today`."""
    faces = {resident: face for face, resident in people.faces(connection).items()}
    return tuple(
        (person.resident_id, str(person.home), template)
        for person in people.enterable(people.all_of(connection), today)
        for template in templates.get(faces.get(person.resident_id, ""), ())
    )


def members_of(rows: Rows) -> str:
    """Return a digest that changes whenever a gallery does."""
    content = sha256()
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
