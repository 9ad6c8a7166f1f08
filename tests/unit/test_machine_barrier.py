"""A barrier, its relay and the people under it, as a state machine against a plain model.

The model keeps what the wires have said, and when; the barrier under test is gate/barrier.py. The
same machine is run against broken barriers below, and finds each of them.
"""

from collections.abc import Callable

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gate import barrier as product
from gate.barrier import (
    CLEAR_FOR,
    FRESH,
    Barrier,
    EndHold,
    Fitting,
    HoldOpen,
    Reset,
    Sent,
    State,
    Tick,
)
from models.command import Action, Outcome, Position, Refusal, Report
from models.lane import Drive
from models.sensor import Input, Reading
from tests.fuzz.machine import QUICK, found_out

BELOW = frozenset({Input.LOOP, Input.BEAM})
FITTINGS = (
    *[Fitting(Drive.OPEN_CLOSE, BELOW, open_for=0.5)] * 4,
    Fitting(Drive.PULSE, frozenset(), open_for=0.5),
    Fitting(Drive.HOLD, frozenset(), open_for=0.5),
)
PAUSES = st.sampled_from([0.1, 0.7, FRESH + 0.1, FRESH + 0.1, 3.0])
ANSWER_WITHIN = 0.5


class BarrierMachine(RuleBasedStateMachine):
    """Wires are cut, relays fall silent, commands get lost, people stand about, houses burn."""

    @initialize(fitting=st.sampled_from(FITTINGS), measured=st.booleans())
    def build(self, fitting: Fitting, measured: bool) -> None:
        self.fitting, self.measured = fitting, measured
        self.barrier = Barrier(fitting)
        self.now, self.commands = 100.0, 0
        # The world.
        self.position = Position.CLOSED
        self.under: set[Input] = set()
        self.cut: set[Input] = set()
        self.fire = False
        self.obeys = True
        # What the wires have said so far.
        self.heard: dict[Input, bool] | None = None
        self.heard_at = float("-inf")
        self.clear_since: float | None = None
        self.held: State | None = None

    @rule(pause=PAUSES)
    def time_passes(self, pause: float) -> None:
        self.now += pause
        self.happen(Tick())

    @rule(pause=PAUSES)
    def relay_speaks(self, pause: float) -> None:
        self.now += pause
        said = {one: one in self.under for one in self.fitting.presence - self.cut}
        if self.fire:
            said[Input.FIRE] = True
        clear = not any(said.get(one, True) for one in self.fitting.presence)
        unbroken = self.now - self.heard_at <= FRESH
        if not clear:
            self.clear_since = None
        elif self.clear_since is None or not unbroken:
            self.clear_since = self.now
        self.heard, self.heard_at = said, self.now
        if self.fire:
            self.held = State.HELD_FIRE
        position = self.position if self.measured else Position.UNKNOWN
        self.happen(Reading("g1", 1, position, said, self.now))

    @rule(which=st.sampled_from(sorted(BELOW)))
    def step_under(self, which: Input) -> None:
        self.under.add(which)

    @rule()
    def walk_on(self) -> None:
        self.under.clear()

    @rule(
        what=st.sampled_from(
            ["loop cut", "beam cut", "fire", "deaf", "guard holds", "guard ends the hold"]
        )
    )
    def mishap(self, what: str) -> None:
        match what:
            case "fire":
                self.fire = True
            case "deaf":
                self.obeys = False
            case "guard holds":
                if self.held is not State.HELD_FIRE:
                    self.held = State.HELD_GUARD
                self.happen(HoldOpen())
            case "guard ends the hold":
                if self.held is State.HELD_GUARD:
                    self.held = None
                self.happen(EndHold())
            case _:
                self.cut.add(Input(what.split(maxsplit=1)[0]))

    @rule()
    def mend(self) -> None:
        self.cut.clear()
        self.fire, self.obeys = False, True

    @rule()
    def admit(self) -> None:
        self.send(Action.OPEN)
        self.relay_speaks(0.1)

    @rule()
    def reset(self) -> None:
        burns = self.heard is not None and self.heard.get(Input.FIRE, False)
        if not burns:
            self.held = None
        self.happen(Reset())

    def happen(self, what: product.Happening) -> None:
        before = self.barrier
        self.barrier, asked = product.step(before, what, self.now)
        for action in asked:
            if action is Action.CLOSE:
                self.may_close()
            else:
                self.may_open(before)
            self.send(action)

    def may_close(self) -> None:
        """Hold a close against what the wires have said."""
        assert self.fitting.drive is Drive.OPEN_CLOSE, "it closes by itself"
        assert self.held is None, "held open"
        assert self.heard is not None
        assert self.now - self.heard_at <= FRESH, "closed on what was heard long ago"
        assert not any(self.heard.get(one, True) for one in self.fitting.presence), "on somebody"
        assert self.clear_since is not None
        assert self.now - self.clear_since >= CLEAR_FOR, "behind somebody's heels"

    def may_open(self, before: Barrier) -> None:
        """Nothing opens by itself but for a hold, a fire or somebody under a closing arm."""
        below = self.heard is not None and any(
            self.heard.get(one, True) for one in self.fitting.presence
        )
        assert self.held is not None or (before.state is State.CLOSING and below)

    def send(self, action: Action) -> None:
        self.commands += 1
        cmd_id = f"c{self.commands}"
        self.barrier, asked = product.step(
            self.barrier, Sent(cmd_id, action, self.now + ANSWER_WITHIN), self.now
        )
        assert asked == ()
        outcome, why, reached = Outcome.TIMED_OUT, None, Position.UNKNOWN
        if self.obeys:
            outcome = Outcome.DONE
            reached = self.position = Position.OPEN if action is Action.OPEN else Position.CLOSED
        report = Report(cmd_id, "g1", 1, outcome, reached, self.now, why)
        self.barrier, asked = product.step(self.barrier, report, self.now)
        assert asked == ()

    @rule(word=st.sampled_from([Outcome.DONE, Outcome.REFUSED]))
    def somebody_elses_answer(self, word: Outcome) -> None:
        why = Refusal.FAULT if word is Outcome.REFUSED else None
        before = self.barrier
        report = Report("nobody's", "g1", 1, word, Position.CLOSED, self.now, why)
        self.barrier, asked = product.step(before, report, self.now)
        assert (self.barrier, asked) == (before, ())

    @precondition(lambda self: self.fitting.drive is not Drive.OPEN_CLOSE)
    @rule()
    def gate_falls_shut(self) -> None:
        self.position = Position.CLOSED

    @invariant()
    def what_is_held_stays_held(self) -> None:
        if self.held is not None:
            assert self.barrier.state in (State.HELD_FIRE, State.HELD_GUARD)
        else:
            assert self.barrier.state not in (State.HELD_FIRE, State.HELD_GUARD)
        if self.held is State.HELD_FIRE:
            assert self.barrier.state is State.HELD_FIRE

    @invariant()
    def nothing_said_is_nothing_known(self) -> None:
        if self.heard is None and self.commands == 0:
            assert self.barrier.state in (State.UNKNOWN, State.CLOSED)
            assert not self.barrier.measured

    def teardown(self) -> None:
        if not hasattr(self, "fitting") or self.fitting.drive is not Drive.OPEN_CLOSE:
            return
        # Mended, empty, and looked at by a guard: an arm closes in the end.
        self.measured = self.obeys = True
        self.fire = False
        self.under.clear()
        self.cut.clear()
        self.relay_speaks(1.0)
        self.reset()
        for _ in range(8):
            self.relay_speaks(1.0)
        assert self.position is Position.CLOSED, "a clear lane closes in the end"


def test_no_story_of_a_barrier_breaks_its_rules() -> None:
    QUICK.run(BarrierMachine)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_no_long_story_of_a_barrier_breaks_its_rules(capsys: pytest.CaptureFixture[str]) -> None:
    QUICK.longer(60).run_long(BarrierMachine, capsys)


def _deaf_to_silence(barrier: Barrier, now: float) -> bool:
    del now
    heard = barrier.heard
    return heard is None or any(heard.active.get(one, True) for one in barrier.fitting.presence)


def _missing_is_clear(barrier: Barrier, now: float) -> bool:
    heard = barrier.heard
    if heard is None or now - heard.at > FRESH:
        return bool(barrier.fitting.presence)
    return any(heard.active.get(one, False) for one in barrier.fitting.presence)


def _forgets_the_fire(barrier: Barrier, now: float) -> product.Step:
    return product._settled(product._to(barrier, State.UNKNOWN, now), now), ()


def _held(barrier: Barrier, now: float) -> Barrier:
    return product._to(barrier, State.HELD_GUARD, now)


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "closes on stale presence": lambda patch: patch.setattr(Barrier, "occupied", _deaf_to_silence),
    "a cut wire is a clear lane": lambda patch: patch.setattr(
        Barrier, "occupied", _missing_is_clear
    ),
    "a guard resets while it burns": lambda patch: patch.setattr(
        product, "_reset", _forgets_the_fire
    ),
    "closes at once behind a passage": lambda patch: patch.setattr(product, "CLEAR_FOR", -1.0),
    "a guard's hold hides the fire": lambda patch: patch.setattr(
        product, "_hold", lambda barrier, _wish, now: (_held(barrier, now), ())
    ),
    "holds nothing": lambda patch: patch.setattr(product, "_STAYS", frozenset()),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_finds_a_barrier_that(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    found_out(BarrierMachine)
