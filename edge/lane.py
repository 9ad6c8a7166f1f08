"""The lane loop: carries one lane's observations the whole way, one at a time.

look -> facts -> decide -> record -> act -> report. One thread is the single writer of a lane's
state; `handle` and `tick` are that thread's two steps and can be called without it.
"""

import logging
import threading

from edge.arm import ACT_WITHIN, Arm, Case
from edge.car_watch import CarWatch
from edge.inbox import SAME_WITHIN, Inbox, Item, Release, Seen, Stand, subject
from edge.loop_count import LoopCount
from edge.passages import Passages
from edge.ports import World
from edge.second_factor import SecondFactor
from edge.standing import StandingOrder
from edge.store.words import UseTaken
from edge.tally import Counts, Tally
from edge.unwritten import Unwritten
from gate.access import POLICY, decide
from gate.barrier import Barrier, Fitting, State
from models.command import Action, Intent, Outcome, Report
from models.decision import Decision, Reason, Verdict
from models.errors import KuahuError, StoreFault
from models.event import EventKind
from models.lane import Lane
from models.moment import Moment
from models.movement import Prompt
from models.observation import GuardPressed, Observation, credential_of
from models.sensor import Reading
from models.signal import Signal
from models.standing import Order

SHOW_FOR = 4.0
"""Seconds that a lane's screen shows an answer."""
ASK_FOR = 20.0
"""Seconds that it asks for a movement."""
TURN = 0.1
RECORD_WITHIN = 1.5
"""Seconds that a decision may wait for the disk: a guard's press may stand in line behind it."""
GUARD_WAITS = 0.5
"""Seconds that a guard's press waits for it, before the opening is recorded later."""
SLOWEST_OF = 60.0
"""Seconds over which the slowest wait for the disk is remembered."""

_log = logging.getLogger("kuahu.lane")


class LaneKeeper:
    """Keeps one lane."""

    def __init__(self, lane: Lane, relay: str, fitting: Fitting, world: World) -> None:
        self.lane = lane
        self.inbox = Inbox()
        self.turns = 0
        self.fault = ""
        """Why nothing can be recorded; empty where all is well."""
        self._world = world
        self._unwritten = Unwritten(world.ledger, world.announce, world.errand)
        self._arm = Arm(lane.number, relay, fitting, world, self._unwritten, self._answered)
        self._standing = StandingOrder(lane, world, self._arm, self._unwritten)
        self._loops = LoopCount(lane, world.ledger, self._unwritten)
        self._passages = Passages(lane, world.clock, self._unwritten, self._loops.ended)
        self._cars = CarWatch(lane)
        self._second = SecondFactor()
        self._decisions = Tally()
        self._waited = (0.0, float("-inf"))
        self._handled: dict[tuple[str, ...], float] = {}
        self._let_in: tuple[str, ...] | None = None
        self._shown_until: float | None = None
        self._asks = False
        """Whether the screen asks for a movement."""

    @property
    def barrier(self) -> Barrier:
        """The barrier as believed now."""
        return self._arm.barrier

    @property
    def order(self) -> Order | None:
        """What stands here by a guard's order, or None."""
        return self._standing.order

    @property
    def unrecorded(self) -> int:
        """How many openings by hand wait for the disk to come back."""
        return self._unwritten.openings

    @property
    def late(self) -> int:
        """How many openings by hand have had to wait for the disk since the start."""
        return self._unwritten.late_ever

    @property
    def decisions(self) -> Counts:
        """How often each (credential, verdict, reason) was decided and recorded."""
        return self._decisions.counts

    @property
    def outcomes(self) -> Counts:
        """How often each (outcome,) a command had."""
        return self._arm.outcomes.counts

    @property
    def refusals(self) -> Counts:
        """How often the relay refused a command, by (why,)."""
        return self._arm.refusals.counts

    @property
    def tailgated(self) -> int:
        """How many cars went through behind another's opening since the start."""
        return self._passages.tailgated

    def waited(self, now: float) -> float:
        """Return the seconds that the slowest decision of the last minute waited for the disk."""
        seconds, at = self._waited
        return seconds if now - at < SLOWEST_OF else 0.0

    def run(self, stop: threading.Event) -> None:
        """Turn until `stop`; an unknown error ends the process, which is then started again."""
        while not stop.is_set():
            item = self.inbox.take(TURN)
            if item is not None:
                self.handle(item)
            self.tick()
            self.turns += 1

    def handle(self, item: Item) -> None:
        """Carry one item the whole way."""
        match item:
            case Seen():
                ready = self._cars.offer(item, self._world.clock.now().mono)
                if ready is not None:
                    self._observe(ready)
            case Report():
                self._arm.report(item)
            case Reading():
                self._arm.read(item)
                self._passages.read(item, self.barrier.state)
                if self.lane.number in self._world.counted:
                    self._loops.read(item, self.barrier.state, self._world.clock.now())
                self._look_for_cars()
            case Release():
                now = self._world.clock.now()
                number = self.lane.number
                self._unwritten.note(EventKind.ADMIN, "barrier_reset", now, number, item.guard)
                self._standing.reset()
                item.answer()
            case Stand():
                self._standing.take(item)
            case Prompt():
                self._ask(item)

    def tick(self) -> None:
        """Let time pass: unanswered commands, screens, and what could not be written."""
        now = self._world.clock.now()
        self._arm.tick()
        self._look_for_cars()
        self._unwritten.retry(now)
        if self.fault and self._unwritten.disk_is_back:
            self.fault = ""
        if self._shown_until is not None and now.mono > self._shown_until:
            self._rest()

    def _look_for_cars(self) -> None:
        """Decide about a car whose plate waited for it, or whose plate nobody has read."""
        item = self._cars.look(self.barrier, self._world.clock.now().mono)
        if item is not None:
            self._observe(item)

    def _ask(self, prompt: Prompt) -> None:
        """Ask whoever stands there for a movement or to be seen better, or take that back."""
        now = self._world.clock.now().mono
        asked = prompt.asks
        if asked is None:
            if self._asks:
                self._rest()
        elif 0 <= now - prompt.at.captured <= self.lane.max_age:
            self._shown_until, self._asks = now + ASK_FOR, True
            self._world.show(self.lane.number, Signal.WAIT, asked, 0)

    def _rest(self) -> None:
        self._shown_until, self._asks = None, False
        self._world.show(self.lane.number, None, "", 0)

    def _observe(self, item: Seen) -> None:
        now = self._world.clock.now()
        who = subject(item.observation)
        if who is not None and item.answer is None and self._already(who, now.mono):
            return
        if self.fault and isinstance(item.observation, GuardPressed):
            # The disk is known to be bad: whoever stands there is not kept waiting for it.
            self._without_disk(item, StoreFault(self.fault))
            return
        try:
            try:
                seq, decision, intent = self._record(item, now)
            except UseTaken:
                # Another lane was quicker with the same pass: decide again on what is true now.
                seq, decision, intent = self._record(item, now)
        except StoreFault as fault:
            self._without_disk(item, fault)
            return
        except KuahuError as error:
            _log.exception("lane %d: an observation cannot be recorded", self.lane.number)
            if item.answer is not None:
                item.answer("refused", error.code, 0)
            return
        self.fault = ""
        if who is not None:
            self._handled[who] = now.mono
        case = Case(seq, item, decision.reason)
        if decision.verdict is Verdict.OPEN and intent is not None:
            self._let_in = who
            self._arm.send(intent, case)
            # After the door: showing a row means reading it back, which costs milliseconds.
            self._world.announce(seq)
            return
        self._world.announce(seq)
        if decision.verdict is Verdict.OPEN:
            self._arm.fail(case)
        else:
            self._refuse(case, decision.verdict)

    def _record(self, item: Seen, now: Moment) -> tuple[int, Decision, Intent | None]:
        """Gather, decide and record, in one go: after this the answer is durable."""
        seen = item.observation
        by_hand = isinstance(seen, GuardPressed)
        gathered = self._world.gather(seen, now)
        facts = self._standing.applied(gathered.facts)
        facts = self._cars.applied(facts, seen, now.mono)
        facts = self._second.applied(facts, seen, now.mono)
        decision = decide(seen, facts, now)
        intent = None
        if decision.verdict is Verdict.OPEN:
            deadline = seen.at.captured + self.lane.max_age
            intent = self._arm.intent(Action.OPEN, deadline, ask_disk=not by_hand)
        began = self._world.clock.now().mono
        seq = self._world.ledger.record(
            seen,
            facts,
            decision,
            now,
            intent=intent,
            crop=item.crop,
            policy=POLICY,
            who=gathered.who,
            home=gathered.home,
            wait=GUARD_WAITS if by_hand else RECORD_WITHIN,
        )
        self._decisions.count(credential_of(seen), decision.verdict, decision.reason)
        self._cars.decided(seen, decision.verdict, now.mono)
        self._second.decided(seq, facts, decision, now.mono)
        self._note_wait(began)
        return seq, decision, intent

    def _note_wait(self, began: float) -> None:
        ended = self._world.clock.now().mono
        if ended - began >= self.waited(ended):
            self._waited = (ended - began, ended)

    def _already(self, who: tuple[str, ...], now: float) -> bool:
        """Return whether this subject has just been answered, or stands in the gate it opened."""
        self._handled = {key: at for key, at in self._handled.items() if now - at < SAME_WITHIN}
        if who in self._handled:
            return True
        return who == self._let_in and self.barrier.state in (State.OPENING, State.OPEN)

    def _refuse(self, case: Case, verdict: Verdict) -> None:
        asked = verdict is Verdict.ASK_GUARD
        signal = Signal.WAIT if asked else Signal.REFUSED
        self._show(signal, case.reason, case.seq, case.seen.observation)
        if case.seen.answer is not None:
            case.seen.answer("asked" if asked else "refused", case.reason, case.seq)

    def _without_disk(self, item: Seen, fault: StoreFault) -> None:
        """No disk, no arm: only a guard still opens, and that opening is recorded later."""
        now = self._world.clock.now()
        if not self.fault:
            _log.info("lane %d cannot record: %s", self.lane.number, fault)
        self.fault = str(fault)
        seen = item.observation
        fresh = 0 <= now.mono - seen.at.captured <= self.lane.max_age
        if not isinstance(seen, GuardPressed) or not fresh:
            self._show(Signal.WAIT, Reason.NOT_RECORDED, 0, seen)
            if item.answer is not None:
                item.answer("refused", Reason.NOT_RECORDED, 0)
            return
        self._unwritten.late(seen, now)
        case = Case(0, item, Reason.GUARD)
        intent = self._arm.intent(Action.OPEN, now.mono + ACT_WITHIN, ask_disk=False)
        if intent is None:
            self._arm.fail(case)
        else:
            self._arm.send(intent, case)

    def _answered(self, case: Case, report: Report) -> None:
        """Record the outcome of an opening, tell the screens, and answer whoever asked."""
        opened = report.outcome is Outcome.DONE
        if opened and case.seq:
            self._passages.opened(case.seq, self.barrier)
            self._loops.opened(case.seq, case.seen.observation.at.direction)
        if not opened:
            self._let_in = None
        signal = Signal.GRANTED if opened else Signal.WAIT
        self._show(signal, case.reason, case.seq, case.seen.observation)
        if case.seq:
            ms = round((report.at - case.seen.observation.at.captured) * 1000) if opened else None
            self._unwritten.outcome(report, case.seq, ms, self._world.clock.now())
        if case.seen.answer is not None:
            case.seen.answer("opened" if opened else report.outcome, case.reason, case.seq)

    def _show(self, signal: Signal, reason: Reason, seq: int, seen: Observation) -> None:
        self._shown_until, self._asks = self._world.clock.now().mono + SHOW_FOR, False
        self._world.relays.signal(self.lane.number, signal)
        self._world.sign(self.lane.number, signal, seen)
        self._world.show(self.lane.number, signal, reason, seq)
