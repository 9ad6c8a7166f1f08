"""What could not be written when it happened, kept in order until the disk takes it."""

import logging
from collections import deque
from collections.abc import Callable

from edge.ports import Ledger
from models.command import Report
from models.errors import StoreFault
from models.event import EventKind
from models.moment import Moment
from models.observation import GuardPressed

ROOM = 1000
RETRY_EVERY = 1.0

_log = logging.getLogger("kuahu.lane")
_Write = Callable[[Moment], int]


class Unwritten:
    """Writes at once where it can, and in the same order later where it cannot.

    Only what follows an opening comes here; a decision that cannot be recorded opens nothing.
    """

    def __init__(self, ledger: Ledger, announce: Callable[[int], None]) -> None:
        self._ledger = ledger
        self._announce = announce
        self._waiting: deque[_Write] = deque()
        self._late: deque[_Write] = deque()
        self._tried_at = float("-inf")

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

    def note(
        self,
        kind: EventKind,
        reason: str,
        now: Moment,
        lane: int,
        who: str | None = None,
        text: str | None = None,
    ) -> None:
        """Record something that is no decision, now or later."""

        def write(when: Moment) -> int:
            return self._ledger.note(kind, reason, when, lane=lane, who=who, text=text)

        self._put(write, now)

    def retry(self, now: Moment) -> None:
        """Write what waits, oldest first, until the disk refuses again."""
        if not self._waiting or now.mono - self._tried_at < RETRY_EVERY:
            return
        self._tried_at = now.mono
        while self._waiting:
            try:
                self._announce(self._waiting[0](now))
            except StoreFault:
                return
            self._drop_first()

    def _put(self, write: _Write, now: Moment) -> None:
        if not self._waiting:
            try:
                self._announce(write(now))
            except StoreFault as fault:
                _log.error("a row waits for the disk: %s", fault)
            else:
                return
        self._keep(write)

    def _keep(self, write: _Write) -> None:
        if len(self._waiting) == ROOM:
            _log.error("more than %d rows wait for the disk: the oldest is lost", ROOM)
            self._drop_first()
        self._waiting.append(write)

    def _drop_first(self) -> None:
        first = self._waiting.popleft()
        if self._late and self._late[0] is first:
            self._late.popleft()
