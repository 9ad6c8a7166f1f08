"""The centre's side of the store: letters up, the feed down, and the keys that come by it."""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import TypeVar

from sqlalchemy import Connection

from edge.store import export, feed, letters, marks, people, retelling
from edge.store.feed import Item, Position, ToldRow
from edge.store.letters import LetterRow
from edge.store.opening import Parts
from edge.store.photo_keys import PhotoKeys, replace_private
from edge.store.words import Backlog
from models.lane import Credential
from models.letter import HomeClaim, Said
from models.moment import Moment

T = TypeVar("T")

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
        return self._parts.reads(lambda connection: feed.waiting(connection, photos=photos))

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

    def settle(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` returns, run in one transaction that is durable at the return."""
        return self._parts.writer.submit(work)

    def forget_deleted(self) -> None:
        """Make what was deleted gone from the file's log as well."""
        self._parts.writer.empty_log()

    def leave(self) -> None:
        """Forget the centre: the site stands alone now."""
        if self.position().epoch is not None:
            self._parts.writer.submit(feed.forget)

    # --- keys --------------------------------------------------------------------------------

    def keys(self) -> dict[int, str]:
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

    def choose(self, resident_id: str, way: Credential, *, on: bool) -> None:
        """Write whether a resident wants to come in one way.

        Raises InputError for an unknown resident.
        """

        def work(connection: Connection) -> None:
            people.must_have(connection, resident_id)
            people.choose(connection, resident_id, way, on=on)

        self._parts.writer.submit(work)

    def guardian_of(self, resident_id: str) -> str | None:
        """Return the resident who answers for another one, or None."""
        return self._parts.reads(lambda c: people.guardian_of(c, resident_id))

    def is_buried(self, resident_id: str) -> bool:
        """Return whether a resident was erased here once."""
        return resident_id in self._parts.faces.buried()

    def exported(self, resident_id: str) -> str:
        """Return all that is kept of one resident, as JSON; InputError for an unknown one."""
        return self._parts.reads(lambda connection: export.document(connection, resident_id))
