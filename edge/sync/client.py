"""The thread that tells the centre: it takes rows from the outbox and lets go what is proved."""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from random import SystemRandom
from typing import Any, Final, Protocol

from edge.ports import Clock
from edge.sync import plan
from edge.sync.plan import Answer, Course, Look, Quarantine, Refused, Taken, Unheard, Upload, Wait
from edge.sync.ports import Outbox, Row
from edge.sync.state import Answered, SyncState, answer_of
from edge.sync.wire import Receipt
from models.errors import CentreFault, StoreFault

_CHANCE: Final = SystemRandom().random
_log = logging.getLogger(__name__)


class FarEnd(AbstractContextManager["FarEnd"], Protocol):
    """The centre as this thread needs it (`edge.sync.centre.Centre`)."""

    def hand_in(self, rows: tuple[Any, ...]) -> Receipt | Refused:
        """Send `rows`, of the sort that the outbox holds, once.

        Raises CentreFault where it is unknown what became of them.
        """


@dataclass(frozen=True, slots=True)
class Ends:
    """The two ends that are joined, and the clock by which it is noted."""

    outbox: Outbox
    centre: FarEnd
    clock: Clock


class Uplink:
    """One way up. `run` is the body of a thread; `state` may be read from any."""

    def __init__(
        self,
        ends: Ends,
        stop: threading.Event,
        chance: Callable[[], float] = _CHANCE,
    ) -> None:
        self._ends = ends
        self._stop = stop
        self._chance = chance
        self._state = SyncState()

    @property
    def state(self) -> SyncState:
        """Return how the way up is doing."""
        return self._state

    def run(self) -> None:
        """Empty the outbox until stopped; an outage of either end is waited out."""
        course = Course()
        with self._ends.centre:
            while not self._stop.is_set():
                course = self.turn(course)

    def turn(self, course: Course) -> Course:
        """Do the one next step of `course` and return the course after it."""
        try:
            return self._do(course)
        except CentreFault as fault:
            self._complain(str(fault), Answered.UNREACHED)
            return plan.failed(course, self._chance())
        except StoreFault as fault:
            self._complain(str(fault), self._state.answer)
            return plan.failed(course, self._chance())

    def _do(self, course: Course) -> Course:
        match plan.step(course):
            case Wait(seconds):
                self._stop.wait(seconds)
                return plan.waited(course)
            case Look(limit):
                rows = self._ends.outbox.outbox(limit)
                self._count()
                return plan.found(course, rows)
            case Quarantine(key, why):
                self._ends.outbox.quarantine(key, why)
                # What the centre says of an event may quote it, so no log line does.
                _log.info("event %s/%d was put aside", *key)
                return plan.put_aside(course)
            case Upload(rows):
                return self._sent(course, self._upload(rows))

    def _sent(self, course: Course, answer: Answer) -> Course:
        after = plan.heard(course, answer, self._chance())
        if isinstance(answer, Taken):
            self._note_proof()
        elif after.failures > course.failures:
            self._complain(*_what(answer))
        elif isinstance(answer, Refused):
            self._state = replace(self._state, answer=answer_of(answer.status))
        return after

    def _upload(self, rows: tuple[Row, ...]) -> Answer:
        answer = self._ends.centre.hand_in(rows)
        if isinstance(answer, Refused):
            return answer
        self._ends.outbox.acknowledge(sorted(answer.safe))
        for key, why in sorted(answer.aside.items()):
            self._ends.outbox.quarantine(key, why)
            _log.info("event %s/%d was put aside by the centre", *key)
        named = answer.safe | answer.aside.keys()
        return Taken(named) if named or not rows else Unheard()

    def _count(self) -> None:
        self._state = replace(self._state, waiting=self._ends.outbox.backlog().waiting)

    def _note_proof(self) -> None:
        if not self._state.connected:
            _log.info("the centre answers")
        self._state = SyncState(
            connected=True,
            waiting=self._ends.outbox.backlog().waiting,
            last_proof=self._ends.clock.now().utc,
            answer=Answered.TAKEN,
        )

    def _complain(self, what: str, answer: Answered) -> None:
        # Once an outage, and by its kind only: what the centre says of an event may quote it.
        if self._state.complaint is None:
            _log.info("no use of the centre (%s); events are kept and will be sent later", answer)
        self._state = replace(self._state, connected=False, complaint=what, answer=answer)


def _what(answer: Answer) -> tuple[str, Answered]:
    if isinstance(answer, Refused):
        return answer.why, answer_of(answer.status)
    return "the centre answers but stores nothing", Answered.NOTHING_STORED
