"""Mistakes: a face that was taken for a resident, kept so that it is not taken again.

It lies sealed under that resident's own key, among the resident's templates: it ends when they do,
and no other resident is ever compared with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from edge.store import marks, people
from edge.store.body import Body
from edge.store.journal import Entry, append
from edge.store.opening import Parts
from edge.store.tables import event, personal
from models.errors import InputError
from models.event import EventKind
from models.lane import Credential
from models.moment import Moment
from models.template import Template

MOST = 20
"""Faces that may be kept against one resident."""


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a row of the journal named by face."""

    resident_id: str
    face: str
    """The random id under which the resident's templates lie."""


def named_by(connection: Connection, seq: int) -> Named:
    """Return whom row `seq` named by face.

    Raises InputError for a row that named nobody by face, or somebody whose face is gone.
    """
    query = (
        select(personal.c.person)
        .join(event, event.c.seq == personal.c.seq)
        .where(event.c.seq == seq, event.c.credential == Credential.FACE.value)
    )
    resident_id = connection.execute(query).scalar_one_or_none()
    face = people.face_of(connection, resident_id) if resident_id is not None else None
    if resident_id is None or face is None:
        message = f"row {seq} names nobody by face, or somebody who gave the face back since"
        raise InputError(message)
    return Named(resident_id, face)


def keep(parts: Parts, named: Named, templates: Sequence[Template], by: str, now: Moment) -> None:
    """Keep the faces of somebody else against the one whom they were taken for.

    It is an ADMIN event in the name of `by`, and makes a new gallery. Raises InputError once there
    are twenty: such a resident should be enrolled anew, with a better photo.
    """
    kept = parts.faces.opened().get(named.face, ())
    if sum(one.is_anothers for one in kept) + len(templates) > MOST:
        message = (
            f"{MOST} faces are kept against this resident already; "
            "enrol the resident again, with a sharper photo"
        )
        raise InputError(message)
    # What was learnt of passages may have been that somebody's: the photo alone is sure.
    parts.faces.forget_learnt(named.face)
    parts.faces.add(named.face, [Template.of_another(one.engine, one.vector) for one in templates])

    def work(connection: Connection) -> None:
        person = people.must_have(connection, named.resident_id)
        marks.new_gallery(connection)
        body = Body(who=person.name, home=str(person.home), note=by, person=named.resident_id)
        entry = Entry(EventKind.ADMIN, now.utc, now.trust, reason="not_that_person", body=body)
        append(connection, parts.journal, entry)

    parts.writer.submit(work)
