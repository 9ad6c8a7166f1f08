"""Learning: a template made of a passage that a guard confirmed, while the resident agrees to it.

It lies sealed under the resident's own key, beside the template of the photo, and ends with the
consent to it, with the face, or when anybody else is found to have been taken for the resident.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select

from edge.store import consents, copies, erasing, keyring, marks, people
from edge.store.body import Body
from edge.store.journal import Entry, append
from edge.store.opening import Parts
from edge.store.tables import event, personal
from models.errors import InputError, StoreFault
from models.event import EventKind
from models.lane import Credential
from models.moment import Moment
from models.registry import Consent
from models.template import Template

MOST = 4
"""Templates of passages that are kept of one resident; the oldest makes way."""

OPENED_FOR = ("opened", "resident")
"""The answer and the reason of a row that let a resident in as such, and not in spite of doubt."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A row of the journal as far as learning asks about it.

    `at` and `agreed` are UTC text that sorts; `agreed` is None without a consent that stands.
    """

    kind: str
    credential: str | None
    answer: str
    reason: str
    at: str
    agreed: str | None

    @property
    def why_not(self) -> str:
        """Why nothing may be learnt of it, even if a guard confirms it; empty where it may be."""
        named = (self.kind, self.credential) == (EventKind.DECISION, Credential.FACE)
        if not named or (self.answer, self.reason) != OPENED_FOR:
            return "did not open for a resident who was recognised by face"
        if self.agreed is None:
            return "shows a resident who has not agreed that passages are learnt from"
        if self.at < self.agreed:
            return "is from before the resident agreed that passages are learnt from"
        return ""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Whose passage may be learnt from, and where that resident's templates lie."""

    resident_id: str
    face: str


def lesson(connection: Connection, seq: int) -> Lesson:
    """Return what row `seq` may teach once a guard has confirmed it.

    Raises InputError for a row that let no resident in by face, or one who has not agreed.
    """
    about = (event.c.kind, event.c.credential, event.c.answer, event.c.reason, event.c.at)
    agreed = consents.learning_since(personal.c.person).label("agreed")
    query = (
        select(*about, agreed, personal.c.person)
        .join(personal, personal.c.seq == event.c.seq)
        .where(event.c.seq == seq)
    )
    row = connection.execute(query).first()
    if row is None:
        message = f"row {seq} is not there, or names nobody (any more)"
        raise InputError(message)
    why_not = Passage(row.kind, row.credential, row.answer, row.reason, row.at, row.agreed).why_not
    face = None if why_not else people.face_of(connection, row.person)
    if face is None:
        message = f"row {seq} {why_not or 'names somebody who has given the face back since'}"
        raise InputError(message)
    return Lesson(row.person, face)


def keep(parts: Parts, of: Lesson, templates: Sequence[Template], by: str, now: Moment) -> None:
    """Keep templates of a confirmed passage; it is an ADMIN event and makes a new gallery.

    Raises InputError where somebody else was ever taken for the resident, since what looks like
    the resident may then be that other, for a passage that was learnt already, and for one that
    nobody confirmed.
    """
    if not by.strip():
        message = "nothing is learnt of a passage before a guard has looked and confirmed it"
        raise InputError(message)
    known = parts.faces.opened().get(of.face, ())
    if any(one.is_anothers for one in known):
        message = (
            "somebody else has been taken for this resident, so nothing is learnt of passages; "
            "enrol the resident again, with a sharper photo"
        )
        raise InputError(message)
    learnt = [Template.of_passage(one.engine, one.vector) for one in templates]
    if not learnt or any(one in known for one in learnt):
        message = "this picture has been learnt already"
        raise InputError(message)
    parts.faces.add(of.face, learnt)
    parts.faces.forget_learnt(of.face, spare=MOST)
    _tell(parts, of.resident_id, "face_learnt", by, now)


def allow(parts: Parts, resident_id: str, given: Consent, now: Moment) -> None:
    """Write down that passages may be learnt from, in place of any such consent from before.

    Raises InputError for an unknown resident and for one who is not known by face.
    """

    def work(connection: Connection) -> None:
        person = people.must_have(connection, resident_id)
        if people.face_of(connection, resident_id) is None:
            message = f"{person.name} is not known by face; enrol a photo first"
            raise InputError(message)
        consents.give(connection, resident_id, given, consents.Purpose.LEARNING)
        _append(connection, parts.journal, resident_id, "learning_allowed", given.by, now)

    parts.writer.submit(work)


def end(parts: Parts, link: tuple[str, str | None], by: str, now: Moment) -> None:
    """End the consent to learning and destroy at once what was learnt.

    The templates that stay get another key, so that no copy of a file tells what was learnt once
    the old key's copies have ended. `link` is the resident's id and face.
    """
    resident_id, face = link
    fresh = None if face is None else _without_learnt(parts, face)

    def work(connection: Connection) -> None:
        people.must_have(connection, resident_id)
        consents.withdraw(connection, resident_id, now.utc, consents.Purpose.LEARNING)
        if face is not None and fresh is not None:
            people.move_face(connection, resident_id, fresh)
            erasing.bury(connection, keyring.FACE, face, now.utc)
            marks.raise_floor(connection)
        _append(connection, parts.journal, resident_id, "learning_withdrawn", by, now)

    try:
        parts.writer.submit(work)
    except StoreFault:
        if fresh is not None:
            parts.faces.sweep((fresh,))
        raise
    if face is not None and fresh is not None:
        parts.faces.unmake(face, now.utc)
        # As when a face is withdrawn: what stays is tried again by `keep_house`.
        with suppress(StoreFault):
            copies.forget_damaged(parts.folder, parts.folder.keyring)


def _without_learnt(parts: Parts, face: str) -> str | None:
    """Return a new face that holds the rest, None where nothing was learnt."""
    known = parts.faces.opened().get(face, ())
    stays = [one for one in known if not one.is_learnt]
    if len(stays) == len(known):
        return None
    # First: should the register not take the change, they are gone all the same.
    parts.faces.forget_learnt(face)
    return parts.faces.make(stays)


def _tell(parts: Parts, resident_id: str, reason: str, by: str, now: Moment) -> None:
    def work(connection: Connection) -> None:
        marks.new_gallery(connection)
        _append(connection, parts.journal, resident_id, reason, by, now)

    parts.writer.submit(work)


def _append(
    connection: Connection, journal: str, resident_id: str, reason: str, by: str, now: Moment
) -> None:
    person = people.must_have(connection, resident_id)
    body = Body(who=person.name, home=str(person.home), note=by, person=resident_id)
    entry = Entry(EventKind.ADMIN, now.utc, now.trust, reason=reason, body=body)
    append(connection, journal, entry)
