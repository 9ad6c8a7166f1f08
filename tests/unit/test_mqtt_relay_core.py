"""The brain of a relay: nothing doubled, reordered, late, retained or forged moves a barrier."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.command import Action, Outcome, Position, Refusal
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge import codec, relay_core
from mqtt_bridge.codec import Answer, Order
from mqtt_bridge.relay_core import Actuate, Cause, Effect, Relay, Senses, Tell, Wiring
from mqtt_bridge.seal import RelayKey

KEY = RelayKey(bytes(range(32)))
EPOCH = "e" * 16
WIRING = Wiring("gate-1", 1, Drive.OPEN_CLOSE, KEY)
CLEAR = {Input.LOOP: False, Input.BEAM: False, Input.FIRE: False}


def relay(position: Position = Position.CLOSED, **inputs: bool) -> Relay:
    felt = CLEAR | {Input(name): on for name, on in inputs.items()}
    return Relay(EPOCH, 5, Senses(position, felt))


def order(action: Action = Action.OPEN, seq: int = 6, not_after_tick: int = 1300) -> Order:
    return Order(f"{seq:032x}", 1, action, seq, EPOCH, not_after_tick)


def give(
    order: Order, to: Relay, *, tick: int = 1000, retained: bool = False
) -> tuple[Relay, tuple[Effect, ...]]:
    payload = codec.encode_order(KEY, "gate-1", order)
    return relay_core.receive(WIRING, to, payload, tick, retained=retained)


def moves(effects: tuple[Effect, ...]) -> list[Actuate]:
    return [effect for effect in effects if isinstance(effect, Actuate)]


def answer(effects: tuple[Effect, ...]) -> Answer:
    (said,) = [effect.answer for effect in effects if isinstance(effect, Tell)]
    return said


def refused(effects: tuple[Effect, ...], why: Refusal) -> bool:
    said = answer(effects)
    return not moves(effects) and said.outcome is Outcome.REFUSED and said.why is why


def test_a_good_command_is_done_then_told() -> None:
    after, effects = give(order(), relay())
    assert effects[0] == Actuate(Action.OPEN, Cause.COMMAND, order())
    assert answer(effects) == Answer(order().cmd_id, 6, EPOCH, Outcome.DONE, Position.OPENING)
    assert after.last_seq == 6
    assert after.senses.position is Position.OPENING


def test_the_deadline_itself_is_still_in_time() -> None:
    assert moves(give(order(not_after_tick=1000), relay())[1])
    assert refused(give(order(not_after_tick=999), relay())[1], Refusal.DEADLINE)


def test_a_deadline_too_far_ahead_is_refused() -> None:
    ahead = 1000 + codec.MAX_AHEAD_MS
    assert moves(give(order(not_after_tick=ahead), relay())[1])
    assert refused(give(order(not_after_tick=ahead + 1), relay())[1], Refusal.DEADLINE)


@pytest.mark.parametrize("seq", [1, 4, 5])
def test_a_number_not_above_the_last_is_refused(seq: int) -> None:
    assert refused(give(order(seq=seq), relay())[1], Refusal.SEQ)


def test_another_epoch_is_refused() -> None:
    old = replace(order(), epoch="f" * 16)
    assert refused(give(old, relay())[1], Refusal.EPOCH)


def test_a_retained_command_is_refused_however_good() -> None:
    after, effects = give(order(), relay(), retained=True)
    assert refused(effects, Refusal.RETAINED)
    assert after == relay()


def test_a_wrong_seal_is_refused_by_name() -> None:
    payload = codec.encode_order(RelayKey(bytes(32)), "gate-1", order())
    after, effects = relay_core.receive(WIRING, relay(), payload, 1000, retained=False)
    assert refused(effects, Refusal.MAC)
    assert answer(effects).cmd_id == order().cmd_id
    assert after == relay()


def test_a_command_for_another_lane_is_refused() -> None:
    assert refused(give(replace(order(), lane=2), relay())[1], Refusal.FAULT)


@pytest.mark.parametrize("who", ["loop", "beam"])
def test_a_close_onto_someone_is_refused(who: str) -> None:
    someone = relay(Position.OPEN, **{who: True})
    assert refused(give(order(Action.CLOSE), someone)[1], Refusal.PRESENCE)


@pytest.mark.parametrize("gone", [Input.LOOP, Input.BEAM])
def test_a_presence_wire_that_cannot_be_read_counts_as_someone(gone: Input) -> None:
    inputs = {name: on for name, on in CLEAR.items() if name is not gone}
    blind = Relay(EPOCH, 5, Senses(Position.OPEN, inputs))
    assert refused(give(order(Action.CLOSE), blind)[1], Refusal.PRESENCE)


def test_a_clear_gate_closes() -> None:
    after, effects = give(order(Action.CLOSE), relay(Position.OPEN))
    assert [m.action for m in moves(effects)] == [Action.CLOSE]
    assert after.senses.position is Position.CLOSING


def test_a_fire_blocks_a_close_and_never_an_opening() -> None:
    burning = relay(Position.OPEN, fire=True)
    assert refused(give(order(Action.CLOSE), burning)[1], Refusal.FIRE)
    assert moves(give(order(), burning)[1])


def test_a_fire_wire_that_cannot_be_read_blocks_a_close() -> None:
    inputs = {Input.LOOP: False, Input.BEAM: False}
    blind = Relay(EPOCH, 5, Senses(Position.OPEN, inputs))
    assert refused(give(order(Action.CLOSE), blind)[1], Refusal.FIRE)


@pytest.mark.parametrize("drive", [Drive.PULSE, Drive.HOLD])
def test_a_gate_that_closes_itself_is_never_closed(drive: Drive) -> None:
    wiring = replace(WIRING, drive=drive)
    payload = codec.encode_order(KEY, "gate-1", order(Action.CLOSE))
    gate = relay(Position.OPEN)
    _, effects = relay_core.receive(wiring, gate, payload, 1000, retained=False)
    assert refused(effects, Refusal.FAULT)


def test_without_a_position_wire_no_position_is_claimed() -> None:
    wiring = replace(WIRING, drive=Drive.PULSE, position=False)
    payload = codec.encode_order(KEY, "gate-1", order())
    _, effects = relay_core.receive(wiring, relay(Position.UNKNOWN), payload, 1000, retained=False)
    assert answer(effects).state is Position.UNKNOWN


def test_a_barrier_that_closes_needs_a_presence_input() -> None:
    with pytest.raises(ValueError, match="no presence input"):
        replace(WIRING, presence=frozenset())
    with pytest.raises(ValueError, match="see no presence"):
        replace(WIRING, presence=frozenset({Input.FIRE}))


@pytest.mark.parametrize("position", list(Position))
def test_fire_opens_at_its_first_moment_and_not_again(position: Position) -> None:
    burning = Senses(position, CLEAR | {Input.FIRE: True})
    after, effects = relay_core.sense(WIRING, relay(position), burning)
    assert effects == (Actuate(Action.OPEN, Cause.FIRE),)
    assert relay_core.sense(WIRING, after, burning)[1] == ()


def test_fire_opens_again_when_the_barrier_falls_shut() -> None:
    burning = CLEAR | {Input.FIRE: True}
    standing = Relay(EPOCH, 5, Senses(Position.OPEN, burning))
    falling = Senses(Position.CLOSING, burning)
    assert relay_core.sense(WIRING, standing, falling)[1] == (Actuate(Action.OPEN, Cause.FIRE),)


@pytest.mark.parametrize("who", [Input.LOOP, Input.BEAM])
def test_someone_under_a_closing_arm_lifts_it(who: Input) -> None:
    under = Senses(Position.CLOSING, CLEAR | {who: True})
    _, effects = relay_core.sense(WIRING, relay(Position.CLOSING), under)
    assert effects == (Actuate(Action.OPEN, Cause.REVERSAL),)


@given(st.sampled_from(Position), st.dictionaries(st.sampled_from(Input), st.booleans()))
def test_the_relay_never_closes_by_itself(position: Position, inputs: dict[Input, bool]) -> None:
    _, effects = relay_core.sense(WIRING, relay(Position.OPEN), Senses(position, inputs))
    assert all(move.action is Action.OPEN for move in moves(effects))


def test_a_body_that_cannot_move_says_so() -> None:
    said = answer(give(order(), relay())[1])
    told = relay_core.broken(said)
    assert (told.outcome, told.why, told.state) == (
        Outcome.REFUSED,
        Refusal.FAULT,
        Position.UNKNOWN,
    )
    assert told.cmd_id == said.cmd_id


def test_the_heartbeat_says_what_is_felt() -> None:
    beat = relay_core.heartbeat(relay(Position.OPEN), 77)
    assert (beat.epoch, beat.tick, beat.last_seq, beat.state) == (EPOCH, 77, 5, Position.OPEN)
    assert beat.inputs == CLEAR


deliveries = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 3000), st.booleans(), st.binary(max_size=3)),
    max_size=40,
)


@given(deliveries)
def test_whatever_the_network_does_each_command_moves_once_in_time_in_order(
    network: list[tuple[int, int, bool, bytes]],
) -> None:
    sent = [order(seq=6 + n, not_after_tick=n * 300) for n in range(8)]
    state, moved = relay(), []
    for which, tick, retained, noise in sorted(network, key=lambda delivery: delivery[1]):
        payload = codec.encode_order(KEY, "gate-1", sent[which]) + noise
        state, effects = relay_core.receive(WIRING, state, payload, tick, retained=retained)
        for move in moves(effects):
            assert move.order is not None
            assert not retained
            assert not noise
            assert tick <= move.order.not_after_tick
            moved.append(move.order.seq)
    assert moved == sorted(set(moved))


@given(st.binary(max_size=1100), st.booleans())
def test_no_bytes_move_a_barrier_or_raise(payload: bytes, retained: bool) -> None:
    after, effects = relay_core.receive(WIRING, relay(), payload, 1000, retained=retained)
    assert not moves(effects)
    assert after == relay()


@given(
    st.sampled_from(Action),
    st.dictionaries(st.sampled_from(Input), st.booleans()),
    st.integers(4, 8),
    st.integers(0, 3500),
)
def test_nothing_closes_on_a_lane_that_is_not_known_to_be_clear(
    action: Action, inputs: dict[Input, bool], seq: int, not_after: int
) -> None:
    state = Relay(EPOCH, 5, Senses(Position.OPEN, inputs))
    _, effects = give(order(action, seq, not_after), state)
    if any(move.action is Action.CLOSE for move in moves(effects)):
        assert inputs.get(Input.LOOP) is False
        assert inputs.get(Input.BEAM) is False
        assert inputs.get(Input.FIRE) is False
