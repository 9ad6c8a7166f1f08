"""The centre's side of the store: letters up, the feed down, and the keys that come by it."""

import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from hashlib import sha256

from sqlalchemy import Connection

from edge.store import consents, copies, export, feed, letters, marks, people, retelling
from edge.store.feed import Item, Position, ToldRow
from edge.store.letters import LetterRow
from edge.store.opening import Parts
from edge.store.photo_keys import PhotoKeys, replace_private
from edge.store.words import Backlog
from models.errors import InputError
from models.lane import Credential
from models.letter import HomeClaim, Said
from models.moment import Moment
from models.registry import Consent, Resident

CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No letter and no digit that is taken for another: 32 of them, five bits each."""
CODE_LENGTH = 10
CODE_LIFE = timedelta(days=7)
_ROTATION = "rotation-key"
_ROTATION_BYTES = 32
_PHOTO_KEYS = "photo-keys.json"
_SITE = "told_site"
_RETOLD_AT_ONCE = 500
_OUTBOX_ROOM = 2000


class FaceTakenBack(InputError):  # noqa: N818 - it is what happened
    """A face was taken back while its photo was on the way."""


class Exchange:
    """Reads and writes what goes between this site and its centre."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    # --- letters up --------------------------------------------------------------------------

    def say(self, said: Said) -> None:
        """Write one letter; nothing where there is no centre."""
        self._parts.writer.submit(lambda connection: letters.say(connection, said))

    def say_site(self, said: Said) -> None:
        """Write how the site is, where that is not what was told last."""
        digest = sha256(repr(said).encode()).hexdigest()

        def work(connection: Connection) -> None:
            if letters.wanted(connection) and marks.read(connection, _SITE) != digest:
                letters.say(connection, said)
                marks.write(connection, _SITE, digest)

        self._parts.writer.submit(work)

    def new_home_claim(self, resident_id: str, now: Moment) -> str:
        """Return a new code by which a resident takes their home on the phone, to be shown once.

        Only its digest is told. Raises InputError for an unknown resident, and where there is no
        centre.
        """
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))
        digest = sha256(b"kuahu claim " + code.encode()).hexdigest()

        def work(connection: Connection) -> None:
            people.must_have(connection, resident_id)
            letters.must_have_centre(connection)
            letters.say(connection, HomeClaim(digest, resident_id, now.utc + CODE_LIFE))

        self._parts.writer.submit(work)
        return code

    def letters(self, limit: int) -> tuple[LetterRow, ...]:
        """Return up to `limit` letters that wait, in order of number."""
        while self._parts.reads(letters.unsettled):
            self._parts.writer.submit(letters.settle)
        return self._parts.reads(lambda connection: letters.batch(connection, limit))

    def let_go(self, numbers: Sequence[int]) -> None:
        """Let letters go that the centre has proved to hold."""
        if numbers:
            self._parts.writer.submit(lambda connection: letters.let_go(connection, numbers))

    def put_aside(self, number: int, why: str) -> None:
        """Keep a letter that the centre will not take; it blocks no other."""
        self._parts.writer.submit(partial(letters.put_aside, number=number, why=why))

    def letter_backlog(self) -> Backlog:
        """Return how many letters wait and lie aside."""
        waiting, aside = self._parts.reads(letters.count)
        return Backlog(waiting, aside, None)

    # --- the feed down -----------------------------------------------------------------------

    def position(self) -> Position:
        """Return up to where the feed is saved."""
        return self._parts.reads(feed.position)

    def begin(self, epoch: str, now: Moment) -> None:
        """Follow another feed from its start; it knows nothing yet, so it is told everything."""

        def work(connection: Connection) -> None:
            if feed.position(connection).epoch not in {None, epoch}:
                retelling.begin(connection, now.utc)
            feed.begin(connection, epoch)
            marks.write(connection, _SITE, "")

        self._parts.writer.submit(work)

    def save(self, epoch: str, number: int, items: Sequence[Item]) -> int:
        """Save items up to `number`, durable at the return; return how many were new."""
        return self._parts.writer.submit(lambda c: feed.save(c, epoch, number, items))

    def note_behind(self, now: Moment, *, behind: bool) -> None:
        """Note whether the centre was put back from a copy; what it forgot is told again."""

        def work(connection: Connection) -> None:
            if feed.note_behind(connection, behind=behind):
                retelling.begin(connection, now.utc)
                marks.write(connection, _SITE, "")

        if self.position().behind != behind:
            self._parts.writer.submit(work)

    def retell(self) -> None:
        """Put some more events back into the outbox, where the centre may have forgotten them."""
        reads, writer = self._parts.reads, self._parts.writer
        if reads(retelling.is_due) and reads(lambda c: retelling.room(c, _OUTBOX_ROOM)):
            writer.submit(lambda c: retelling.go_on(c, _RETOLD_AT_ONCE))

    def waiting(self, *, photos: bool = False) -> tuple[ToldRow, ...]:
        """Return what is to be dealt with: photos, or all else, what takes away rights first."""
        return self._parts.reads(feed.photos if photos else feed.waiting)

    def told_waiting(self) -> int:
        """Return how many items are saved and not dealt with yet."""
        return self._parts.reads(feed.count)

    def done(self, row: ToldRow) -> None:
        """Let an item go that was dealt with."""
        self._parts.writer.submit(lambda connection: feed.done(connection, row.row))

    def refuse(self, row: ToldRow, why: str) -> None:
        """Let an item go that cannot be used, and tell the centre why, in a word."""
        self._parts.writer.submit(lambda connection: feed.refuse(connection, row, why))

    def refuse_unread(self, number: int) -> None:
        """Count `number` items that had not even a number."""
        if number:
            self._parts.writer.submit(lambda connection: feed.refuse_unread(connection, number))

    def put_off(self, row: ToldRow, said: Said) -> None:
        """Tell the centre once that an item takes its time; it stays here until it is done."""

        def work(connection: Connection) -> None:
            letters.say(connection, said)
            feed.put_off(connection, row.row)

        if not row.put_off:
            self._parts.writer.submit(work)

    def answer(self, row: ToldRow, said: Said) -> None:
        """Let a photo go that was looked at, and tell the centre what became of it."""

        def work(connection: Connection) -> None:
            letters.say(connection, said)
            feed.done(connection, row.row)

        self._parts.writer.submit(work)
        self._parts.writer.empty_log()

    def accepting(
        self, row: ToldRow, resident_id: str, said: Said, given: datetime
    ) -> Callable[[Connection], None]:
        """Return what belongs into the COMMIT of an enrolment: the answer, and the photo's end.

        It raises FaceTakenBack where the face was taken back after the consent of `given`.
        """

        def work(connection: Connection) -> None:
            if feed.is_withdrawn(connection, resident_id, (row.epoch, row.number), given):
                message = "the face was taken back after this photo was sent"
                raise FaceTakenBack(message)
            letters.say(connection, said)
            feed.done(connection, row.row)

        return work

    def is_withdrawn(self, row: ToldRow, resident_id: str, given: datetime) -> bool:
        """Return whether a face was taken back after an item that gave it."""
        told_by = (row.epoch, row.number)
        return self._parts.reads(lambda c: feed.is_withdrawn(c, resident_id, told_by, given))

    def forget_deleted(self) -> None:
        """Make what was deleted gone from the file's log as well."""
        self._parts.writer.empty_log()

    def leave(self) -> None:
        """Forget the centre: the site stands alone now."""
        if self.position().epoch is not None:
            self._parts.writer.submit(feed.forget)

    # --- keys --------------------------------------------------------------------------------

    def pass_keys(self) -> dict[int, str]:
        """Return the centre's keys for passes that are in force, in hex, by kid."""
        return self._parts.reads(feed.keys)

    def key_retired(self, ed25519: str) -> bool:
        """Return whether a key of the centre was retired once."""
        return self._parts.reads(lambda connection: feed.retired(connection, ed25519))

    def put_key(self, kid: int, ed25519: str | None) -> None:
        """Believe a key of the centre under `kid`, or with None retire the one that is there."""
        self._parts.writer.submit(lambda connection: feed.put_key(connection, kid, ed25519))

    def rotation_key(self) -> bytes | None:
        """Return the compound's rotation key, 32 bytes, or None before the centre has told it."""
        path = self._parts.folder.root / "secrets" / _ROTATION
        try:
            content = path.read_bytes()
        except OSError:
            return None
        return content if len(content) == _ROTATION_BYTES else None

    def put_rotation_key(self, key: bytes) -> None:
        """Keep the compound's rotation key, 0600; raises StoreFault where it cannot be written."""
        replace_private(self._parts.folder.root / "secrets" / _ROTATION, key)

    def photo_keys(self, compound: str) -> PhotoKeys:
        """Return the keys to which phones seal photos for this compound."""
        return PhotoKeys(self._parts.folder.root / "secrets" / _PHOTO_KEYS, compound)

    # --- people ------------------------------------------------------------------------------

    def choose(
        self, resident_id: str, way: Credential, consent: Consent | None, now: Moment
    ) -> None:
        """Write that a resident wants to come in one way, by a consent, or with None does not.

        Raises InputError for an unknown resident.
        """
        purpose = consents.Purpose(way.value)

        def work(connection: Connection) -> None:
            people.must_have(connection, resident_id)
            people.choose(connection, resident_id, way, on=consent is not None)
            if consent is None:
                consents.withdraw(connection, resident_id, now.utc, purpose)
            else:
                consents.give(connection, resident_id, consent, purpose)
            letters.note_resident(connection, resident_id)

        self._parts.writer.submit(work)

    def add_member(self, person: Resident, answers: str | None, now: Moment, most: int) -> None:
        """Write somebody whom a household adds, and who answers for them.

        Raises InputError where the id is taken or the home has `most` people already.
        """

        def work(connection: Connection) -> None:
            if len(people.of_home(connection, person.home)) >= most:
                message = f"{person.home} has {most} people; a desk may add more"
                raise InputError(message)
            if people.one(connection, person.resident_id) is not None:
                message = f"{person.resident_id} is somebody's id"
                raise InputError(message)
            people.add(connection, person, now.utc)
            if answers is not None:
                people.put_guardian(connection, person.resident_id, answers)

        self._parts.writer.submit(work)

    def is_noted(self, pass_id: str) -> bool:
        """Return whether a pass was written down here."""
        return self._parts.reads(lambda connection: feed.is_noted(connection, pass_id))

    def last_key_day(self, now: Moment) -> date:
        """Return the last day on which a backup may hold a key that is destroyed now."""
        return copies.last_day(self._parts.folder, now.utc)

    def guardian_of(self, resident_id: str) -> str | None:
        """Return the resident who answers for another one, or None."""
        return self._parts.reads(lambda c: people.guardian_of(c, resident_id))

    def is_buried(self, resident_id: str) -> bool:
        """Return whether a resident was erased here once."""
        return resident_id in self._parts.faces.buried()

    def exported(self, resident_id: str) -> str:
        """Return all that is kept of one resident, as JSON; InputError for an unknown one."""
        return self._parts.reads(lambda connection: export.document(connection, resident_id))
