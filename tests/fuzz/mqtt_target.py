"""What comes over MQTT and over the simulator's socket: frames of relays, devices and strangers.

The first byte chooses the topic, the second whether the rest is sealed as its owner would seal it.
"""

from models.command import Action, Command
from models.lane import Drive
from models.sensor import Input, Reading
from mqtt_bridge import relay_core
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import (
    MAX_PAYLOAD,
    Answer,
    Heartbeat,
    Malformed,
    Order,
    claimed_order,
    decode_answer,
    decode_heartbeat,
    decode_order,
    encode_answer,
    encode_heartbeat,
    encode_order,
)
from mqtt_bridge.discovery import mirror
from mqtt_bridge.native import native_track
from mqtt_bridge.relay_core import Actuate, Relay, Senses, Wiring
from mqtt_bridge.seal import RelayKey, Way, seal
from mqtt_bridge.sim_control import obey
from mqtt_bridge.tasmota import tasmota_track
from mqtt_bridge.topics import parse
from mqtt_bridge.track import Profile, RelaySpec, Track
from tests.fuzz.still_gate import StillGate

KEY = RelayKey(bytes(range(32)))
NAME = "gate-1"
EPOCH = "e" * 16
WIRING = Wiring(NAME, 1, Drive.OPEN_CLOSE, KEY, frozenset({Input.LOOP}))
NATIVE = RelaySpec(NAME, 1, Drive.PULSE, key=KEY)
TASMOTA = RelaySpec(NAME, 1, Drive.PULSE, Profile.TASMOTA)
COMMAND = Command("c" * 32, 1, NAME, Action.OPEN, 3, 10.3)


def feed(data: bytes) -> None:
    """Feed one frame to all that could hear it."""
    which, sealed, rest = data[:1], data[1:2] == b"s", data[2:]
    match which:
        case b"h" | b"a":
            _upward(which, seal(KEY, Way.UP, _topic(which), rest) if sealed else rest)
        case b"o":
            _downward(seal(KEY, Way.DOWN, _topic(which), rest) if sealed else rest)
        case b"t":
            _device(rest)
        case b"c":
            reply = obey(StillGate(), rest)  # type: ignore[arg-type]
            assert reply.ok or reply.error
        case _:
            topic = data.decode("utf-8", "surrogateescape")
            named = parse(topic)
            assert named is None or str(named) == topic


def _topic(which: bytes) -> str:
    kind = {b"h": "heartbeat", b"a": "report", b"o": "command"}[which]
    return f"kuahu/1/relay/{NAME}/{kind}"


def _upward(which: bytes, payload: bytes) -> None:
    beat, answer = decode_heartbeat(KEY, NAME, payload), decode_answer(KEY, NAME, payload)
    assert isinstance(beat, Malformed) or isinstance(answer, Malformed), "one seal, two topics"
    if isinstance(beat, Heartbeat):
        assert decode_heartbeat(KEY, NAME, encode_heartbeat(KEY, NAME, beat)) == beat
    if isinstance(answer, Answer):
        assert decode_answer(KEY, NAME, encode_answer(KEY, NAME, answer)) == answer
    track = _hear(native_track(NATIVE), Message(_topic(which), payload))
    ordered = track.order(COMMAND, 10.1)
    if ordered is not None:
        _hear(ordered[0], Message(_topic(which), payload))


def _downward(payload: bytes) -> None:
    order = decode_order(KEY, NAME, payload)
    if isinstance(order, Order):
        assert len(payload) <= MAX_PAYLOAD
        assert decode_order(KEY, NAME, encode_order(KEY, NAME, order)) == order
    claimed_order(payload)
    for retained in (False, True):
        after, effects = relay_core.receive(
            WIRING, Relay(EPOCH, senses=Senses()), payload, 5, retained=retained
        )
        if any(isinstance(one, Actuate) for one in effects):
            assert isinstance(order, Order)
            assert not retained
            assert order.epoch == EPOCH
            assert after.last_seq == order.seq


def _device(rest: bytes) -> None:
    track: Track = tasmota_track(TASMOTA)
    topics = (*track.topics(), "stat/other/RESULT")
    topic = topics[(rest[0] if rest else 0) % len(topics)]
    for retained in (False, True):
        track = _hear(track, Message(topic, rest[1:], retained=retained))
    ordered = track.order(COMMAND, 10.1)
    if ordered is not None:
        _hear(ordered[0], Message(topic, rest[1:]))


def _hear(track: Track, message: Message) -> Track:
    after, said = track.hear(message, 10.0)
    for word in said:
        if isinstance(word, Reading):
            assert all(len(each.payload) <= 4 * MAX_PAYLOAD for each in mirror("s", NATIVE, word))
    return after
