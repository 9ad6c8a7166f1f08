"""The gate that does not exist moves as a gate does."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.command import Action, Position
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge import sim_gate
from mqtt_bridge.sim_gate import SimGate, Timing

WIRED = frozenset({Input.LOOP, Input.BEAM, Input.FIRE})
TIMING = Timing(travel=1.0, stay=3.0, walk=0.5)


def gate(drive: Drive = Drive.PULSE) -> SimGate:
    return SimGate(drive, WIRED, TIMING)


def position(of: SimGate, now: float) -> Position:
    return sim_gate.at(of, now).position


def test_a_pulse_opens_and_the_gate_closes_itself() -> None:
    moving = sim_gate.moved(gate(), Action.OPEN, 10.0)
    seen = [position(moving, t) for t in (10.0, 10.99, 11.0, 13.99, 14.0, 14.99, 15.0, 99.0)]
    assert [p.value for p in seen] == [
        *("opening", "opening", "open", "open"),
        *("closing", "closing", "closed", "closed"),
    ]


def test_a_gate_that_waits_to_be_told_stays_open() -> None:
    moving = sim_gate.moved(gate(Drive.OPEN_CLOSE), Action.OPEN, 10.0)
    assert position(moving, 1000.0) is Position.OPEN
    closing = sim_gate.moved(moving, Action.CLOSE, 1000.0)
    assert position(closing, 1000.5) is Position.CLOSING
    assert position(closing, 1001.0) is Position.CLOSED


def test_a_lock_is_free_for_its_time() -> None:
    free = sim_gate.moved(gate(Drive.HOLD), Action.OPEN, 10.0)
    assert position(free, 10.0) is Position.OPEN
    assert position(free, 13.0) is Position.CLOSED


def test_half_a_way_back_takes_half_the_time() -> None:
    opened = sim_gate.at(sim_gate.moved(gate(Drive.OPEN_CLOSE), Action.OPEN, 0.0), 5.0)
    closing = sim_gate.moved(opened, Action.CLOSE, 5.0)
    back = sim_gate.moved(closing, Action.OPEN, 5.4)
    assert position(back, 5.79) is Position.OPENING
    assert position(back, 5.81) is Position.OPEN


@pytest.mark.parametrize("change", [{"standing": True}, {"fire": True}])
@pytest.mark.parametrize("drive", [Drive.PULSE, Drive.HOLD])
def test_a_gate_does_not_close_itself_onto_someone_or_in_a_fire(
    drive: Drive, change: dict[str, bool]
) -> None:
    moving = sim_gate.at(sim_gate.moved(gate(drive), Action.OPEN, 0.0), 1.0)
    held = replace(moving, **change)  # type: ignore[arg-type]
    assert position(held, 500.0) is Position.OPEN


def test_a_person_walks_through_an_open_gate_only() -> None:
    assert sim_gate.walks(gate(), 0.0) is None
    moving = sim_gate.moved(gate(), Action.OPEN, 0.0)
    walking = sim_gate.walks(moving, 1.2)
    assert walking is not None
    assert sim_gate.senses(walking).inputs[Input.BEAM] is True
    assert sim_gate.walks(walking, 1.3) is None
    gone = sim_gate.at(walking, 1.7)
    assert sim_gate.senses(gone).inputs[Input.BEAM] is False
    assert gone.passages == 1


def test_a_cut_wire_is_not_felt_at_all() -> None:
    felt = sim_gate.senses(replace(gate(), cut=frozenset({Input.LOOP})))
    assert set(felt.inputs) == {Input.BEAM, Input.FIRE}


def test_without_a_position_wire_no_position_is_felt() -> None:
    assert sim_gate.senses(replace(gate(), shows_position=False)).position is Position.UNKNOWN


@given(
    st.sampled_from(Drive),
    st.lists(st.tuples(st.sampled_from(Action), st.floats(0, 5)), max_size=8),
    st.lists(st.floats(0, 20), max_size=6),
)
def test_looking_at_a_gate_does_not_change_what_becomes_of_it(
    drive: Drive, moves: list[tuple[Action, float]], looks: list[float]
) -> None:
    watched = unwatched = gate(drive)
    now = 0.0
    for action, wait in moves:
        for look in sorted(looks):
            if look < wait:
                watched = sim_gate.at(watched, now + look)
        now += wait
        watched = sim_gate.moved(watched, action, now)
        unwatched = sim_gate.moved(unwatched, action, now)
    assert position(watched, now + 50) is position(unwatched, now + 50)
    assert 0.0 <= watched.shut <= 1.0
