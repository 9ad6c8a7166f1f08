"""Panels and their tracks, message by message: what is sealed, what is lost, what shops sell."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.panel import KEEP, Panel
from mqtt_bridge import panel_codec as codec
from mqtt_bridge import panel_core as core
from mqtt_bridge.access import logins
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import FRESH, Flaw, Malformed
from mqtt_bridge.panel_core import PanelSenses, PanelWiring, started
from mqtt_bridge.panel_discovery import mirror, panel
from mqtt_bridge.panel_native import native_panel
from mqtt_bridge.panel_shelly import shelly_panel
from mqtt_bridge.panel_tasmota import tasmota_panel
from mqtt_bridge.panel_track import HOLD, Make, PanelSpec
from mqtt_bridge.seal import RelayKey

KEY = RelayKey(bytes(range(32)))
SPEC = PanelSpec("garage", Make.KUAHU, KEY, "", frozenset({"hall"}), frozenset({"c1"}))
WIRING = PanelWiring("garage", KEY, frozenset({"hall"}), frozenset({"c1"}))
EPOCH = "e" * 16
TASMOTA = PanelSpec("plug", Make.TASMOTA, None, "sonoff", frozenset({"1"}), frozenset({"2"}))
SHELLY = PanelSpec("plug", Make.SHELLY, None, "shellyplus", frozenset({"1"}), frozenset({"2"}))
DIMMED = {"light:0": {"output": True, "brightness": 40, "apower": 8.5}}
SWITCH = {"switch:1": {"output": False, "apower": 0.0, "current": 0.02}}


def beat(tick: int, levels: Mapping[str, int], *, epoch: str = EPOCH, seq: int = 0) -> Message:
    said = codec.PanelBeat(epoch, tick, seq, dict(levels), {"pir": True}, {"hall": 36.5})
    return Message(codec.beat_topic("garage"), codec.encode_beat(KEY, "garage", said))


def sent(track: object, levels: Mapping[str, int], now: float) -> list[tuple[str, str]]:
    _, messages = track.set(levels, now)  # type: ignore[attr-defined]
    return [(each.topic, each.payload.decode()) for each in messages]


def test_a_panel_does_what_is_set_and_falls_to_rest_without_a_word() -> None:
    track, (said,) = native_panel(SPEC).hear(beat(1000, {"hall": 100, "c1": 0}), 50.0)
    assert said == Panel("garage", 50.0, {"hall": 100, "c1": 0}, {"pir": True}, {"hall": 36.5}, {})
    track, (setting,) = track.set({"hall": 20, "c1": 100}, 50.5)
    state = started(WIRING, EPOCH)
    assert state.levels == {"hall": 100, "c1": 0}
    state = core.receive(WIRING, state, setting.payload, 1600, retained=False)
    assert state.levels == {"hall": 20, "c1": 100}
    assert core.timed(WIRING, state, 1600 + int(HOLD * 1000) - 1) == state
    assert core.timed(WIRING, state, 1600 + int(HOLD * 1000)).levels == {"hall": 100, "c1": 0}


def test_keeping_never_switches_anything_on() -> None:
    track, _ = native_panel(SPEC).hear(beat(1000, {"hall": 0, "c1": 0}), 50.0)
    _, (setting,) = track.set({"hall": 0, "c1": KEEP}, 50.1)
    state = core.receive(WIRING, started(WIRING, EPOCH), setting.payload, 1100, retained=False)
    assert state.levels == {"hall": 0, "c1": 0}


@pytest.mark.parametrize("flaw", ["again", "late", "epoch", "retained", "mac", "early"])
def test_a_setting_that_is_played_again_late_or_forged_counts_for_nothing(flaw: str) -> None:
    track, _ = native_panel(SPEC).hear(beat(1000, {"hall": 0, "c1": 0}), 50.0)
    track, (first,) = track.set({"hall": 0, "c1": 100}, 50.0)
    _, (second,) = track.set({"hall": 0, "c1": 0}, 50.0)
    state = started(WIRING, "f" * 16 if flaw == "epoch" else EPOCH)
    if flaw == "again":
        state = core.receive(WIRING, state, second.payload, 1000, retained=False)
    payload = first.payload[:-2] + b"1}" if flaw == "mac" else first.payload
    tick = {"late": 3001, "early": -4000}.get(flaw, 1000)
    after = core.receive(WIRING, state, payload, tick, retained=flaw == "retained")
    assert after == state
    assert after.levels["c1"] == 0


def test_a_panel_that_starts_anew_is_told_nothing_of_the_old_epoch() -> None:
    track, _ = native_panel(SPEC).hear(beat(9000, {"hall": 0, "c1": 100}), 50.0)
    other = beat(10, {"hall": 100, "c1": 0}, epoch="d" * 16)
    same, said = track.hear(other, 51.0)
    assert (same, said) == (track, ())
    assert track.trouble(50.0 + FRESH + 0.1)
    after, (heard,) = track.hear(other, 53.0)
    assert isinstance(heard, Panel)
    assert heard.levels["c1"] == 0
    played_again, said = after.hear(beat(9000, {"hall": 0, "c1": 100}), 60.0)
    assert (played_again, said) == (after, ())


def test_a_heartbeat_that_is_retained_or_no_heartbeat_is_not_heard() -> None:
    fresh = native_panel(SPEC)
    good = beat(1, {})
    assert fresh.hear(Message(good.topic, good.payload, retained=True), 1.0) == (fresh, ())
    _, said = fresh.hear(Message(good.topic, b"hello"), 1.0)
    assert said == (Malformed(Flaw.SEAL),)
    assert fresh.set({"hall": 100}, 1.0)[1] == ()
    assert fresh.lost().trouble(1.0)


@given(payload=st.binary(max_size=200))
def test_no_bytes_make_a_track_or_a_panel_raise(payload: bytes) -> None:
    state = started(WIRING, EPOCH)
    assert core.receive(WIRING, state, payload, 0, retained=False) == state
    for track in (native_panel(SPEC), tasmota_panel(TASMOTA), shelly_panel(SHELLY)):
        for topic in track.topics():
            _, said = track.hear(Message(topic, payload), 1.0)
            assert all(isinstance(each, Panel | Malformed) for each in said)


def test_a_tasmota_tells_its_switches_its_meter_and_its_state() -> None:
    track = tasmota_panel(TASMOTA)
    sensors = {"StatusSNS": {"Switch1": "ON", "ENERGY": {"Power": [35, 440], "Current": [0.2, 2]}}}
    track, (said,) = track.hear(Message("stat/sonoff/STATUS10", json.dumps(sensors).encode()), 5.0)
    assert isinstance(said, Panel)
    assert (said.inputs, said.watts, said.amps) == (
        {"switch1": True},
        {"1": 35.0, "2": 440.0},
        {"1": 0.2, "2": 2.0},
    )
    state = {"StatusSTS": {"POWER1": "ON", "Dimmer1": 40, "POWER2": "OFF"}}
    track, (said,) = track.hear(Message("stat/sonoff/STATUS11", json.dumps(state).encode()), 5.1)
    assert isinstance(said, Panel)
    assert said.levels == {"1": 40, "2": 0}
    assert sent(track, {"1": 40, "2": KEEP}, 6.0) == []
    assert sent(track, {"1": 100, "2": 100}, 6.0) == [
        ("cmnd/sonoff/Dimmer1", "100"),
        ("cmnd/sonoff/POWER2", "ON"),
    ]
    assert sent(track, {"1": 0}, 6.0) == [("cmnd/sonoff/POWER1", "OFF")]
    assert sent(track, {"1": 20}, 6.0) == [("cmnd/sonoff/Dimmer1", "20")]
    on = {"POWER2": "ON"}
    track, _ = track.hear(Message("stat/sonoff/RESULT", json.dumps(on).encode()), 6.0)
    assert sent(track, {"2": KEEP}, 6.0) == [("cmnd/sonoff/POWER2", "ON")]
    gone, _ = track.hear(Message("tele/sonoff/LWT", b"Offline", retained=True), 6.0)
    assert sent(gone, {"1": 0}, 6.0) == []


def test_one_figure_for_two_outputs_meters_neither() -> None:
    energy = {"StatusSNS": {"ENERGY": {"Power": 475, "Current": -1}}}
    message = Message("stat/sonoff/STATUS10", json.dumps(energy).encode())
    _, (said,) = tasmota_panel(TASMOTA).hear(message, 5.0)
    assert isinstance(said, Panel)
    assert (said.watts, said.amps) == ({}, {})


def test_a_shelly_is_asked_and_switched_by_calls_that_end_by_themselves() -> None:
    track, (question,) = shelly_panel(SHELLY).ask(1.0)
    assert question.topic == "shellyplus/rpc"
    assert json.loads(question.payload)["src"] == "kuahu/1/panel/plug"
    status = {"id": 1, "result": {**DIMMED, **SWITCH, "input:0": {"state": True}, "sys": {}}}
    answer = Message("kuahu/1/panel/plug/rpc", json.dumps(status).encode())
    track, (said,) = track.hear(answer, 2.0)
    assert said == Panel(
        "plug", 2.0, {"1": 40, "2": 0}, {"input1": True}, {"1": 8.5, "2": 0.0}, {"2": 0.02}
    )
    calls = [json.loads(text) for _, text in sent(track, {"1": 100, "2": 100}, 2.5)]
    assert [(each["method"], each["params"]) for each in calls] == [
        ("Light.Set", {"id": 0, "on": True, "brightness": 100}),
        ("Switch.Set", {"id": 1, "on": True, "toggle_after": HOLD}),
    ]
    assert sent(track, {"1": 40, "2": KEEP}, 2.5) == []
    assert shelly_panel(SHELLY).ask(1.0)[0].ask(1.5)[1] == ()
    ok = Message("kuahu/1/panel/plug/rpc", b'{"id":1,"result":{"was_on":false}}')
    assert track.hear(ok, 3.0) == (track, ())


def test_an_output_is_a_number_on_what_shops_sell_and_a_lamp_or_a_socket() -> None:
    with pytest.raises(ValueError, match="outputs of a tasmota device are"):
        PanelSpec("plug", Make.TASMOTA, None, "", frozenset({"hall"}))
    with pytest.raises(ValueError, match="needs a key"):
        PanelSpec("plug", Make.KUAHU)
    with pytest.raises(ValueError, match="not both"):
        PanelWiring("x", KEY, frozenset({"1"}), frozenset({"1"}))


def test_only_the_site_may_set_a_panel_and_a_panel_speaks_for_itself_only() -> None:
    passwords = dict.fromkeys(("kuahu-site", "relay-garage", "relay-plug"), "secret")
    site, garage, plug = logins((), passwords, panels=(SPEC, SHELLY))
    assert garage.publish == ("kuahu/1/panel/garage/heartbeat",)
    assert garage.subscribe == ("kuahu/1/panel/garage/setting",)
    assert plug.publish == ("kuahu/1/panel/plug/rpc", "shellyplus/online")
    assert {*garage.subscribe, *plug.subscribe} <= {*site.publish}
    assert {*garage.publish, *plug.publish} <= {*site.subscribe}


def test_lamps_sockets_and_inputs_appear_in_home_assistant_and_cannot_be_switched_there() -> None:
    said = Panel("garage", 1.0, {"hall": 20}, {"pir": True, "smoke": False}, {"hall": 36.5}, {})
    found = (*panel("小区", SPEC), *mirror("小区", SPEC, said))
    topics = [each.topic for each in found]
    assert len(topics) == len(set(topics))
    bodies = [json.loads(each.payload) for each in found if each.topic.endswith("/config")]
    assert {body["name"] for body in bodies} == {
        "Lamps hall",
        "Socket c1",
        "pir",
        "smoke",
        "Power hall",
    }
    assert not [body for body in bodies if "command_topic" in body]
    assert json.loads(found[-1].payload)["levels"] == {"hall": 20}


def test_a_simulated_beat_says_what_it_feels() -> None:
    state = started(WIRING, EPOCH)
    said = core.beat(state, 7, PanelSenses({"pir": False}, {"hall": 1.0}, {}))
    payload = codec.encode_beat(KEY, "garage", said)
    assert codec.decode_beat(KEY, "garage", payload) == said
