"""The register of a store that forgets: people, faces, passes and users in memory."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from edge.store.words import ErasureReceipt, IssuedPass, PassState
from models.errors import InputError
from models.event import EventKind
from models.home import Home
from models.lane import Credential
from models.moment import Moment
from models.registry import Consent, Resident, ResidentKind
from models.template import Gallery, Template
from models.user import Role, User
from models.visit import Claims
from tests.fakes.memory_shelf import Book, Line


class MemoryRegistry:
    """Behaves as edge.store.registry.Registry does."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._shelf = book.shelf

    def add_resident(
        self,
        name: str,
        home: Home,
        kind: ResidentKind,
        until: date | None,
        now: Moment,  # noqa: ARG002 - the store's own signature
    ) -> Resident:
        self._book.must_write()
        if not name.strip():
            message = "a resident needs a name"
            raise InputError(message)
        person = Resident(secrets.token_hex(8), name.strip(), home, kind, until, frozenset())
        self._shelf.people[person.resident_id] = person
        return person

    def residents(self) -> tuple[Resident, ...]:
        return tuple(sorted(self._shelf.people.values(), key=lambda one: (one.home, one.name)))

    def resident(self, resident_id: str) -> Resident | None:
        return self._shelf.people.get(resident_id)

    def enrol(
        self, resident_id: str, consent: Consent, templates: Sequence[Template], now: Moment
    ) -> None:
        self._book.must_write()
        if not templates or not consent.version:
            message = "an enrolment needs at least one template"
            raise InputError(message)
        person = self._person(resident_id)
        self._shelf.people[resident_id] = replace(person, allowed=frozenset({Credential.FACE}))
        self._shelf.templates[resident_id] = tuple(templates)
        self._shelf.new_gallery()
        self._book.append(
            Line(
                EventKind.ADMIN,
                now.utc,
                "face_enrolled",
                who=person.name,
                home=str(person.home),
                about=resident_id,
            )
        )

    def withdraw_face(self, resident_id: str, now: Moment) -> None:
        self._book.must_write()
        person = self._person(resident_id)
        self._shelf.people[resident_id] = replace(person, allowed=frozenset())
        self._shelf.templates.pop(resident_id, None)
        self._shelf.floor = self._shelf.new_gallery()
        note, about = resident_id, resident_id
        self._book.append(Line(EventKind.ADMIN, now.utc, "face_withdrawn", note=note, about=about))

    def mark_second_factor(self, resident_id: str, on: bool, by: str, now: Moment) -> None:
        self._book.must_write()
        person = self._person(resident_id)
        self._shelf.people[resident_id] = replace(person, second_factor=on)
        self._shelf.new_gallery()
        self._book.append(
            Line(
                EventKind.ADMIN,
                now.utc,
                "second_factor_on" if on else "second_factor_off",
                who=person.name,
                home=str(person.home),
                note=by,
                about=resident_id,
            )
        )

    def remove_resident(self, resident_id: str, now: Moment) -> ErasureReceipt:
        self._book.must_write()
        self._person(resident_id)
        shelf = self._shelf
        gone = [seq for seq, who in shelf.about.items() if who == resident_id]
        for seq in gone:
            shelf.crops.pop(seq, None)
            del shelf.about[seq]
            bare = replace(shelf.rows[seq - 1], who=None, home=None, note=None, evidence=False)
            shelf.rows[seq - 1] = bare
        for pass_id in [one for one, it in shelf.issued.items() if it.claims.host == resident_id]:
            shelf.revoked.add(pass_id)
            del shelf.issued[pass_id]
        shelf.templates.pop(resident_id, None)
        del shelf.people[resident_id]
        shelf.floor = self._shelf.new_gallery()
        return ErasureReceipt(resident_id, now.utc, now.utc.date(), len(gone))

    def gallery(self, today: date) -> Gallery:
        shelf = self._shelf
        rows = tuple(
            (one.resident_id, str(one.home), template)
            for one in self.residents()
            if one.until is None or today <= one.until
            for template in shelf.templates.get(one.resident_id, ())
        )
        if shelf.served not in (None, rows):
            shelf.version += 1
        shelf.served = rows
        within = {resident for resident, _, _ in rows}
        marked = (one for one in self.residents() if one.second_factor)
        names = frozenset(one.resident_id for one in marked if one.resident_id in within)
        return Gallery(shelf.version, rows, names)

    def note_pass(self, claims: Claims, label: str, by: str, now: Moment) -> None:
        self._book.must_write()
        if claims.pass_id in self._shelf.issued:
            message = f"the pass {claims.pass_id!r} was issued before"
            raise InputError(message)
        self._shelf.issued[claims.pass_id] = IssuedPass(claims, label, by, now.utc, revoked=False)

    def passes(self) -> tuple[IssuedPass, ...]:
        shelf = self._shelf
        newest = sorted(shelf.issued.values(), key=lambda one: one.claims.pass_id)
        newest.sort(key=lambda one: one.at, reverse=True)
        return tuple(replace(one, revoked=one.claims.pass_id in shelf.revoked) for one in newest)

    def revoke_pass(self, pass_id: str, now: Moment) -> None:  # noqa: ARG002 - the store's own signature
        self._book.must_write()
        self._shelf.revoked.add(pass_id)

    def pass_state(self, pass_id: str) -> PassState:
        shelf = self._shelf
        uses = sorted(
            (one for (whose, _), one in shelf.uses.items() if whose == pass_id),
            key=lambda one: one.use.number,
        )
        issued = shelf.issued.get(pass_id)
        return PassState(
            pass_id in shelf.revoked,
            tuple(
                one.use if one.boot == self._book.boot else replace(one.use, at_mono=None)
                for one in uses
            ),
            "" if issued is None else issued.label,
        )

    def add_user(self, user: User, now: Moment) -> None:  # noqa: ARG002 - the store's own signature
        self._book.must_write()
        if not user.name.strip() or user.name in self._shelf.users:
            message = f"the name {user.name!r} is empty or taken"
            raise InputError(message)
        self._shelf.users[user.name] = user

    def set_password(self, name: str, password_hash: str) -> None:
        self._book.must_write()
        if name not in self._shelf.users:
            message = f"no user {name!r}"
            raise InputError(message)
        self._shelf.users[name] = replace(self._shelf.users[name], password_hash=password_hash)

    def remove_user(self, name: str) -> None:
        self._book.must_write()
        user = self._shelf.users.get(name)
        managers = [one for one in self._shelf.users.values() if one.role is Role.MANAGER]
        if user is None or managers == [user]:
            message = f"no user {name!r}, or the last manager"
            raise InputError(message)
        del self._shelf.users[name]

    def users(self) -> tuple[User, ...]:
        return tuple(self._shelf.users[name] for name in sorted(self._shelf.users))

    def user(self, name: str) -> User | None:
        return self._shelf.users.get(name)

    def _person(self, resident_id: str) -> Resident:
        person = self._shelf.people.get(resident_id)
        if person is None:
            message = f"no resident {resident_id!r}"
            raise InputError(message)
        return person
