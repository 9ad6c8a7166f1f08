"""The register's side of the store: people and their faces, passes, users."""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import partial

from sqlalchemy import Connection

from edge.store import (
    accounts,
    cars,
    copies,
    erasing,
    feed,
    gallery,
    keyring,
    letters,
    marks,
    passes,
    people,
)
from edge.store.body import Body
from edge.store.journal import Entry, append
from edge.store.lessons import Lessons
from edge.store.opening import Parts
from edge.store.words import ErasureReceipt, IssuedPass, PassState
from models.errors import InputError, KuahuError, StoreFault
from models.event import EventKind
from models.home import Home
from models.letter import Erased
from models.moment import Moment
from models.registry import Consent, Resident, ResidentKind
from models.template import Gallery, Template
from models.user import User
from models.visit import Claims

Also = Callable[[Connection], None]
"""What a caller adds to a COMMIT."""


def _nothing_else(_connection: Connection) -> None:
    """Add nothing."""


class Registry:
    """Reads and changes the register.

    Giving and withdrawing a face are ADMIN events in the same COMMIT, for they are what the law
    asks about; who changed what else is for the caller to `note`.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._turn = threading.RLock()
        self.lessons = Lessons(parts, self._turn, self._face)

    def add_resident(
        self, name: str, home: Home, kind: ResidentKind, until: date | None, now: Moment
    ) -> Resident:
        """Return the new resident; raises InputError for a name that is empty or not Unicode."""
        person = people.new_resident(name, home, kind, until)
        self._parts.writer.submit(lambda connection: people.add(connection, person, now.utc))
        return person

    def residents(self) -> tuple[Resident, ...]:
        """Return everyone on the register, by home and name."""
        return self._parts.reads(people.all_of)

    def resident(self, resident_id: str) -> Resident | None:
        """Return one resident as the register has them now, or None."""
        return self._parts.reads.quick(lambda connection: people.one(connection, resident_id))

    def enrol(
        self,
        resident_id: str,
        consent: Consent,
        templates: Sequence[Template],
        now: Moment,
        also: Also = _nothing_else,
    ) -> None:
        """Give a resident's consent and templates, in place of any from before.

        `also` runs in the same COMMIT; what it raises undoes all. Raises InputError for an unknown
        resident or no templates, StoreFault when nothing is kept.
        """
        if not templates:
            message = "an enrolment needs at least one template"
            raise InputError(message)
        with self._turn:
            before = self._face(resident_id)
            face = self._parts.faces.make(templates)

            def work(connection: Connection) -> None:
                person = people.must_have(connection, resident_id)
                people.drop_face(connection, resident_id, now.utc)
                people.choose_face(connection, resident_id, face, consent)
                if before is not None:
                    erasing.bury(connection, keyring.FACE, before, now.utc)
                marks.new_gallery(connection)
                body = Body(who=person.name, home=str(person.home), person=resident_id)
                entry = Entry(
                    EventKind.ADMIN, now.utc, now.trust, reason="face_enrolled", body=body
                )
                append(connection, self._parts.journal, entry)
                also(connection)

            try:
                self._parts.writer.submit(work)
            except KuahuError:
                self._parts.faces.sweep((face,))
                raise
            if before is not None:
                self._parts.faces.unmake(before, now.utc)
                self._forget_damaged_keys()

    def withdraw_face(
        self, resident_id: str, now: Moment, told_by: tuple[str, int] = ("", 0)
    ) -> None:
        """Destroy a resident's templates at once; no older gallery may name anybody again.

        `told_by` is the feed's epoch and the number of the item that asks for it; without it the
        desk does. Raises InputError for an unknown resident.
        """
        with self._turn:
            face = self._face(resident_id)
            if face is not None:
                self._parts.faces.unmake(face, now.utc)

            def work(connection: Connection) -> None:
                erasing.withdraw(connection, self._parts.journal, resident_id, face, now)
                feed.note_withdrawal(connection, resident_id, now.utc, told_by)

            self._parts.writer.submit(work)
            self._forget_damaged_keys()

    def mark_second_factor(self, resident_id: str, on: bool, by: str, now: Moment) -> None:  # noqa: FBT001 - the mark itself
        """Write that a resident is never asked for a movement, or is from now on.

        Raises InputError for an unknown resident.
        """

        def work(connection: Connection) -> None:
            person = people.must_have(connection, resident_id)
            people.mark_second_factor(connection, resident_id, on=on)
            marks.new_gallery(connection)
            body = Body(who=person.name, home=str(person.home), note=by, person=resident_id)
            word = "second_factor_on" if on else "second_factor_off"
            entry = Entry(EventKind.ADMIN, now.utc, now.trust, reason=word, body=body)
            append(connection, self._parts.journal, entry)

        with self._turn:
            self._parts.writer.submit(work)

    def end_faces(self, today: date, now: Moment) -> None:
        """Destroy the templates of everyone whose last day was before `today`, the site's own day.

        `now` must be trusted.
        """
        with self._turn:
            ended = self._parts.reads(lambda c: people.ended_faces(c, today))
            for resident_id, face in ended:
                self._parts.faces.unmake(face, now.utc)
                self._parts.writer.submit(
                    partial(
                        erasing.end,
                        journal=self._parts.journal,
                        resident_id=resident_id,
                        face=face,
                        now=now,
                    )
                )
            if ended:
                self._forget_damaged_keys()

    def remove_resident(
        self,
        resident_id: str,
        now: Moment,
        request_id: str | None = None,
    ) -> ErasureReceipt:
        """Erase a resident: face, register and every personal part of the journal about them.

        Passes that they gave are revoked. With `request_id` the receipt is a letter to the centre,
        in the same COMMIT. Raises InputError for an unknown resident.
        """
        parts = self._parts
        with self._turn:
            face = self._face(resident_id)
            parts.faces.bury_resident(resident_id, now.utc)
            if face is not None:
                parts.faces.unmake(face, now.utc)
            expire = copies.last_day(parts.folder, now.utc)

            def work(connection: Connection) -> list[tuple[str, int]]:
                gone = erasing.erase(connection, resident_id, now)
                if request_id is not None:
                    receipt = Erased(resident_id, request_id, now.utc, expire, len(gone))
                    letters.say(connection, receipt)
                return gone

            erased = parts.writer.submit(work)
            parts.evidence.forget(erased)
            parts.writer.empty_log()
            self._forget_damaged_keys()
            # What could not be forgotten counts from now on.
            expire = copies.last_day(parts.folder, now.utc)
            return ErasureReceipt(resident_id, now.utc, expire, len(erased))

    def gallery(self, today: date) -> Gallery:
        """Return every template that may open a lane on `today`, the site's own day."""
        parts = self._parts
        with self._turn:
            templates = parts.faces.opened()
            rows = parts.reads(lambda c: gallery.rows_of(c, templates, today))
            marked = parts.reads(lambda c: gallery.marked_of(c, rows))
            members = gallery.members_of(rows, marked)
            version = parts.reads(lambda c: gallery.known(c, members))
            if version is None:
                version = self._name_gallery(members)
            return Gallery(version, rows, marked)

    @property
    def gallery_floor(self) -> int:
        """The first gallery version that honours the last withdrawal."""
        return self._parts.reads.quick(lambda c: marks.read_number(c, marks.FLOOR))

    @property
    def gallery_version(self) -> int:
        """The version of the newest gallery; it rises when a new one should be fetched."""
        return self._parts.reads.quick(lambda c: marks.read_number(c, marks.GALLERY))

    def note_pass(
        self, claims: Claims, label: str, by: str, now: Moment, plate: str | None = None
    ) -> None:
        """Write down a pass that was issued, and the plate of the car that it is for, if any.

        Raises InputError for an id that was issued before, and for what is no plate.
        """
        one = IssuedPass(claims, label, by, now.utc, revoked=False)
        car = None if plate is None else cars.checked(plate)

        def work(connection: Connection) -> None:
            passes.note(connection, one)
            if car is not None:
                cars.bind(connection, claims.pass_id, car)

        self._parts.writer.submit(work)

    def passes(self) -> tuple[IssuedPass, ...]:
        """Return every pass that was issued here, newest first."""
        return self._parts.reads(passes.all_of)

    def revoke_pass(self, pass_id: str, now: Moment) -> None:
        """Revoke a pass, issued here or not; it opens nothing from now on."""
        self._parts.writer.submit(lambda connection: passes.revoke(connection, pass_id, now.utc))

    def pass_state(self, pass_id: str) -> PassState:
        """Return whether a pass is revoked, and its uses at this compound's gates."""
        boot = self._parts.boot
        return self._parts.reads.quick(lambda c: passes.state_of(c, pass_id, boot))

    def add_user(self, user: User, now: Moment) -> None:
        """Write a new user; raises InputError for an empty or a taken name."""
        self._parts.writer.submit(lambda connection: accounts.add(connection, user, now.utc))

    def set_password(self, name: str, password_hash: str) -> None:
        """Change a user's password; raises InputError for nobody's name."""
        self._parts.writer.submit(
            lambda connection: accounts.set_password(connection, name, password_hash)
        )

    def remove_user(self, name: str) -> None:
        """Delete a user; raises InputError for nobody's name, and for the last manager's."""
        self._parts.writer.submit(lambda connection: accounts.remove(connection, name))

    def users(self) -> tuple[User, ...]:
        """Return everyone of the staff, by name."""
        return self._parts.reads(accounts.all_of)

    def user(self, name: str) -> User | None:
        """Return one of the staff, or None."""
        return self._parts.reads(lambda connection: accounts.one(connection, name))

    def _face(self, resident_id: str) -> str | None:
        def look(connection: Connection) -> str | None:
            people.must_have(connection, resident_id)
            return people.face_of(connection, resident_id)

        return self._parts.reads(look)

    def _forget_damaged_keys(self) -> None:
        # A keyring that was set aside may still hold a key that has just been destroyed. What
        # stays is counted by the receipt and told by `keep_house`, which tries again.
        with suppress(StoreFault):
            copies.forget_damaged(self._parts.folder, self._parts.folder.keyring)

    def _name_gallery(self, members: str) -> int:
        try:
            return self._parts.writer.submit(lambda c: gallery.name(c, members))
        except StoreFault:
            # A full disk must not take the faces away: access.py asks each resident's last day
            # again, so that an unnamed gallery opens nothing that it should not.
            return self.gallery_version
