"""The store as the rest of the house sees it: one object, safe to call from any thread."""

from pathlib import Path
from types import TracebackType
from typing import Self

from edge.store import copies
from edge.store.changes import Changes
from edge.store.diary import Diary
from edge.store.disk import BALLAST, DiskState, disk_state
from edge.store.exchange import Exchange
from edge.store.folder import Folder
from edge.store.garage import Garage
from edge.store.opening import Parts, Wish, open_parts
from edge.store.pin_shelf import Pins
from edge.store.post import Post
from edge.store.registry import Registry
from edge.store.stay_ledger import StayLedger
from edge.store.use_shelf import UseShelf
from edge.store.zones import ZoneShelf
from models.errors import StoreFault
from models.moment import Moment


class Store:
    """Register, journal, faces and keys of one site.

    Every writing method returns once its row is durable and raises StoreFault when nothing of it
    was kept. Reading methods raise StoreFault when the file cannot be read. Its methods are those
    of its sides Registry, Diary and Post; cars and cards are in `garage`, what a desk corrects in
    `changes`, and numeric codes in `pins`.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._registry = registry = Registry(parts)
        self.add_resident = registry.add_resident
        self.residents = registry.residents
        self.resident = registry.resident
        self.enrol = registry.enrol
        self.withdraw_face = registry.withdraw_face
        self.lessons = registry.lessons
        self.mark_second_factor = registry.mark_second_factor
        self.remove_resident = registry.remove_resident
        self.gallery = registry.gallery
        self.note_pass = registry.note_pass
        self.passes = registry.passes
        self.revoke_pass = registry.revoke_pass
        self.pass_state = registry.pass_state
        self.add_user = registry.add_user
        self.set_password = registry.set_password
        self.remove_user = registry.remove_user
        self.users = registry.users
        self.user = registry.user
        self.garage = garage = Garage(parts)
        self.car, self.card = garage.car, garage.card
        self.changes, self.pins = Changes(parts), Pins(parts)
        self.pin = self.pins.look
        self.stays = stays = StayLedger(parts)
        self.through, self.told_count = stays.through, stays.told_count
        diary = Diary(parts, stays)
        self.record = diary.record
        self.outcome = diary.outcome
        self.passage = diary.passage
        self.late = diary.late
        self.note = diary.note
        self.stand = diary.stand
        self.standing = diary.standing
        self.next_seq = diary.next_seq
        self.events = diary.events
        self.event = diary.event
        self.crop = diary.crop
        self.clock_floor = diary.clock_floor
        self.zones, self.exchange, self.uses = ZoneShelf(parts), Exchange(parts), UseShelf(parts)
        post = Post(parts, stays, registry.end_faces)
        self.outbox = post.outbox
        self.acknowledge = post.acknowledge
        self.quarantine = post.quarantine
        self.set_aside = post.set_aside
        self.release = post.release
        self.backlog = post.backlog
        self.sign_head = post.sign_head
        self.heads = post.heads
        self.keep_house = post.keep_house

    @classmethod
    def open(
        cls,
        folder: Path,
        now: Moment,
        *,
        ballast: int = BALLAST,
        boot: str | None = None,
        start: bool = True,
    ) -> Self:
        """Return the store in `folder`, made if it is new, after finishing the last run's work.

        `ballast` in bytes, `boot` names this start of the machine, `start` writes a START event.
        Raises StoreFault when another process holds it, keys are missing, or it is damaged.
        """
        return cls(open_parts(folder, now, Wish(ballast, boot, start)))

    def close(self) -> None:
        """Write what is waiting and let the files and the lock go."""
        parts = self._parts
        parts.writer.close()
        parts.evidence.close()
        parts.reads.close()
        parts.faces.close()
        parts.lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def journal(self) -> str:
        """The random id of this journal file; a restored file has a new one."""
        return self._parts.journal

    @property
    def edge(self) -> str:
        """The id of this edge: 32 hex digits of its public key's fingerprint."""
        return self._parts.keys.edge

    @property
    def folder(self) -> Folder:
        """Where everything lies; `folder.secret(name)` makes and keeps further secrets."""
        return self._parts.folder

    @property
    def gallery_floor(self) -> int:
        """The first gallery version that honours the last withdrawal."""
        return self._registry.gallery_floor

    @property
    def gallery_version(self) -> int:
        """The version of the newest gallery; it rises when a new one should be fetched."""
        return self._registry.gallery_version

    @property
    def turns(self) -> int:
        """How often the writer's loop has turned; the watchdog wants to see it rise."""
        return self._parts.writer.turns

    @property
    def trouble(self) -> StoreFault | None:
        """Why nothing can be written at the moment, or None."""
        return self._parts.writer.trouble

    @property
    def lost_crops(self) -> int:
        """How many evidence pictures could not be kept since the start."""
        return self._parts.evidence.lost

    @property
    def restored(self) -> tuple[str, ...]:
        """The files that a backup has replaced within the last week, because they were damaged."""
        return copies.replaced(self._parts.folder)

    @property
    def disk(self) -> DiskState:
        """How full the disk is, and whether the ballast is still there."""
        return disk_state(self._parts.folder.ballast)

    def sign(self, message: bytes) -> bytes:
        """Return this edge's 64-byte Ed25519 signature of `message`."""
        return self._parts.keys.sign(message)
