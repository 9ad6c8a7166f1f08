"""The thread that hears the centre: it saves what is told, and only then asks for more."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Final, Protocol

from edge.ports import Clock
from edge.sync import plan
from edge.sync.feed import Item, Page
from edge.sync.plan import Course, Refused
from edge.sync.state import Answered, SyncState, answer_of
from models.errors import CentreFault, StoreFault
from models.moment import Moment

WAIT: Final = 25.0
"""Seconds that the centre may keep a question until there is news."""
_CHANCE: Final = SystemRandom().random
_log = logging.getLogger(__name__)


class Position(Protocol):
    """Up to where a feed is saved."""

    @property
    def epoch(self) -> str | None:
        """Return which feed it is, None before there was any."""

    @property
    def number(self) -> int:
        """Return the newest number that is saved."""


class Book(Protocol):
    """Where the feed is saved (`edge.store.exchange.Exchange`).

    Each method raises StoreFault where the store cannot be read or written.
    """

    def position(self) -> Position:
        """Return up to where the feed is saved."""

    def begin(self, epoch: str, now: Moment) -> None:
        """Follow another feed from its start."""

    def save(self, epoch: str, number: int, items: Sequence[Item]) -> int:
        """Save items up to `number`, durable at the return; return how many were new."""

    def note_behind(self, now: Moment, *, behind: bool) -> None:
        """Note whether the centre was put back from a copy."""

    def refuse_unread(self, number: int) -> None:
        """Count `number` items that have not even a number."""

    def retell(self) -> None:
        """Put some events back into the outbox that the centre may have forgotten."""


class FarEnd(AbstractContextManager["FarEnd"], Protocol):
    """The centre as this thread needs it (`edge.sync.feed.Feed`)."""

    def ask(self, epoch: str | None, after: int, wait: float) -> Page | Refused:
        """Return what came after `after`; raises CentreFault where no answer came."""


@dataclass(frozen=True, slots=True)
class DownEnds:
    """The two ends that are joined, who deals with what is saved, and the clock.

    `deal` is told whether only what takes away rights is to be dealt with, because more is coming.
    """

    book: Book
    centre: FarEnd
    deal: Callable[[bool], None]
    clock: Clock


class Downlink:
    """One way down. `run` is the body of a thread; `state` may be read from any."""

    def __init__(
        self,
        ends: DownEnds,
        stop: threading.Event,
        chance: Callable[[], float] = _CHANCE,
        wait: float = WAIT,
    ) -> None:
        self._ends = ends
        self._stop = stop
        self._chance = chance
        self._longest = wait
        self._wait = 0.0
        self._course = Course()
        self._state = SyncState()

    @property
    def state(self) -> SyncState:
        """Return how the way down is doing."""
        return self._state

    def run(self) -> None:
        """Hear the centre until stopped; an outage of either end is waited out."""
        with self._ends.centre:
            while not self._stop.is_set():
                self.turn()

    def turn(self) -> None:
        """Ask once, save the answer, deal with it; after a failure wait."""
        try:
            refused = self._asked()
        except CentreFault as fault:
            self._failed(str(fault), Answered.UNREACHED)
        except StoreFault as fault:
            self._failed(str(fault), self._state.answer)
        else:
            if refused is not None:
                self._failed(refused.why, answer_of(refused.status), refused.retry_after)

    def _asked(self) -> Refused | None:
        ends, now = self._ends, self._ends.clock.now()
        here = ends.book.position()
        page = ends.centre.ask(here.epoch, here.number, self._wait)
        if isinstance(page, Refused):
            return page
        if page.epoch != here.epoch:
            _log.info("another feed of the centre is followed from its start")
            ends.book.begin(page.epoch, now)
            if here.number:
                return None
        ends.book.note_behind(now, behind=page.behind)
        new = ends.book.save(page.epoch, page.number, page.items)
        ends.book.refuse_unread(page.unread)
        self._proved()
        more = page.number < page.newest and new > 0
        # With nothing new a question is kept, so that a centre cannot make this thread spin.
        self._wait = 0.0 if more else self._longest
        ends.deal(more)
        ends.book.retell()
        return None

    def _proved(self) -> None:
        if not self._state.connected:
            _log.info("the centre tells its news")
        self._course = Course()
        at = self._ends.clock.now().utc
        self._state = SyncState(connected=True, last_proof=at, answer=Answered.TAKEN)

    def _failed(self, what: str, answer: Answered, retry_after: float | None = None) -> None:
        if self._state.complaint is None:
            _log.info("no news of the centre (%s); the gates go by what they know", answer)
        self._state = replace(self._state, connected=False, complaint=what, answer=answer)
        self._course = plan.failed(self._course, self._chance(), retry_after)
        self._wait = 0.0
        try:
            self._ends.deal(False)  # noqa: FBT003 - nothing more is coming for now
        except StoreFault as fault:
            _log.info("what the centre told waits for the disk: %s", fault)
        self._stop.wait(self._course.wait)
