"""The life of visitor passes, as a state machine against a plain model, over real parts.

Real: the issuer's desk and its codec, gathering, deciding, the lanes' loops and the store on
SQLite, which is closed and opened again. Told what to do: the clock and the relays.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection

from edge.store import commands, passes, recording
from edge.store.replay import replay
from edge.store.words import PassState
from gate import access, visits
from gate.passes import read
from models.command import Outcome, Position
from models.lane import Direction
from models.moment import Moment, Trust
from models.visit import Claims, PassKind, PassUse, UseState
from tests.fuzz.machine import Pace, found_out
from tests.fuzz.pass_model import GIVE_UP, LATE, TRIES, Order, Use, Visit, expected
from tests.fuzz.pass_site import DOORS, START, PassSite, pass_site

PACE = Pace(stories=20, steps=20)
BOOTS = count(1)
MOODS = st.lists(
    st.sampled_from(["done", "lost", "silent", "silent", "refused", "cut", "away"]),
    min_size=1,
    max_size=3,
)
"""What becomes of a command; one that is `lost` has timed out already when the story goes on."""
MOODS_AFTER = ["done", "refused", "lost"]
PAUSES = st.sampled_from([0.2, 0.7, 0.7, 0.7, 3.0, 20.0, 61.0, 3700.0])
ANSWERS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from([Outcome.DONE, Outcome.REFUSED])), max_size=3
)
WORDS = {"done": "opened", "refused": "refused", "silent": None, "lost": "timed_out"}
WALLS = st.sampled_from([-86_400, -3600, 700, 3600, 11_000, 40_000])


class PassMachine(RuleBasedStateMachine):
    """Visitors come, come again, go, and come to the wrong lane; relays and clocks misbehave."""

    site: ClassVar[PassSite]

    @initialize()
    def open_the_gates(self) -> None:
        self.site.begin(replace(START, mono=self.site.now.mono + 100.0))
        self.visits: list[Visit] = []
        self.orders: list[Order] = []
        self.last: dict[int, Order | None] = {}
        self.seqs: dict[str, int] = {}
        self.restarts = 0
        self.mint(timedelta(0), 3600, frozenset(), PassKind.SINGLE)

    @precondition(lambda self: len(self.visits) < 3)
    @rule(
        begins=st.sampled_from([timedelta(hours=-1), timedelta(0), timedelta(minutes=10)]),
        lasts=st.sampled_from([600, 10_000]),
        lanes=st.sampled_from([frozenset(), frozenset({1}), frozenset({2, 3})]),
        kind=st.sampled_from(PassKind),
    )
    def mint(self, begins: timedelta, lasts: int, lanes: frozenset[int], kind: PassKind) -> None:
        token = self.site.issue(begins, timedelta(seconds=lasts), lanes, kind)
        claims = read(token, self.site.keys)
        assert isinstance(claims, Claims)
        self.visits.append(Visit(token, claims))

    @rule(
        which=st.integers(0, 2),
        door=st.sampled_from(DOORS),
        moods=MOODS,
        late=ANSWERS,
        power_cut=st.sampled_from([False, False, False, True]),
    )
    def come(
        self,
        which: int,
        door: tuple[int, Direction],
        moods: list[str],
        late: list[tuple[int, Outcome]],
        power_cut: bool,
    ) -> None:
        """Hold a pass to a reader until tired of it; then relays may find their voice again."""
        for mood in moods:
            self.show(which, door, mood)
        if power_cut and self.restarts < 2:
            self.restarts += 1
            self.restart(same_boot=True)
        for order, outcome in late:
            self.relay_answers_at_last(order, outcome)

    @rule(which=st.integers(0, 2), door=st.sampled_from(DOORS), last=st.sampled_from(MOODS_AFTER))
    def answers_come_in_another_order(
        self, which: int, door: tuple[int, Direction], last: str
    ) -> None:
        """Let the first try's opening be heard of only during the second."""
        begun = len(self.orders)
        self.show(which, door, "lost")
        self.show(which, door, "silent")
        first, second = ([*self.orders[begun:], None, None])[:2]
        if first is None or second is None:
            return
        self.relay_answers(first, Outcome.DONE)
        if last == "lost":
            self.time_passes(0.7)
        else:
            self.relay_answers(second, Outcome(last))

    def show(self, which: int, door: tuple[int, Direction], mood: str) -> None:
        visit = self.visits[which % len(self.visits)]
        lane, way = door
        due = expected(visit, lane, way, self.site.now)
        relays = self.site.relays
        relays.there, relays.cut = mood != "away", mood == "cut"
        before = len(relays.sent)
        said = self.site.show(visit.token, lane, way)
        sent = relays.sent[before:]
        assert len(sent) == (due.opens and mood != "away")
        if due.opens:
            if sent:
                self.sent(visit, due.use, sent[0].cmd_id, door)
                assert sent[0].seq > self.seqs.get(sent[0].relay, 0)
                self.seqs[sent[0].relay] = sent[0].seq
                self.answer(mood)
            word = WORDS.get(mood, "away")
            assert said == ([] if word is None else [(word, due.reason)])
        else:
            assert said == [("asked" if due.asks else "refused", due.reason)]

    def sent(
        self, visit: Visit, use: Use | int | None, cmd_id: str, door: tuple[int, Direction]
    ) -> None:
        """Note a command, and hold it against what may be sent at all."""
        lane, way = door
        if isinstance(use, int):
            use = Use(use, lane, way, self.site.now.mono, self.site.now.utc)
            visit.uses.append(use)
        elif use is not None:
            use.state, use.tries = "open", use.tries + 1
        if way is Direction.ENTRY:
            assert use is not None
            assert visit.heard < visit.allowed, "a pass that has let in all that it may"
            assert not visit.revoked
            assert self.site.now.utc < visit.claims.expires
        if use is not None:
            assert use.lane == lane
            assert use.tries <= TRIES
        attempt = 0 if use is None else use.tries
        self.orders.append(Order(cmd_id, lane, visit, use, attempt, self.site.now.mono))

    def answer(self, mood: str) -> None:
        order = self.orders[-1]
        if mood == "cut":
            self.conclude(order, done=False)
        elif mood == "lost":
            self.time_passes(0.7)
        elif mood != "silent":
            done = mood == "done"
            self.site.report((order.cmd_id, order.lane), Outcome(mood))
            self.conclude(order, done=done)
            self.last[order.lane] = order if done else None

    def conclude(self, order: Order, *, done: bool) -> None:
        """Note what became of a command: an opening spends, and what is spent stays spent."""
        order.state = "concluded"
        use, visit = order.use, order.visit
        if use is None or visit is None:
            return
        if done:
            use.state = "spent"
            visit.heard += use.direction is Direction.ENTRY
        elif use.state == "open" and use.tries == order.attempt:
            use.state = "returned"

    def relay_answers_at_last(self, which: int, outcome: Outcome) -> None:
        waiting = [one for one in self.orders if one.state in ("pending", "late")]
        if waiting:
            self.relay_answers(waiting[which % len(waiting)], outcome)

    def relay_answers(self, order: Order, outcome: Outcome) -> None:
        in_time = order.state == "pending"
        self.site.report((order.cmd_id, order.lane), outcome)
        done = outcome is Outcome.DONE
        self.conclude(order, done=done)
        if in_time:
            self.last[order.lane] = order if done else self.last.get(order.lane)

    @rule(lane=st.sampled_from([1, 2, 3]), passed=st.booleans())
    def gate_falls_shut(self, lane: int, passed: bool) -> None:
        if any(one.lane == lane and one.state == "pending" for one in self.orders):
            return
        order = self.last.pop(lane, None)
        self.site.passages[lane] += passed
        for position in (Position.OPEN, Position.CLOSED):
            self.site.read(lane, position)
        if order is not None and not passed and order.use is not None and order.visit is not None:
            use = order.use
            if use.state == "spent" and use.tries == order.attempt:
                use.state = "returned"
                order.visit.heard -= use.direction is Direction.ENTRY

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        self.site.now = self.site.now.after(seconds)
        now = self.site.now.mono
        for order in self.orders:
            if order.state == "pending" and now > order.sent + GIVE_UP:
                self.conclude(order, done=False)
                order.state, order.forgotten_at = "late", now + LATE
            elif order.state == "late" and now >= order.forgotten_at:
                order.state = "forgotten"
        self.site.tick()

    @rule(
        what=st.sampled_from(["restart", "new boot", "clock", "revoked"]),
        seconds=WALLS,
        trust=st.sampled_from(Trust),
        which=st.integers(0, 2),
    )
    def mishap(self, what: str, seconds: int, trust: Trust, which: int) -> None:
        match what:
            case "clock":
                utc = self.site.now.utc + timedelta(seconds=seconds)
                self.site.now = replace(self.site.now, utc=utc, trust=trust)
            case "revoked":
                visit = self.visits[which % len(self.visits)]
                self.site.store.revoke_pass(visit.claims.pass_id, self.site.now)
                visit.revoked = True
            case _ if self.restarts < 2:
                self.restarts += 1
                self.restart(same_boot=what == "restart")

    def restart(self, *, same_boot: bool) -> None:
        boot = f"boot {next(BOOTS)}"
        if same_boot:
            boot = self.site.store._parts.boot
        else:
            for use in (use for visit in self.visits for use in visit.uses):
                use.first = None
        for order in self.orders:
            if order.state == "pending":
                self.conclude(order, done=False)
            order.state = "forgotten"
        self.last.clear()
        self.site.restart(boot)

    @invariant()
    def store_says_what_the_model_says(self) -> None:
        for visit in getattr(self, "visits", ()):
            known = self.site.store.pass_state(visit.claims.pass_id)
            assert known.revoked == visit.revoked
            assert [
                (use.number, use.lane, use.direction, use.at_mono, use.state.value, use.tries)
                for use in known.uses
            ] == [
                (use.number, use.lane, use.direction, use.first, use.state, use.tries)
                for use in visit.uses
            ]


@pytest.fixture
def machine() -> Iterator[type[PassMachine]]:
    with pass_site() as site:

        class Here(PassMachine):
            """The machine at this test's own site."""

        Here.site = site
        yield Here


def test_no_story_of_a_pass_breaks_its_rules(machine: type[PassMachine]) -> None:
    PACE.run(machine)
    again = replay(machine.site.folder, access.decide, access.POLICY)
    assert again.differ == ()
    assert again.agreed > 0
    assert again.other_policy == 0


@pytest.mark.long
def test_no_long_story_of_a_pass_breaks_its_rules(machine: type[PassMachine]) -> None:
    PACE.longer(20).run(machine)


def _give_back_whatever_it_was(connection: Connection, event: int, was: UseState) -> None:
    for each in UseState:
        _GIVE_BACK(connection, event, each)
    assert was in UseState


_GIVE_BACK = passes.give_back


def _never_revoked(connection: Connection, pass_id: str, boot: str) -> PassState:
    return replace(_STATE_OF(connection, pass_id, boot), revoked=False)


def _writes_nothing(*_: object) -> int:
    return 1


_STATE_OF = passes.state_of


def _anywhere(use: PassUse, lane: int, now: Moment) -> bool:
    return _IS_RETRY(use, use.lane, now) and bool(lane)


_IS_RETRY = visits._is_retry

MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "opens a recurring pass at any hour": lambda patch: patch.setattr(
        access, "_holds", lambda *_: True
    ),
    "lets a delivery in for ever": lambda patch: patch.setattr(
        visits, "_in_its_hour", lambda *_: None
    ),
    "lets an expired pass in": lambda patch: patch.setattr(access, "_untimely", lambda *_: None),
    "tries for ever": lambda patch: patch.setattr(visits, "RETRIES", 99),
    "tries again at another lane": lambda patch: patch.setattr(visits, "_is_retry", _anywhere),
    "forgets a revocation": lambda patch: patch.setattr(passes, "state_of", _never_revoked),
    "leaves commands open at a restart": lambda patch: patch.setattr(
        commands, "unanswered", lambda _connection: []
    ),
    "gives back what was spent": lambda patch: patch.setattr(
        passes, "give_back", _give_back_whatever_it_was
    ),
    "writes no outcome down": lambda patch: patch.setattr(recording, "outcome", _writes_nothing),
}


_LATE = {
    "leaves commands open at a restart",
    "lets a delivery in for ever",
    "opens a recurring pass at any hour",
}
"""What takes a few hundred stories to find: left to the long form."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.long if name in _LATE else (), id=name)
        for name in MUTANTS
    ],
)
def test_the_machine_finds_a_site_that(
    name: str, machine: type[PassMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    MUTANTS[name](monkeypatch)
    found_out(machine, PACE)
