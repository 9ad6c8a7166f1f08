"""Tracks: what the site believes of a relay, and what it does not."""

import json
import secrets
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.command import Action, Command, Outcome, Position, Refusal, Report
from models.lane import Drive
from models.sensor import Input, Reading
from mqtt_bridge import codec
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.codec import Answer, Flaw, Heartbeat, Malformed
from mqtt_bridge.link import pause
from mqtt_bridge.native import NativeTrack, native_track
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.tasmota import tasmota_track
from mqtt_bridge.topics import Kind, RelayTopic
from mqtt_bridge.track import FORGET, Profile, RelaySpec, Unfit

KEY = RelayKey(bytes(range(32)))
SPEC = RelaySpec("gate-1", 1, Drive.OPEN_CLOSE, key=KEY)
SHOP = RelaySpec("door-1", 2, Drive.PULSE, Profile.TASMOTA, device="tasmota_1")
EPOCH, OLD = "e" * 16, "d" * 16


def beat(tick: int, epoch: str = EPOCH, last_seq: int = 4, **inputs: bool) -> Message:
    felt = {Input(name): on for name, on in inputs.items()}
    heartbeat = Heartbeat(epoch, tick, last_seq, Position.CLOSED, felt, 3)
    payload = codec.encode_heartbeat(KEY, "gate-1", heartbeat)
    return Message(str(RelayTopic("gate-1", Kind.HEARTBEAT)), payload)


def report(cmd_id: str, why: Refusal | None = None, key: RelayKey = KEY) -> Message:
    outcome = Outcome.REFUSED if why else Outcome.DONE
    answer = Answer(cmd_id, 5, EPOCH, outcome, Position.OPENING, why)
    payload = codec.encode_answer(key, "gate-1", answer)
    return Message(str(RelayTopic("gate-1", Kind.REPORT)), payload)


def command(deadline: float = 100.3, relay: str = "gate-1", lane: int = 1) -> Command:
    return Command(secrets.token_hex(16), lane, relay, Action.OPEN, 5, deadline)


def heard(*beats: tuple[Message, float]) -> NativeTrack:
    track = native_track(SPEC)
    for message, at in beats:
        track, _ = track.hear(message, at)
    return track


def test_a_relay_never_heard_is_away() -> None:
    track = native_track(SPEC)
    assert track.last_seq(100.0) is None
    assert track.order(command(), 100.0) is None
    assert "not been heard" in track.trouble(100.0)


def test_a_heartbeat_is_good_for_two_and_a_half_seconds() -> None:
    track = heard((beat(1000), 100.0))
    assert track.last_seq(102.5) == 4
    assert track.last_seq(102.5 + 1e-6) is None
    assert "away" in track.trouble(103.0)


def test_a_heartbeat_becomes_a_reading_of_its_own_time() -> None:
    track, said = native_track(SPEC).hear(beat(1000, beam=True), 100.0)
    assert said == (Reading("gate-1", 1, Position.CLOSED, {Input.BEAM: True}, 100.0, 3, EPOCH),)
    # The next one was two seconds on its way: it shows what was true then, not now.
    _, late = track.hear(beat(2000), 103.0)
    assert isinstance(late[0], Reading)
    assert late[0].at == pytest.approx(101.0)


def test_heartbeats_out_of_a_stalled_broker_do_not_count_as_fresh() -> None:
    track = heard((beat(1000), 100.0), (beat(2000), 109.0))
    assert track.last_seq(109.0) is None
    track, _ = track.hear(beat(10_000), 109.0)
    assert track.last_seq(109.0) == 4


def test_a_clock_that_drifts_or_dozes_is_forgiven_within_a_window() -> None:
    track = heard((beat(0), 100.0))
    for second in range(1, 40):
        track, _ = track.hear(beat(second * 1000), 110.0 + second)
    assert track.last_seq(149.0) == 4


def test_a_heartbeat_played_again_is_not_heard() -> None:
    track = heard((beat(1000), 100.0), (beat(2000), 101.0))
    for old in (beat(1000), beat(2000)):
        assert track.hear(old, 101.5) == (track, ())


def test_another_epoch_is_heard_once_the_last_one_has_been_silent() -> None:
    track = heard((beat(9000, OLD), 100.0))
    assert track.hear(beat(10), 102.5) == (track, ())
    track, said = track.hear(beat(20), 102.6)
    assert len(said) == 1
    assert track.last_seq(102.6) == 4
    ordered = track.order(command(102.9), 102.6)
    assert ordered is not None
    order = codec.decode_order(KEY, "gate-1", ordered[1].payload)
    assert isinstance(order, codec.Order)
    assert order.epoch == EPOCH


def test_an_earlier_start_played_again_changes_nothing_while_the_relay_speaks() -> None:
    track = heard((beat(1000), 100.0))
    for second in range(1, 10):
        assert track.hear(beat(9000 + second, OLD, last_seq=0), 99.9 + second) == (track, ())
        track, said = track.hear(beat(1000 + second * 1000), 100.0 + second)
        assert len(said) == 1
        assert track.last_seq(100.0 + second) == 4


def test_the_relay_comes_back_after_its_earlier_start_was_played_in_a_silence() -> None:
    track = heard((beat(1000), 100.0), (beat(2000), 101.0), (beat(9000, OLD), 104.0))
    # What was heard before is not heard again, and what was played is not for ever.
    for again in (beat(2000), beat(9000, OLD)):
        assert track.hear(again, 107.0) == (track, ())
    track, said = track.hear(beat(8000), 107.0)
    assert len(said) == 1
    assert track.last_seq(107.0) == 4
    assert track.hear(beat(9000, OLD), 120.0) == (track, ())


def test_retained_words_are_not_heard() -> None:
    track = heard((beat(1000), 100.0))
    ordered = track.order(command(), 100.0)
    assert ordered is not None
    track, _ = ordered
    cmd_id = track.waiting[0].cmd_id
    for message in (beat(2000), report(cmd_id)):
        assert track.hear(replace(message, retained=True), 100.1) == (track, ())


def test_a_command_carries_the_relays_own_deadline() -> None:
    ordered = heard((beat(1000), 100.0)).order(command(100.7), 100.4)
    assert ordered is not None
    order = codec.decode_order(KEY, "gate-1", ordered[1].payload)
    assert isinstance(order, codec.Order)
    # 1000 at the heartbeat, 400 ms since, 300 ms left; no rounding may add to it.
    assert 1698 <= order.not_after_tick <= 1700
    assert (order.epoch, order.seq, order.lane) == (EPOCH, 5, 1)
    assert not ordered[1].retained


def test_a_report_is_heard_once_and_only_when_asked_for() -> None:
    ordered = heard((beat(1000), 100.0)).order(command(), 100.0)
    assert ordered is not None
    track, _ = ordered
    cmd_id = track.waiting[0].cmd_id
    assert track.hear(report("f" * 32), 100.1) == (track, ())
    forged = track.hear(report(cmd_id, key=RelayKey(bytes(32))), 100.1)
    assert forged == (track, (Malformed(Flaw.SEAL),))
    track, said = track.hear(report(cmd_id, Refusal.PRESENCE), 100.1)
    assert said == (
        Report(cmd_id, "gate-1", 1, Outcome.REFUSED, Position.OPENING, 100.1, Refusal.PRESENCE),
    )
    assert track.hear(report(cmd_id), 100.2) == (track, ())


def test_a_report_too_late_to_matter_is_not_heard() -> None:
    sent = command(100.3)
    ordered = heard((beat(1000), 100.0)).order(sent, 100.0)
    assert ordered is not None
    assert ordered[0].hear(report(sent.cmd_id), 100.3 + FORGET)[1] == ()
    assert ordered[0].forget(sent.cmd_id).waiting == ()


def test_when_the_broker_goes_nothing_is_fresh() -> None:
    track = heard((beat(1000), 100.0)).lost()
    assert track.last_seq(100.1) is None
    track, _ = track.hear(beat(2000), 101.0)
    assert track.last_seq(101.0) == 4


@given(st.binary(max_size=5000), st.booleans(), st.sampled_from(Kind))
def test_no_bytes_upset_a_native_track(payload: bytes, retained: bool, kind: Kind) -> None:
    track = heard((beat(1000), 100.0))
    after, said = track.hear(Message(str(RelayTopic("gate-1", kind)), payload, retained), 100.1)
    assert after == track
    assert all(isinstance(word, Malformed) for word in said)


def pulse(setting: int) -> Message:
    body = {"PulseTime1": {"Set": setting, "Remaining": 0}, "PulseTime2": {"Set": 0}}
    return Message("stat/tasmota_1/RESULT", json.dumps(body).encode())


def test_a_tasmota_is_there_while_it_answers_with_a_pulse_time() -> None:
    track = tasmota_track(SHOP)
    assert track.last_seq(100.0) is None
    track, said = track.hear(pulse(10), 100.0)
    assert said == (Reading("door-1", 2, Position.UNKNOWN, {}, 100.0),)
    assert track.last_seq(102.5) == 0
    assert track.last_seq(102.6) is None
    unfit, why = track.hear(pulse(0), 101.0)
    assert unfit.last_seq(101.0) is None
    assert isinstance(why[0], Unfit)
    assert "PulseTime1" in unfit.trouble(101.0)


def test_a_tasmota_is_never_asked_for_power_and_only_told_on() -> None:
    track, questions = tasmota_track(SHOP).ask(100.0)
    assert questions == (Message("cmnd/tasmota_1/PulseTime1", b""),)
    assert track.ask(100.9)[1] == ()
    assert track.ask(101.0)[1] != ()
    track, _ = track.hear(pulse(10), 100.1)
    ordered = track.order(command(relay="door-1", lane=2), 100.2)
    assert ordered is not None
    assert ordered[1] == Message("cmnd/tasmota_1/POWER1", b"ON")


@pytest.mark.parametrize("topic", ["POWER", "POWER1"])
def test_a_tasmota_answers_with_its_state(topic: str) -> None:
    track, _ = tasmota_track(SHOP).hear(pulse(10), 100.0)
    sent = command(relay="door-1", lane=2)
    ordered = track.order(sent, 100.1)
    assert ordered is not None
    track, _ = ordered
    state = Message(f"stat/tasmota_1/{topic}", b"ON")
    assert track.hear(replace(state, retained=True), 100.15)[1] == ()
    assert track.hear(replace(state, payload=b"OFF"), 100.15)[1] == ()
    track, said = track.hear(state, 100.2)
    assert said == (Report(sent.cmd_id, "door-1", 2, Outcome.DONE, Position.UNKNOWN, 100.2),)
    assert track.hear(state, 100.3)[1] == ()


def test_a_tasmotas_last_will_is_believed_only_when_it_says_gone() -> None:
    track, _ = tasmota_track(SHOP).hear(pulse(10), 100.0)
    will = Message("tele/tasmota_1/LWT", b"Offline", retained=True)
    assert track.hear(will, 100.1)[0].last_seq(100.1) is None
    fresh = tasmota_track(SHOP).hear(replace(will, payload=b"Online"), 100.1)[0]
    assert fresh.last_seq(100.1) is None


@given(st.binary(max_size=5000), st.sampled_from(["RESULT", "POWER", "POWER1"]))
def test_no_bytes_upset_a_tasmota_track(payload: bytes, tail: str) -> None:
    track, _ = tasmota_track(SHOP).hear(pulse(10), 100.0)
    after, said = track.hear(Message(f"stat/tasmota_1/{tail}", payload), 100.1)
    assert after.heard_at == track.heard_at
    assert not any(isinstance(word, Report) for word in said)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"key": None}, "needs a key"),
        ({"profile": Profile.TASMOTA}, "needs a key"),
        ({"profile": Profile.TASMOTA, "key": None}, "cannot close a barrier"),
        ({"device": "a/#"}, "may not hold"),
        ({"name": "Gate 1"}, "cannot name a relay"),
    ],
)
def test_a_relay_that_cannot_be_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        replace(SPEC, **change)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "half", [{"cert": "a.pem", "tls": True}, {"key": "a.key", "tls": True}, {"ca": "ca.pem"}]
)
def test_half_an_address_is_refused(half: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="cert"):
        BrokerAddress(**half)  # type: ignore[arg-type]


def test_an_address_hides_its_password() -> None:
    assert "hush" not in repr(BrokerAddress(password="hush"))
    assert str(BrokerAddress("broker", 8883, password="hush")) == "broker:8883"


@given(st.integers(0, 10**6), st.floats(0, 1))
def test_the_pause_grows_to_a_limit_and_is_never_under_a_second(tries: int, chance: float) -> None:
    assert 1.0 <= pause(tries, chance) <= 12.0
    assert pause(tries + 1, chance) >= pause(tries, chance)
