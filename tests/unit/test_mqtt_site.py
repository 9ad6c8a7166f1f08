"""What a site renders for its broker and for Home Assistant, and the ledger's file."""

import json
import os
import re
import stat
from dataclasses import fields, replace
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.command import Action, Outcome, Position, Refusal
from models.errors import ConfigError
from models.lane import Drive
from models.sensor import Input, Reading
from models.signal import Signal
from mqtt_bridge import access, codec, discovery, mosquitto, topics
from mqtt_bridge.codec import Answer, Heartbeat, Order
from mqtt_bridge.embedded import covers
from mqtt_bridge.ledger import Entry, Ledger, read_ledger
from mqtt_bridge.mosquitto import Listener
from mqtt_bridge.relay_core import Cause
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import Kind, RelayTopic
from mqtt_bridge.track import Profile, RelaySpec

KEY = RelayKey(bytes(range(32)))
GATE = RelaySpec("gate-1", 1, Drive.OPEN_CLOSE, key=KEY)
DOOR = RelaySpec("door-1", 2, Drive.HOLD, Profile.TASMOTA, device="tasmota_1")
NAMES = [access.SITE, access.WATCH, "relay-gate-1", "relay-door-1"]
LOGINS = access.logins((GATE, DOOR), dict.fromkeys(NAMES, "hush"))
HANDBOOK = Path(__file__).parents[2] / "docs" / "mqtt.md"


def config(listener: Listener | None = None) -> str:
    return mosquitto.render_config(listener or Listener(), Path("/etc/p"), Path("/etc/a"))


@pytest.mark.parametrize(
    "line",
    [
        "allow_anonymous false",
        "set_tcp_nodelay true",
        "persistence false",
        "queue_qos0_messages false",
        "max_queued_messages 20",
        "max_packet_size 4096",
        "message_size_limit 4096",
        "password_file /etc/p",
        "acl_file /etc/a",
        "listener 1883 127.0.0.1",
    ],
)
def test_the_shipped_configuration_says(line: str) -> None:
    assert line in config().splitlines()


def test_tls_and_client_certificates_are_asked_for_by_name() -> None:
    secure = Listener("0.0.0.0", 8883, Path("c.pem"), Path("k.pem"), Path("ca.pem"))
    lines = config(secure).splitlines()
    for line in ("certfile c.pem", "keyfile k.pem", "cafile ca.pem", "require_certificate true"):
        assert line in lines
    assert "user" not in {line.split()[0] for line in lines}


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"host": "0.0.0.0"}, "without TLS"),
        ({"cert": Path("c")}, "both cert and key"),
        ({"ca": Path("ca")}, "need a TLS listener"),
    ],
)
def test_a_listener_that_would_be_open_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Listener(**wrong)  # type: ignore[arg-type]


def test_the_access_list_names_each_login_once_and_only_its_own_topics() -> None:
    text = mosquitto.render_acl(LOGINS)
    blocks = {block.split("\n")[0]: block.split("\n")[1:] for block in text.split("\n\n")[1:]}
    assert sorted(blocks) == sorted(f"user {name}" for name in NAMES)
    command = RelayTopic("gate-1", Kind.COMMAND)
    assert f"topic write {command}" in blocks[f"user {access.SITE}"]
    assert blocks["user relay-gate-1"] == [
        "topic write kuahu/1/relay/gate-1/heartbeat",
        "topic write kuahu/1/relay/gate-1/report",
        "topic write kuahu/1/relay/gate-1/card",
        "topic write kuahu/1/relay/gate-1/pin",
        "topic read kuahu/1/relay/gate-1/command",
        "topic read kuahu/1/relay/gate-1/sign",
        "topic read kuahu/1/lane/1/signal",
    ]
    writers = [user for user, lines in blocks.items() if f"topic write {command}" in lines]
    assert writers == [f"user {access.SITE}"]
    assert "hush" not in text


def test_every_topic_that_the_bridge_uses_is_granted() -> None:
    site = LOGINS[0]
    said = (
        str(RelayTopic("gate-1", Kind.COMMAND)),
        "cmnd/tasmota_1/POWER1",
        "cmnd/tasmota_1/PulseTime1",
        topics.signal(1),
        discovery.last_event(1, "opened", "resident", "x").topic,
        discovery.presence("gate-1", there=True).topic,
        discovery.offline().topic,
        *(message.topic for message in discovery.site("lake", (GATE, DOOR))),
        *(message.topic for message in discovery.mirror("lake", GATE, reading())),
    )
    for topic in said:
        assert any(covers(granted, topic) for granted in site.publish), topic
    for topic in (*_heard(), discovery.BIRTH):
        assert any(covers(granted, topic) for granted in site.subscribe), topic


def _heard() -> tuple[str, ...]:
    from mqtt_bridge.bridge import PROFILES  # noqa: PLC0415 - only this test needs the bridge

    return tuple(topic for spec in (GATE, DOOR) for topic in PROFILES[spec.profile](spec).topics())


def test_a_login_without_a_password_is_named() -> None:
    with pytest.raises(ValueError, match="relay-door-1"):
        access.logins((GATE, DOOR), {access.SITE: "a", "relay-gate-1": "b"})
    without_watch = access.logins((GATE,), {access.SITE: "a", "relay-gate-1": "b"})
    assert [login.username for login in without_watch] == [access.SITE, "relay-gate-1"]
    assert "hush" not in repr(LOGINS)


@pytest.mark.parametrize(
    ("pattern", "topic", "expected"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/b/c", "a/b", False),
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d", False),
        ("a/#", "a/b/c", True),
        ("a/#", "a/#", True),
        ("a/+", "a/#", False),
        ("a/b", "a/+", False),
        ("a/b", "#", False),
        ("a/+", "a/+", True),
    ],
)
def test_a_pattern_covers_what_lies_within_it(pattern: str, topic: str, *, expected: bool) -> None:
    assert covers(pattern, topic) is expected


words = st.text("ab+#", min_size=1, max_size=2)


@given(st.lists(words, min_size=1, max_size=4), st.lists(st.sampled_from("ab"), max_size=4))
def test_a_subscription_within_a_pattern_hears_nothing_outside_it(
    wanted: list[str], spoken: list[str]
) -> None:
    subscription, topic = "/".join(wanted), "/".join(spoken)
    hears = covers(subscription, topic)
    for pattern in ("a/#", "a/+", "a/b", "+/b"):
        if hears and covers(pattern, subscription):
            assert covers(pattern, topic)


def test_passwords_are_hashed_by_mosquittos_own_tool_and_private(tmp_path: Path) -> None:
    tool = mosquitto_passwd()
    path = tmp_path / "passwords"
    mosquitto.write_passwords(path, LOGINS, tool)
    text = path.read_text()
    assert "hush" not in text
    assert [line.split(":")[0] for line in text.splitlines()] == [x.username for x in LOGINS]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(ConfigError, match="apt install mosquitto"):
        mosquitto.write_passwords(path, LOGINS, "no-such-tool")
    assert not path.exists()


def mosquitto_passwd() -> str:
    found = [d for d in os.get_exec_path() if (Path(d) / "mosquitto_passwd").exists()]
    if not found:
        pytest.skip("mosquitto_passwd is not installed: apt install mosquitto")
    return f"{found[0]}/mosquitto_passwd"


def reading(position: Position = Position.OPEN) -> Reading:
    return Reading("gate-1", 1, position, {Input.LOOP: True, Input.FIRE: False}, 1.0)


def test_home_assistant_gets_everything_to_look_at_and_nothing_to_move() -> None:
    messages = (
        *discovery.site("lake", (GATE, DOOR)),
        *discovery.mirror("lake", GATE, reading()),
    )
    configs = {m.topic: json.loads(m.payload) for m in messages if m.topic.endswith("/config")}
    assert {topic.split("/")[1] for topic in configs} == {"cover", "binary_sensor", "sensor"}
    assert len({body["unique_id"] for body in configs.values()}) == len(configs) == 6
    for topic, body in configs.items():
        assert not [key for key in body if "command" in key or key.startswith("payload_")], topic
        assert body["origin"] == {"name": "Kuahu"}
    assert configs["homeassistant/cover/kuahu_lake/gate-1_barrier/config"]["device_class"] == "gate"
    assert configs["homeassistant/cover/kuahu_lake/door-1_barrier/config"]["device_class"] == "door"
    assert all(message.retained for message in messages)


@given(st.text(max_size=30))
def test_whatever_a_site_is_called_its_topics_are_sound(name: str) -> None:
    for message in (*discovery.site(name, (GATE,)), *discovery.mirror(name, GATE, reading())):
        assert re.fullmatch(r"[a-zA-Z0-9_/-]+", message.topic)
        assert any(covers(granted, message.topic) for granted in LOGINS[0].publish)
        assert len(message.payload) < mosquitto.MAX_PACKET - 200


def test_two_sites_never_share_an_entity() -> None:
    names = ("跨湖", "跨溪", "a b", "a+b", "a_b", "A b")
    told = [{message.topic for message in discovery.site(name, (GATE,))[1:]} for name in names]
    assert len(set().union(*told)) == sum(len(topics) for topics in told)


def test_a_mirrored_reading_says_unknown_where_nothing_is_known() -> None:
    state = discovery.mirror("lake", GATE, replace(reading(Position.UNKNOWN), active={}))
    assert [message.topic for message in state] == [topics.mirror("gate-1")]
    assert json.loads(state[0].payload) == {"position": "None", "inputs": {}}
    template = discovery.mirror("lake", GATE, reading())[0].payload.decode()
    assert "'None'" in template


def test_the_ledger_keeps_each_entry_and_forgets_a_torn_one(tmp_path: Path) -> None:
    entry = Entry(
        *(1.5, "gate-1", 1, Action.OPEN, Cause.COMMAND, "a" * 32, 7, "e" * 16),
        {Input.LOOP: False},
        Position.OPENING,
    )
    own = Entry(
        *(2.5, "gate-1", 1, Action.OPEN, Cause.FIRE, None, None, "e" * 16), {}, Position.OPEN
    )
    path = tmp_path / "deep" / "ledger.jsonl"
    assert read_ledger(path) == ()
    with Ledger(path) as ledger:
        ledger.write(entry)
    with Ledger(path) as ledger:
        ledger.write(own)
    with path.open("ab") as file:
        file.write(b'{"t":3')
    assert read_ledger(path) == (entry, own)


def test_the_handbook_shows_the_configuration_that_is_shipped() -> None:
    text = HANDBOOK.read_text()
    shown = mosquitto.render_config(
        Listener(), Path("/etc/kuahu/mosquitto.passwords"), Path("/etc/kuahu/mosquitto.acl")
    )
    assert f"```\n{shown}```" in text
    for name in (access.SITE, access.WATCH, access.relay_login("NAME")):
        assert f"`{name}`" in text


def test_the_handbooks_vectors_are_what_the_codec_says() -> None:
    epoch, cmd_id = "e" * 16, "a" * 32
    clear = {Input.LOOP: False, Input.BEAM: False, Input.FIRE: False}
    refusal = (Outcome.REFUSED, Position.CLOSED, Refusal.PRESENCE)
    payloads = (
        codec.encode_heartbeat(
            KEY, "gate-1", Heartbeat(epoch, 123456, 7, Position.CLOSED, clear, 2)
        ),
        codec.encode_order(KEY, "gate-1", Order(cmd_id, 1, Action.OPEN, 8, epoch, 123900)),
        codec.encode_answer(KEY, "gate-1", Answer(cmd_id, 8, epoch, *refusal)),
    )
    text = HANDBOOK.read_text()
    for payload in payloads:
        assert f"```\n{payload.decode()}\n```" in text


def test_the_handbook_names_every_word_of_the_wire() -> None:
    text = HANDBOOK.read_text()
    named = [str(RelayTopic("NAME", kind)) for kind in Kind]
    named += [topics.signal(1).replace("1/signal", "N/signal"), topics.availability()]
    named += [topics.mirror("NAME"), topics.last_event(7).replace("7", "N"), discovery.BIRTH]
    named += [*Refusal, *Input, *Signal, *Cause, *Position, *Action]
    named += [field.name for kind in (Heartbeat, Order, Answer) for field in fields(kind)]
    named += [field.name for field in msgspec.structs.fields(Entry)]
    missing = [word for word in named if f"`{word}`" not in text]
    assert missing == []
