"""An input that changes more than five times a second counts as somebody until it is calm."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gate.barrier
from gate.barrier import CLEAR_FOR, FRESH, Barrier, Fitting, State, Tick, step
from gate.flapping import CALM, MOST, WITHIN, Flapping, felt
from models.command import Action, Position
from models.lane import Drive
from models.sensor import Input, Reading

ARM = Fitting(Drive.OPEN_CLOSE, frozenset({Input.LOOP, Input.BEAM}), open_for=1.0)
OFF = {Input.LOOP: False, Input.BEAM: False}
TURN = 0.1


def story(burst: float, pause: float, faults: int = 4) -> Iterator[tuple[float, bool]]:
    """Yield (seconds, what the beam says): it flaps for `burst`, then is clear for `pause`."""
    now = 100.0
    for _ in range(faults):
        for turn in range(int(burst / TURN)):
            yield now, turn % 2 == 0
            now += TURN
        for _ in range(int(pause / TURN)):
            yield now, False
            now += TURN


def closes(looks: Iterator[tuple[float, bool]]) -> list[float]:
    """Return when an open arm is asked to close."""
    barrier, asked = Barrier(ARM), []
    for now, beam in looks:
        reading = Reading("g", 1, Position.OPEN, {**OFF, Input.BEAM: beam}, now)
        for what in (reading, Tick()):
            barrier, wanted = step(barrier, what, now)
            asked += [now] if Action.CLOSE in wanted else []
    assert barrier.state is State.OPEN
    return asked


LOOSE_WIRE = (1.0, CLEAR_FOR + 5 * TURN)
"""A beam that flickers for a second, then seems clear for longer than a close waits."""


@pytest.mark.fault("F23")
def test_nothing_is_closed_between_two_bursts_of_a_flapping_input() -> None:
    assert closes(story(*LOOSE_WIRE)) == []


@pytest.mark.fault("F23")
def test_a_barrier_that_believes_a_flapping_input_is_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gate.barrier, "felt", lambda *_: Flapping())
    assert closes(story(*LOOSE_WIRE)) != []


def test_an_input_that_is_calm_again_is_believed_again() -> None:
    asked = closes(story(1.0, CALM + CLEAR_FOR + 1.0, faults=1))
    assert asked
    assert min(asked) >= 100.0 + 0.9 + CALM


def test_people_who_walk_do_not_flap() -> None:
    barrier, now = Barrier(ARM), 0.0
    for _ in range(20):
        # Two a second, one behind the other: four changes of one beam.
        for beam, stay in ((True, 0.3), (False, 0.2)):
            now += stay
            reading = Reading("g", 1, Position.OPEN, {**OFF, Input.BEAM: beam}, now)
            barrier, _ = step(barrier, reading, now)
            assert barrier.flapping.at(now) == frozenset()


@given(st.lists(st.tuples(st.floats(0.0, 2.0), st.sampled_from([None, False, True]))))
def test_it_flaps_exactly_after_more_than_five_changes_in_a_second(
    looks: list[tuple[float, bool | None]],
) -> None:
    flapping, now, before = Flapping(), 0.0, {Input.BEAM: False}
    changes: list[float] = []
    last = float("-inf")
    for later, says in looks:
        now += later
        after = {} if says is None else {Input.BEAM: says}
        if after.get(Input.BEAM) is not before.get(Input.BEAM):
            changes.append(now)
            if sum(now - at <= WITHIN for at in changes) > MOST:
                last = now
        flapping = felt(flapping, before, after, now)
        assert (Input.BEAM in flapping.at(now)) == (now < last + CALM)
        before = after


@given(st.lists(st.booleans(), max_size=200))
def test_what_is_remembered_is_bounded(says: list[bool]) -> None:
    flapping, before = Flapping(), dict(OFF)
    for number, beam in enumerate(says):
        after = {**OFF, Input.BEAM: beam}
        flapping = felt(flapping, before, after, number * 0.001)
        before = after
    assert len(flapping.changes) <= len(Input) * (MOST + 1)
    assert len(flapping.until) <= len(Input)


def test_a_reading_that_is_stale_still_counts_as_somebody() -> None:
    barrier, _ = step(Barrier(ARM), Reading("g", 1, Position.OPEN, OFF, 1.0), 1.0)
    assert not barrier.occupied(1.0 + FRESH)
    assert barrier.occupied(1.1 + FRESH)
