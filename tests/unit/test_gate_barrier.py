from dataclasses import replace
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from gate.barrier import (
    AWAY,
    CLEAR_FOR,
    FRESH,
    HOLD_AGAIN,
    OBSTRUCTIONS,
    Barrier,
    EndHold,
    Fitting,
    HoldOpen,
    Reset,
    Sent,
    State,
    Tick,
    step,
)
from models.command import Action, Outcome, Position, Refusal, Report
from models.lane import Drive
from models.sensor import Input, Reading

LOOP_BEAM = frozenset({Input.LOOP, Input.BEAM})
ARM = Fitting(Drive.OPEN_CLOSE, LOOP_BEAM, open_for=5.0)
PULSE = Fitting(Drive.PULSE, frozenset(), open_for=5.0)
LOCK = Fitting(Drive.HOLD, frozenset(), open_for=5.0)
CLEAR = MappingProxyType({Input.LOOP: False, Input.BEAM: False})


def reading(at: float, position: Position = Position.UNKNOWN, **active: bool) -> Reading:
    inputs = dict(CLEAR) | {Input(name): value for name, value in active.items()}
    return Reading("g1", 1, position, inputs, at)


def report(outcome: Outcome, position: Position = Position.OPENING, **more: object) -> Report:
    return Report("c1", "g1", 1, outcome, position, 0.0, **more)  # type: ignore[arg-type]


def opened(fitting: Fitting = ARM, at: float = 10.0) -> Barrier:
    barrier, _ = step(Barrier(fitting), reading(at - 2, Position.CLOSED), at - 2)
    barrier, _ = step(barrier, Sent("c1", Action.OPEN, at), at - 1)
    barrier, _ = step(barrier, report(Outcome.DONE), at - 0.9)
    barrier, _ = step(barrier, reading(at, Position.OPEN), at)
    assert barrier.state is State.OPEN
    return barrier


def test_start_commands_nothing_and_reads_the_position_first() -> None:
    barrier = Barrier(ARM)
    assert barrier.state is State.UNKNOWN
    barrier, asked = step(barrier, Tick(), 1.0)
    assert (barrier.state, asked) == (State.UNKNOWN, ())
    barrier, asked = step(barrier, reading(2.0, Position.OPEN), 2.0)
    assert (barrier.state, asked) == (State.OPEN, ())


def test_arm_closes_once_its_time_is_over_and_the_lane_is_clear() -> None:
    barrier = opened()
    for at in (11.0, 12.0, 13.0, 14.0):
        barrier, asked = step(barrier, reading(at, Position.OPEN), at)
        assert asked == ()
    _, asked = step(barrier, reading(15.0, Position.OPEN), 15.0)
    assert asked == (Action.CLOSE,)


@pytest.mark.parametrize("who", ["loop", "beam"])
def test_arm_never_closes_on_somebody(who: str) -> None:
    barrier = opened()
    for tick in range(11, 100):
        barrier, asked = step(barrier, reading(tick, Position.OPEN, **{who: True}), tick)
        assert asked == ()
    barrier, asked = step(barrier, reading(100.0, Position.OPEN), 100.0)
    assert asked == ()
    barrier, asked = step(barrier, reading(100.0 + CLEAR_FOR, Position.OPEN), 100.0 + CLEAR_FOR)
    assert asked == (Action.CLOSE,)


def test_silent_missing_or_unwired_input_counts_as_somebody() -> None:
    barrier = opened()
    barrier, asked = step(barrier, Tick(), 10.0 + FRESH + 5)
    assert asked == ()
    missing = Reading("g1", 1, Position.OPEN, {Input.LOOP: False}, 20.0)
    for at in (20.0, 21.0, 22.0):
        barrier, asked = step(barrier, replace(missing, at=at), at)
        assert asked == ()
    assert Barrier(ARM).occupied(0.0)


def test_an_input_that_has_gone_silent_counts_as_somebody() -> None:
    barrier = opened(replace(ARM, open_for=0.5))
    barrier, _ = step(barrier, reading(10.4, Position.OPEN), 10.4)
    assert step(barrier, Tick(), 10.4 + FRESH - 0.1)[1] == (Action.CLOSE,)
    assert FRESH + 0.1 < AWAY
    assert step(barrier, Tick(), 10.4 + FRESH + 0.1)[1] == ()


def test_somebody_under_a_closing_arm_opens_it_and_the_third_time_it_stays() -> None:
    barrier = opened()
    now = 20.0
    for count in range(1, OBSTRUCTIONS + 1):
        barrier, _ = step(barrier, Sent("c2", Action.CLOSE, now + 0.5), now)
        assert barrier.state is State.CLOSING
        barrier, asked = step(barrier, reading(now + 0.2, Position.CLOSING, beam=True), now + 0.2)
        assert asked == (Action.OPEN,)
        assert barrier.state is (State.OBSTRUCTED if count == OBSTRUCTIONS else State.OPENING)
        now += 10
    for at in range(60, 90):
        barrier, asked = step(barrier, reading(at, Position.OPEN), at)
        assert (barrier.state, asked) == (State.OBSTRUCTED, ())
    barrier, _ = step(barrier, Reset(), 90.0)
    assert barrier.state is State.OPEN


def test_somebody_before_a_closed_arm_opens_nothing() -> None:
    barrier, _ = step(Barrier(ARM), reading(1.0, Position.CLOSED), 1.0)
    barrier, asked = step(barrier, reading(2.0, Position.CLOSED, loop=True), 2.0)
    assert (barrier.state, asked) == (State.CLOSED, ())


@pytest.mark.parametrize("fitting", [PULSE, LOCK])
def test_a_barrier_that_closes_itself_is_never_told_to(fitting: Fitting) -> None:
    barrier = opened(fitting)
    for tick in range(11, 60):
        barrier, asked = step(barrier, reading(tick), tick)
        barrier, later = step(barrier, Tick(), tick + 0.5)
        assert asked == later == ()
    assert barrier.state is State.CLOSED
    assert not barrier.measured


def test_fire_opens_again_what_is_not_seen_to_be_open() -> None:
    barrier, asked = step(Barrier(PULSE), reading(10.0, Position.CLOSED, fire=True), 10.0)
    assert asked == (Action.OPEN,)
    openings = 0
    for at in range(11, 41):
        barrier, asked = step(barrier, reading(at, Position.CLOSED, fire=True), at)
        openings += asked == (Action.OPEN,)
    assert openings == 10
    for at in range(41, 60):
        barrier, asked = step(barrier, reading(at, Position.OPEN, fire=True), at)
        assert asked == ()


def test_nobody_resets_while_it_burns() -> None:
    barrier, _ = step(Barrier(replace(ARM, open_for=0.5)), reading(1.0, fire=True), 1.0)
    barrier, _ = step(barrier, reading(2.0, Position.OPEN, fire=True), 2.0)
    barrier, asked = step(barrier, Reset(), 2.1)
    assert (barrier.state, asked) == (State.HELD_FIRE, ())
    assert step(barrier, Tick(), 2.9)[1] == ()
    barrier, _ = step(barrier, reading(3.0, Position.OPEN), 3.0)
    barrier, _ = step(barrier, Reset(), 3.1)
    assert barrier.state is State.OPEN


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.UNKNOWN])
def test_unanswered_command_leaves_the_barrier_unknown_until_sensors_tell(outcome: Outcome) -> None:
    barrier, _ = step(Barrier(ARM), reading(1.0, Position.CLOSED), 1.0)
    barrier, _ = step(barrier, Sent("c1", Action.OPEN, 1.5), 1.1)
    barrier, asked = step(barrier, report(outcome, Position.UNKNOWN), 1.5)
    assert (barrier.state, asked) == (State.UNKNOWN, ())
    barrier, asked = step(barrier, reading(2.0, Position.CLOSED), 2.0)
    assert (barrier.state, asked) == (State.CLOSED, ())


def test_relay_that_reports_a_fault_takes_the_barrier_out_of_service() -> None:
    barrier, _ = step(Barrier(ARM), Sent("c1", Action.OPEN, 1.5), 1.0)
    refused = report(Outcome.REFUSED, Position.UNKNOWN, why=Refusal.FAULT)
    barrier, _ = step(barrier, refused, 1.2)
    assert barrier.state is State.FAULT
    barrier, _ = step(barrier, reading(2.0, Position.CLOSED), 2.0)
    assert barrier.state is State.FAULT


def test_report_on_another_command_changes_nothing() -> None:
    barrier, _ = step(Barrier(ARM), Sent("c2", Action.OPEN, 1.5), 1.0)
    assert step(barrier, report(Outcome.DONE), 1.2) == (barrier, ())


def test_silent_relay_makes_the_barrier_unknown() -> None:
    barrier, _ = step(Barrier(ARM), reading(1.0, Position.CLOSED), 1.0)
    barrier, _ = step(barrier, Tick(), 1.0 + AWAY + 0.1)
    assert barrier.state is State.UNKNOWN


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("fitting", [ARM, PULSE, LOCK])
def test_fire_opens_from_every_state_and_blocks_every_close_until_a_guard_resets(
    state: State, fitting: Fitting
) -> None:
    barrier = Barrier(fitting, state, since=0.0, heard=reading(9.0, Position.CLOSED))
    barrier, asked = step(barrier, reading(10.0, Position.CLOSED, fire=True), 10.0)
    assert barrier.state is State.HELD_FIRE
    assert asked == (Action.OPEN,)
    for at in range(11, 40):
        barrier, asked = step(barrier, reading(at, Position.OPEN), at)
        barrier, later = step(barrier, Tick(), at + 0.5)
        assert asked == later == ()
        assert barrier.state is State.HELD_FIRE
    barrier, _ = step(barrier, Reset(), 40.0)
    assert barrier.state is State.OPEN


def test_guards_hold_stays_open() -> None:
    barrier, asked = step(opened(), HoldOpen(), 11.0)
    assert asked == (Action.OPEN,)
    for at in range(12, 40):
        barrier, asked = step(barrier, reading(at, Position.OPEN), at)
        assert (barrier.state, asked) == (State.HELD_GUARD, ())


def held(fitting: Fitting = ARM) -> Barrier:
    barrier, asked = step(opened(fitting), HoldOpen(), 11.0)
    assert (barrier.state, asked) == (State.HELD_GUARD, (Action.OPEN,))
    return barrier


def test_what_a_guard_holds_is_opened_again_once_it_has_shut() -> None:
    barrier, asked = step(held(), reading(12.0, Position.CLOSED), 12.0)
    assert asked == (), "the opening that was just asked for is on its way"
    at = 11.0 + HOLD_AGAIN
    barrier, asked = step(barrier, reading(at, Position.CLOSED), at)
    assert (barrier.state, asked) == (State.HELD_GUARD, (Action.OPEN,))
    barrier, asked = step(barrier, reading(at + 1, Position.OPENING), at + 1)
    assert asked == ()


def test_a_gate_that_closes_itself_is_held_open_by_opening_it_in_time() -> None:
    barrier, times = held(PULSE), []
    for at in range(12, 32):
        barrier, asked = step(barrier, reading(at), at)
        times += [at] * len(asked)
        assert barrier.state is State.HELD_GUARD
    assert times == [16, 21, 26, 31]
    silent, asked = step(barrier, Tick(), 60.0)
    assert (silent.state, asked) == (State.HELD_GUARD, ())


@pytest.mark.parametrize("state", [State.HELD_FIRE, State.OPEN])
def test_a_guards_hold_never_takes_the_place_of_a_fire(state: State) -> None:
    burning = state is State.OPEN
    heard = reading(10.0, Position.OPEN, fire=burning)
    before = Barrier(ARM, state, since=0.0, heard=heard)
    assert step(before, HoldOpen(), 10.5) == (before, ())
    for wish in (HoldOpen(), EndHold()):
        barrier = replace(before, state=State.HELD_FIRE)
        assert step(barrier, wish, 10.5)[0].state is State.HELD_FIRE


def test_fire_takes_over_what_a_guard_holds() -> None:
    barrier, asked = step(held(), reading(12.0, Position.OPEN, fire=True), 12.0)
    assert (barrier.state, asked) == (State.HELD_FIRE, (Action.OPEN,))


def test_an_ended_hold_closes_behind_the_last_one_only() -> None:
    barrier, asked = step(held(), reading(12.0, Position.OPEN, beam=True), 12.0)
    barrier, asked = step(barrier, EndHold(), 12.5)
    assert (barrier.state, asked) == (State.OPEN, ())
    for at in range(13, 30):
        barrier, asked = step(barrier, reading(at, Position.OPEN, beam=True), at)
        assert asked == ()
    for at in (30.0, 30.5):
        barrier, asked = step(barrier, reading(at, Position.OPEN), at)
    _, asked = step(barrier, reading(31.0, Position.OPEN), 31.0)
    assert asked == (Action.CLOSE,)


def test_a_hold_from_before_a_restart_reads_the_position_before_it_opens() -> None:
    barrier, asked = step(Barrier(ARM), HoldOpen(asks=False), 1.0)
    assert (barrier.state, asked) == (State.HELD_GUARD, ())
    barrier, asked = step(barrier, Tick(), 20.0)
    assert asked == ()
    open_, asked = step(barrier, reading(21.0, Position.OPEN), 21.0)
    assert (open_.state, asked) == (State.HELD_GUARD, ())
    _, asked = step(barrier, reading(21.0, Position.CLOSED), 21.0)
    assert asked == (Action.OPEN,)


HAPPENINGS = st.one_of(
    st.builds(
        reading,
        at=st.just(0.0),
        position=st.sampled_from(Position),
        loop=st.booleans(),
        beam=st.booleans(),
        fire=st.booleans(),
    ),
    st.builds(Sent, st.sampled_from(["c1", "c2"]), st.sampled_from(Action), st.just(0.5)),
    st.builds(report, st.sampled_from(Outcome), st.sampled_from(Position)),
    st.sampled_from([Tick(), Reset(), HoldOpen(), EndHold()]),
)


@settings(max_examples=300)
@given(
    fitting=st.sampled_from([ARM, PULSE, LOCK]),
    story=st.lists(
        st.tuples(HAPPENINGS, st.sampled_from([0.0, 0.1, 1.0, FRESH, FRESH + 0.1, 5.0])),
        max_size=40,
    ),
)
def test_no_story_closes_on_somebody_or_against_fire(
    fitting: Fitting, story: list[tuple[object, float]]
) -> None:
    barrier, now, fire_since_reset = Barrier(fitting), 0.0, False
    for what, pause in story:
        now += pause
        if isinstance(what, Reading):
            what = replace(what, at=now)  # noqa: PLW2901
            fire_since_reset |= what.active.get(Input.FIRE, False)
        if isinstance(what, Reset) and barrier.heard is not None:
            fire_since_reset &= barrier.heard.active.get(Input.FIRE, False)
        barrier, asked = step(barrier, what, now)  # type: ignore[arg-type]
        if Action.CLOSE in asked:
            heard = barrier.heard
            assert fitting.drive is Drive.OPEN_CLOSE
            assert not fire_since_reset
            if fitting.presence:
                assert heard is not None
                assert now - heard.at <= FRESH
                assert not any(heard.active.get(each, True) for each in fitting.presence)


class ArmInUse(RuleBasedStateMachine):
    """People come and go under an arm whose relay does what it is told."""

    @initialize()
    def start(self) -> None:
        self.now, self.position, self.under = 0.0, Position.CLOSED, False
        self.barrier = Barrier(ARM)
        self.hear()

    def obey(self, asked: tuple[Action, ...]) -> None:
        for action in asked:
            if action is Action.CLOSE:
                assert not self.under
            self.barrier, more = step(self.barrier, Sent("c1", action, self.now + 0.5), self.now)
            assert more == ()
            self.position = Position.OPEN if action is Action.OPEN else Position.CLOSED
            done = report(Outcome.DONE, self.position)
            self.barrier, _ = step(self.barrier, done, self.now)

    @rule()
    def hear(self) -> None:
        self.now += 1.0
        self.barrier, asked = step(
            self.barrier, reading(self.now, self.position, beam=self.under), self.now
        )
        self.obey(asked)

    @rule()
    def admit(self) -> None:
        self.obey((Action.OPEN,))

    @precondition(lambda self: self.position is Position.OPEN)
    @rule()
    def walk_in(self) -> None:
        self.under = True
        self.hear()

    @rule()
    def walk_on(self) -> None:
        self.under = False
        self.hear()

    @invariant()
    def belief_is_true(self) -> None:
        if self.barrier.state is State.CLOSED:
            assert self.position is Position.CLOSED

    def teardown(self) -> None:
        self.under = False
        for _ in range(20):
            self.hear()
        assert self.position is Position.CLOSED, "a clear lane closes in the end"


TestArmInUse = ArmInUse.TestCase
