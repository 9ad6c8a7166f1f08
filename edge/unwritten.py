"""What could not be written when it happened, kept in order until the disk takes it."""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait

from edge.ports import Errand, Ledger, at_once
from gate.counting import Count
from models.command import Report
from models.errors import StoreFault
from models.event import EventKind
from models.lane import Direction
from models.moment import Moment
from models.observation import GuardPressed
from models.standing import Order

ROOM = 1000
RETRY_EVERY = 1.0
LOG_EVERY = 60.0
LANE_WAITS = 0.5
"""Seconds that a lane waits for what follows an opening; then it works on meanwhile."""

_log = logging.getLogger("kuahu.lane")
_Write = Callable[[Moment], int]


class Unwritten:
    """Writes at once where it can, and in the same order later where it cannot.

    Only what follows an opening comes here; a decision that cannot be recorded opens nothing. One
    write is on its way at a time, as an `errand`: a disk that stalls holds up no lane for longer
    than LANE_WAITS.
    """

    def __init__(
        self, ledger: Ledger, announce: Callable[[int], None], errand: Errand = at_once
    ) -> None:
        self._ledger = ledger
        self._announce = announce
        self._errand = errand
        self._running: Future[int] | None = None
        """The end of the oldest write, while it is on its way."""
        self._waiting: deque[_Write] = deque()
        self._late: deque[_Write] = deque()
        self._tried_at = float("-inf")
        self.late_ever = 0
        """How many openings by hand could not be recorded when they happened."""

    @property
    def openings(self) -> int:
        """How many openings by hand are among what waits."""
        return len(self._late)

    @property
    def disk_is_back(self) -> bool:
        """Whether nothing waits any more."""
        return not self._waiting

    def late(self, seen: GuardPressed, now: Moment) -> None:
        """Keep an opening by hand that could not be recorded."""
        at = now.utc
        self.late_ever += 1

        def write(when: Moment) -> int:
            return self._ledger.late(seen, at, when)

        self._late.append(write)
        self._keep(write)

    def outcome(self, report: Report, event_seq: int, ms: int | None, now: Moment) -> None:
        """Record what became of a command, now or later."""

        def write(when: Moment) -> int:
            self._ledger.outcome(report, event_seq, ms, when)
            return event_seq

        self._put(write, now)

    def passage(self, event_seq: int, now: Moment, *, passed: bool) -> None:
        """Record whether anybody went through, now or later."""

        def write(when: Moment) -> int:
            return self._ledger.passage(event_seq, passed, when)

        self._put(write, now)

    def through(
        self,
        lane: int,
        ways: Sequence[tuple[Direction | None, int | None]],
        anew: Count | None,
        now: Moment,
    ) -> None:
        """Record who went through without a row of their own, now or later."""

        def write(when: Moment) -> int:
            return self._ledger.through(lane, ways, anew, when)

        self._put(write, now)

    def stand(self, lane: int, order: Order | None, guard: str, now: Moment) -> bool:
        """Record what a guard orders to stand, now or later; return whether it is on record."""

        def write(when: Moment) -> int:
            return self._ledger.stand(lane, order, guard, when)

        return self._put(write, now)

    def note(
        self,
        kind: EventKind,
        reason: str,
        now: Moment,
        lane: int,
        who: str | None = None,
        text: str | None = None,
    ) -> bool:
        """Record something that is no decision, now or later; return whether it is on record."""

        def write(when: Moment) -> int:
            return self._ledger.note(kind, reason, when, lane=lane, who=who, text=text)

        return self._put(write, now)

    def retry(self, now: Moment) -> None:
        """Write what waits, oldest first, until the disk refuses again or keeps us waiting."""
        if self._running is not None and not self._ended(now):
            return
        while self._waiting and now.mono - self._tried_at >= RETRY_EVERY:
            self._begin(now)
            if not self._ended(now):
                return

    def _put(self, write: _Write, now: Moment) -> bool:
        self._keep(write)
        if len(self._waiting) > 1:
            return False
        self._begin(now)
        assert self._running is not None
        wait({self._running}, LANE_WAITS)
        return self._ended(now)

    def _begin(self, now: Moment) -> None:
        write = self._waiting[0]
        self._running = self._errand(lambda: write(now))

    def _ended(self, now: Moment) -> bool:
        """Return whether the write on its way is on record; a refused one is tried again later."""
        assert self._running is not None
        if not self._running.done():
            return False
        end, self._running = self._running, None
        try:
            seq = end.result()
        except StoreFault as fault:
            if now.mono - self._tried_at >= LOG_EVERY:
                _log.error("a row waits for the disk: %s", fault)
            self._tried_at = now.mono
            return False
        self._drop(0)
        self._announce(seq)
        return True

    def _keep(self, write: _Write) -> None:
        if len(self._waiting) == ROOM:
            _log.error("more than %d rows wait for the disk: the oldest is lost", ROOM)
            # What is on its way may still arrive.
            self._drop(0 if self._running is None else 1)
        self._waiting.append(write)

    def _drop(self, index: int) -> None:
        gone = self._waiting[index]
        del self._waiting[index]
        if gone in self._late:
            self._late.remove(gone)
