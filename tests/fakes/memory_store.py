"""A store that forgets when the process ends: the same words and laws as edge.store, no files."""

from dataclasses import replace
from types import TracebackType
from typing import Self

from models.command import Outcome
from models.errors import StoreFault
from models.event import EventKind
from models.moment import Moment
from models.visit import UseState
from tests.fakes.memory_diary import MemoryDiary
from tests.fakes.memory_garage import MemoryGarage
from tests.fakes.memory_pins import MemoryPins
from tests.fakes.memory_registry import MemoryRegistry
from tests.fakes.memory_shelf import Book, Line, Shelf


class MemoryStore:
    """Behaves as edge.store.store.Store does; another one on the same shelf is a restart."""

    def __init__(
        self, shelf: Shelf, now: Moment, *, boot: str = "boot", start: bool = True
    ) -> None:
        if shelf.held:
            message = "the store is in use by another"
            raise StoreFault(message, part="store", advice="Stop the other first.")
        shelf.held = True
        self._book = book = Book(shelf, boot)
        registry = MemoryRegistry(book)
        self.add_resident = registry.add_resident
        self.residents = registry.residents
        self.resident = registry.resident
        self.enrol = registry.enrol
        self.withdraw_face = registry.withdraw_face
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
        self.users, self.user = registry.users, registry.user
        garage = MemoryGarage(book, registry)
        self.car = garage.car
        self.card = garage.card
        self.pins = MemoryPins(book, registry)
        self.pin = self.pins.look
        diary = MemoryDiary(book, self.pins)
        self.record = diary.record
        self.outcome = diary.outcome
        self.passage = diary.passage
        self.told_count = diary.told_count
        self.through = diary.through
        self.late = diary.late
        self.note = diary.note
        self.stand = diary.stand
        self.standing = diary.standing
        self.next_seq = diary.next_seq
        self.events = diary.events
        self.event = diary.event
        self.crop = diary.crop
        self.outbox = diary.outbox
        self.acknowledge = diary.acknowledge
        self.quarantine = diary.quarantine
        self.set_aside = diary.set_aside
        self.release = diary.release
        self.backlog = diary.backlog
        self._end_last_run(now)
        if start:
            book.append(Line(EventKind.START, now.utc, "start"))

    def close(self) -> None:
        self._book.is_open = False
        self._book.shelf.held = False

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
        return self._book.shelf.journal

    @property
    def gallery_floor(self) -> int:
        return self._book.shelf.floor

    @property
    def gallery_version(self) -> int:
        return self._book.shelf.version

    def _end_last_run(self, now: Moment) -> None:
        word = Outcome.UNKNOWN.value
        for wish in self._book.shelf.wishes.values():
            if wish.outcome is None:
                wish.outcome = Outcome.UNKNOWN
                self._book.append(
                    Line(
                        EventKind.REPORT,
                        now.utc,
                        word,
                        word,
                        lane=wish.intent.lane,
                        answers=wish.event,
                        note=f"{wish.intent.relay}: unknown",
                    )
                )
        for one in self._book.shelf.uses.values():
            if one.use.state is UseState.OPEN:
                one.use = replace(one.use, state=UseState.RETURNED)
