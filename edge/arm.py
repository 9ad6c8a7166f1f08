"""The arm of one lane: its barrier as believed, the commands on their way, and their answers."""

import contextlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from edge.inbox import Seen
from edge.ports import World
from edge.tally import Tally
from edge.unwritten import Unwritten
from gate.barrier import Barrier, EndHold, Fitting, Happening, HoldOpen, Reset, Sent, Tick, step
from models.command import Action, Command, Intent, Outcome, Position, Report
from models.decision import Reason
from models.errors import RelayFault, StoreFault
from models.event import EventKind
from models.moment import Moment
from models.sensor import Reading

ACT_WITHIN = 0.3
"""Seconds in which a relay must act on a command."""
ANSWER_WITHIN = 0.2
"""Seconds after that in which its report must be here."""
LATE_WITHIN = 10.0
"""Seconds after a time-out in which a report is still written into the journal."""
CLOSE_EVERY = 2.0
"""Seconds between two tries to close, where a relay refuses."""


@dataclass(frozen=True, slots=True)
class Case:
    """An opening that waits for its relay's answer: its journal row, and whom to tell."""

    seq: int
    """0 where the row could not be written yet."""
    seen: Seen
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Pending:
    answer_by: float
    case: Case | None


class Arm:
    """One lane's barrier and relay; used by the lane's own thread only."""

    def __init__(
        self,
        lane: int,
        relay: str,
        fitting: Fitting,
        world: World,
        unwritten: Unwritten,
        answered: Callable[[Case, Report], None],
    ) -> None:
        self.relay = relay
        self.outcomes = Tally()
        """(outcome,) of each command."""
        self.refusals = Tally()
        """(why,) of each command that the relay refused."""
        self._lane = lane
        self._clock = world.clock
        self._relays = world.relays
        self._ledger = world.ledger
        self._unwritten = unwritten
        self._answered = answered
        self._pending: dict[str, _Pending] = {}
        self._late: dict[str, _Pending] = {}
        self._seq = 0
        self._close_tried = float("-inf")
        self.barrier = Barrier(fitting, since=world.clock.now().mono - fitting.open_for)

    def intent(self, action: Action, deadline: float, *, ask_disk: bool = True) -> Intent | None:
        """Return a command to record, or None while the relay is away.

        With a disk that is known to be bad its number is counted here alone, without waiting.
        """
        last = self._relays.last_seq(self.relay)
        if last is None:
            return None
        stored = last + 1
        if ask_disk:
            with contextlib.suppress(StoreFault):
                stored = self._ledger.next_seq(self.relay, last)
        self._seq = max(self._seq + 1, stored)
        return Intent(uuid.uuid4().hex, self._lane, self.relay, action, self._seq, deadline)

    def send(self, intent: Intent, case: Case | None) -> None:
        """Send what was recorded, once, unless its deadline has passed meanwhile."""
        now = self._clock.now().mono
        if now >= intent.deadline:
            self._fail(intent.cmd_id, case, Outcome.TIMED_OUT)
            return
        deadline = min(now + ACT_WITHIN, intent.deadline)
        self._pending[intent.cmd_id] = _Pending(deadline + ANSWER_WITHIN, case)
        self.step(Sent(intent.cmd_id, intent.action, deadline + ANSWER_WITHIN))
        command = Command(
            intent.cmd_id, self._lane, self.relay, intent.action, intent.seq, deadline
        )
        try:
            self._relays.send(command)
        except RelayFault:
            self.report(self._report(intent.cmd_id, Outcome.AWAY))

    def fail(self, case: Case) -> None:
        """Answer an opening whose relay is away: nothing was sent."""
        self._fail("", case, Outcome.AWAY)

    def report(self, report: Report) -> None:
        """Take a relay's answer to a command of ours; any other is nobody's."""
        pending = self._pending.pop(report.cmd_id, None)
        self.step(report)
        if pending is not None:
            self.outcomes.count(report.outcome)
            if report.why is not None:
                self.refusals.count(report.why)
        if pending is None:
            self._hear_late(report)
        elif pending.case is not None:
            if report.outcome is Outcome.TIMED_OUT:
                self._late[report.cmd_id] = _Pending(report.at + LATE_WITHIN, pending.case)
            self._answered(pending.case, report)

    def _hear_late(self, report: Report) -> None:
        """Note that a command was done after all, so that its use is not given a second time."""
        late = self._late.pop(report.cmd_id, None)
        if late is not None and late.case is not None and late.case.seq:
            captured = late.case.seen.observation.at.captured
            ms = round((report.at - captured) * 1000)
            self._unwritten.outcome(report, late.case.seq, ms, self._clock.now())

    def read(self, reading: Reading) -> None:
        """Take what the relay's inputs say."""
        self.step(reading)

    def tick(self) -> None:
        """Give up on commands that nobody answered, and let the barrier's time pass."""
        now = self._clock.now().mono
        for cmd_id, pending in list(self._pending.items()):
            if now > pending.answer_by:
                self.report(self._report(cmd_id, Outcome.TIMED_OUT))
        self._late = {cmd_id: late for cmd_id, late in self._late.items() if late.answer_by > now}
        self.step(Tick())

    def reset(self) -> None:
        """Take the barrier back into service: a named guard has looked."""
        self.step(Reset())

    def hold(self, *, asks: bool = True) -> None:
        """Open and stay open until a named guard ends it; `asks` is False after a restart."""
        self.step(HoldOpen(asks))

    def end_hold(self) -> None:
        """Let the barrier close again as it does."""
        self.step(EndHold())

    def step(self, what: Happening) -> None:
        """Let something happen to the barrier, and do what follows by rule."""
        now = self._clock.now()
        self.barrier, asked = step(self.barrier, what, now.mono)
        for action in asked:
            self._move(action, now)

    def _move(self, action: Action, now: Moment) -> None:
        """Move by rule: a close is recorded first, an opening for somebody's safety afterwards."""
        if action is Action.CLOSE:
            if now.mono - self._close_tried < CLOSE_EVERY or not self._unwritten.disk_is_back:
                return
            self._close_tried = now.mono
        # A close that waited for the disk was judged on the lane of then: its deadline drops it.
        deadline = now.mono + ACT_WITHIN if action is Action.CLOSE else float("inf")
        intent = self.intent(action, deadline, ask_disk=action is Action.CLOSE)
        if intent is None:
            return
        if action is Action.CLOSE:
            if self._unwritten.note(EventKind.MOVE, action, now, self._lane, text=intent.cmd_id):
                self.send(intent, None)
        else:
            self.send(intent, None)
            self._unwritten.note(EventKind.MOVE, action, now, self._lane, text=intent.cmd_id)

    def _fail(self, cmd_id: str, case: Case | None, outcome: Outcome) -> None:
        self.outcomes.count(outcome)
        if case is not None:
            self._answered(case, self._report(cmd_id, outcome))

    def _report(self, cmd_id: str, outcome: Outcome) -> Report:
        at = self._clock.now().mono
        return Report(cmd_id, self.relay, self._lane, outcome, Position.UNKNOWN, at)
