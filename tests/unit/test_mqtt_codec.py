"""The codec: what is sealed comes back, what is touched does not, and no bytes make it raise."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.command import Action, Outcome, Position, Refusal
from models.sensor import Input
from mqtt_bridge import codec, topics
from mqtt_bridge.codec import Answer, Flaw, Heartbeat, Malformed, Order
from mqtt_bridge.seal import RelayKey, Way, seal, unseal

KEY = RelayKey(bytes(range(32)))
OTHER = RelayKey(bytes(32))
RELAY = "gate-1"

hexes = st.text("0123456789abcdef", min_size=16, max_size=16)
counts = st.integers(0, 2**53 - 1)
heartbeats = st.builds(
    Heartbeat,
    epoch=hexes,
    tick=counts,
    last_seq=counts,
    state=st.sampled_from(Position),
    inputs=st.dictionaries(st.sampled_from(Input), st.booleans()),
    passages=counts,
)
orders = st.builds(
    Order,
    cmd_id=st.tuples(hexes, hexes).map("".join),
    lane=st.integers(1, 63),
    action=st.sampled_from(Action),
    seq=st.integers(1, 2**53 - 1),
    epoch=hexes,
    not_after_tick=counts,
)
refusals = st.builds(
    Answer,
    cmd_id=st.tuples(hexes, hexes).map("".join),
    seq=counts,
    epoch=hexes,
    outcome=st.just(Outcome.REFUSED),
    state=st.sampled_from(Position),
    why=st.sampled_from(Refusal),
)
bodies = st.one_of(
    st.binary(max_size=1100),
    st.text(string.printable, max_size=200).map(str.encode),
    st.integers(1, 900).map(lambda n: b"[" * n),
    st.integers(1, 150).map(lambda n: b'{"x":' * n),
)


@given(heartbeats)
def test_a_heartbeat_comes_back(heartbeat: Heartbeat) -> None:
    payload = codec.encode_heartbeat(KEY, RELAY, heartbeat)
    assert codec.decode_heartbeat(KEY, RELAY, payload) == heartbeat


@given(orders)
def test_a_command_comes_back(order: Order) -> None:
    payload = codec.encode_order(KEY, RELAY, order)
    assert codec.decode_order(KEY, RELAY, payload) == order
    assert codec.claimed_order(payload) == order


@given(refusals)
def test_a_report_comes_back(answer: Answer) -> None:
    payload = codec.encode_answer(KEY, RELAY, answer)
    assert codec.decode_answer(KEY, RELAY, payload) == answer


@given(orders, st.data())
def test_any_flipped_bit_is_refused(order: Order, data: st.DataObject) -> None:
    payload = bytearray(codec.encode_order(KEY, RELAY, order))
    bit = data.draw(st.integers(0, len(payload) * 8 - 1))
    payload[bit // 8] ^= 1 << bit % 8
    assert codec.decode_order(KEY, RELAY, bytes(payload)) == Malformed(Flaw.SEAL)


@given(orders, st.data())
def test_any_cut_or_addition_is_refused(order: Order, data: st.DataObject) -> None:
    payload = codec.encode_order(KEY, RELAY, order)
    cut = payload[: data.draw(st.integers(0, len(payload) - 1))]
    grown = payload + data.draw(st.binary(min_size=1, max_size=20))
    assert codec.decode_order(KEY, RELAY, cut) == Malformed(Flaw.SEAL)
    assert codec.decode_order(KEY, RELAY, grown) == Malformed(Flaw.SEAL)


@given(orders)
def test_another_key_relay_or_way_is_refused(order: Order) -> None:
    payload = codec.encode_order(KEY, RELAY, order)
    assert codec.decode_order(OTHER, RELAY, payload) == Malformed(Flaw.SEAL)
    assert codec.decode_order(KEY, "gate-2", payload) == Malformed(Flaw.SEAL)
    topic = str(topics.RelayTopic(RELAY, topics.Kind.COMMAND))
    up = seal(KEY, Way.UP, topic, payload[65:])
    assert codec.decode_order(KEY, RELAY, up) == Malformed(Flaw.SEAL)


def test_a_report_cannot_pass_for_a_heartbeat() -> None:
    answer = Answer("a" * 32, 1, "b" * 16, Outcome.DONE, Position.OPEN)
    payload = codec.encode_answer(KEY, RELAY, answer)
    assert codec.decode_heartbeat(KEY, RELAY, payload) == Malformed(Flaw.SEAL)


@given(bodies, st.booleans())
def test_no_bytes_raise_sealed_or_not(body: bytes, sealed: bool) -> None:
    decoders = {
        topics.Kind.HEARTBEAT: (codec.decode_heartbeat, Way.UP),
        topics.Kind.COMMAND: (codec.decode_order, Way.DOWN),
        topics.Kind.REPORT: (codec.decode_answer, Way.UP),
    }
    for kind, (decode, way) in decoders.items():
        topic = str(topics.RelayTopic(RELAY, kind))
        payload = seal(KEY, way, topic, body) if sealed else body
        assert isinstance(decode(KEY, RELAY, payload), Malformed)
    assert codec.claimed_order(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b'{"cmd_id":"%s","lane":1,"action":"open","seq":true,"epoch":"%s","not_after_tick":1}',
        b'{"cmd_id":"%s","lane":1,"action":"open","seq":1.0,"epoch":"%s","not_after_tick":1}',
        b'{"cmd_id":"%s","lane":1,"action":"open","seq":0,"epoch":"%s","not_after_tick":1}',
        b'{"cmd_id":"%s","lane":64,"action":"open","seq":1,"epoch":"%s","not_after_tick":1}',
        b'{"cmd_id":"%s","lane":1,"action":"OPEN","seq":1,"epoch":"%s","not_after_tick":1}',
        b'{"cmd_id":"%s","lane":1,"action":"open","seq":1,"epoch":"%s","not_after_tick":-1}',
        b'{"cmd_id":"%s\\n","lane":1,"action":"open","seq":1,"epoch":"%s","not_after_tick":1}',
        b'{"cmd_id":"%s","lane":1,"action":"open","seq":"1","epoch":"%s","not_after_tick":1}',
    ],
)
def test_a_genuine_seal_on_a_wrong_shape_is_refused(body: bytes) -> None:
    topic = str(topics.RelayTopic(RELAY, topics.Kind.COMMAND))
    payload = seal(KEY, Way.DOWN, topic, body % (b"a" * 32, b"b" * 16))
    assert codec.decode_order(KEY, RELAY, payload) == Malformed(Flaw.SHAPE)


def test_an_answer_is_done_or_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="says why"):
        Answer("a" * 32, 1, "b" * 16, Outcome.REFUSED, Position.OPEN)
    with pytest.raises(ValueError, match="says why"):
        Answer("a" * 32, 1, "b" * 16, Outcome.DONE, Position.OPEN, Refusal.SEQ)
    with pytest.raises(ValueError, match="done or refused"):
        Answer("a" * 32, 1, "b" * 16, Outcome.TIMED_OUT, Position.OPEN)


def test_a_long_payload_is_refused_unread() -> None:
    payload = b"0" * (codec.MAX_PAYLOAD + 1)
    assert codec.decode_heartbeat(KEY, RELAY, payload) == Malformed(Flaw.TOO_LONG)
    assert codec.claimed_order(payload) is None


def test_the_longest_heartbeat_fits() -> None:
    top = 2**53 - 1
    inputs = dict.fromkeys(Input, False)
    longest = Heartbeat("f" * 16, top, top, Position.OPENING, inputs, top)
    assert len(codec.encode_heartbeat(KEY, "g" * 32, longest)) <= codec.MAX_PAYLOAD // 2


def test_keys_that_nobody_named_are_ignored() -> None:
    topic = str(topics.RelayTopic(RELAY, topics.Kind.HEARTBEAT))
    body = b'{"epoch":"%s","tick":1,"last_seq":0,"state":"open","inputs":{},"rssi":-61}'
    heard = codec.decode_heartbeat(KEY, RELAY, seal(KEY, Way.UP, topic, body % (b"b" * 16)))
    assert heard == Heartbeat("b" * 16, 1, 0, Position.OPEN, {})


@given(
    heard_at=st.floats(0, 1e6),
    since=st.floats(0, 2.5),
    left=st.floats(0, 5),
    held_up=st.floats(0, 60),
)
def test_a_heartbeat_held_up_makes_the_deadline_earlier(
    heard_at: float, since: float, left: float, held_up: float
) -> None:
    heartbeat = Heartbeat("b" * 16, 10**6, 0, Position.OPEN, {})
    now = heard_at + since
    prompt = codec.not_after_tick(heartbeat, heard_at, now, now + left)
    late = codec.not_after_tick(heartbeat, heard_at + held_up, now + held_up, now + held_up + left)
    # The relay's true tick when the held-up command is made lies `held_up` further on.
    assert late <= prompt + 2
    assert prompt <= 10**6 + since * 1000 + min(left * 1000, codec.MAX_AHEAD_MS) + 1e-3


def test_a_deadline_already_past_is_no_negative_time() -> None:
    heartbeat = Heartbeat("b" * 16, 5000, 0, Position.OPEN, {})
    assert codec.not_after_tick(heartbeat, 10.0, 10.5, 10.1) == 5500


@given(st.text(max_size=60))
def test_no_topic_raises_and_only_ours_are_named(topic: str) -> None:
    named = topics.parse(topic)
    assert named is None or str(named) == topic


@given(st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", fullmatch=True))
def test_a_relay_topic_comes_back(relay: str) -> None:
    for kind in topics.Kind:
        topic = topics.RelayTopic(relay, kind)
        assert topics.parse(str(topic)) == topic


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a/b", "a+", "#", "a" * 33, "门", "a\n"])
def test_a_name_that_would_break_a_topic_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="cannot name a relay"):
        topics.relay_name(name)
    assert topics.parse(f"kuahu/1/relay/{name}/command") is None


def test_a_topic_that_is_no_text_fails_the_seal_and_nothing_else() -> None:
    assert unseal(KEY, Way.UP, "\udcff", b"0" * 64 + b"\n") is None


def test_a_key_is_parsed_shown_once_and_hidden() -> None:
    assert RelayKey.parse(KEY.hex() + "\n") == KEY
    assert KEY.hex() not in repr(KEY)
    assert repr(KEY.secret) not in repr(KEY)
    for text in ("", "zz", "00" * 31, "00" * 33):
        with pytest.raises(ValueError, match="64 hex digits"):
            RelayKey.parse(text)
