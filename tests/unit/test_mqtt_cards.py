"""Cards over MQTT: sealed ones are believed once and in time, plain ones as they come."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.card import CardRead
from models.command import Position
from models.lane import Direction, Drive
from mqtt_bridge import codec, reader
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Flaw, Heartbeat, Malformed, Swipe
from mqtt_bridge.native import NativeTrack, native_track
from mqtt_bridge.reader import ReaderSpec
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import Kind, RelayTopic
from mqtt_bridge.track import RelaySpec, Said

KEY = RelayKey(bytes(range(32)))
EPOCH, OTHER = "e" * 16, "f" * 16
CARD = "04A2B3C4"
PLAIN = ReaderSpec("shed", 3, Direction.ENTRY)


def heard_track(now: float = 100.0, tick: int = 5000, epoch: str = EPOCH) -> NativeTrack:
    """Return the track of a relay whose heartbeat of `tick` came in at `now`."""
    track = native_track(RelaySpec("gate-1", 1, Drive.HOLD, key=KEY))
    beat = Heartbeat(epoch, tick, 0, Position.CLOSED, {})
    payload = codec.encode_heartbeat(KEY, "gate-1", beat)
    return track.hear(Message(str(RelayTopic("gate-1", Kind.HEARTBEAT)), payload), now)[0]


def swiped(swipe: Swipe, key: RelayKey = KEY, *, retained: bool = False) -> Message:
    payload = codec.encode_swipe(key, "gate-1", swipe)
    return Message(str(RelayTopic("gate-1", Kind.CARD)), payload, retained)


def test_a_sealed_card_is_as_old_as_the_relays_clock_says() -> None:
    swipe = Swipe(EPOCH, 5400, CARD, Direction.EXIT)
    _, said = heard_track().hear(swiped(swipe), 100.9)
    assert said == (CardRead(1, "gate-1", CARD, pytest.approx(100.4), Direction.EXIT),)
    _, held_up = heard_track().hear(swiped(replace(swipe, tick=5000)), 102.4)
    assert [one.at for one in held_up if isinstance(one, CardRead)] == [pytest.approx(100.0)]
    _, ahead = heard_track().hear(swiped(replace(swipe, tick=9000)), 100.5)
    assert [one.at for one in ahead if isinstance(one, CardRead)] == [pytest.approx(100.5)]


def test_a_card_that_is_played_again_is_not_heard() -> None:
    track, first = heard_track().hear(swiped(Swipe(EPOCH, 5400, CARD)), 100.5)
    assert len(first) == 1
    for tick in (5400, 5399, 0):
        track, again = track.hear(swiped(Swipe(EPOCH, tick, CARD)), 100.6)
        assert again == ()
    track, later = track.hear(swiped(Swipe(EPOCH, 5401, CARD)), 100.7)
    assert len(later) == 1


@pytest.mark.parametrize(
    "message",
    [
        swiped(Swipe(OTHER, 5400, CARD)),
        swiped(Swipe(EPOCH, 5400, CARD), retained=True),
    ],
)
def test_a_card_of_another_start_or_out_of_the_brokers_memory_is_not_heard(
    message: Message,
) -> None:
    assert heard_track().hear(message, 100.5)[1] == ()


def test_a_relay_that_is_away_says_no_cards() -> None:
    assert heard_track().hear(swiped(Swipe(EPOCH, 9000, CARD)), 103.0)[1] == ()
    never = native_track(RelaySpec("gate-1", 1, Drive.HOLD, key=KEY))
    assert never.hear(swiped(Swipe(EPOCH, 9000, CARD)), 100.0)[1] == ()


def test_a_card_sealed_with_another_key_is_no_card() -> None:
    forged = swiped(Swipe(EPOCH, 5400, CARD), RelayKey(bytes(32)))
    said: tuple[Said, ...] = heard_track().hear(forged, 100.5)[1]
    assert said == (Malformed(Flaw.SEAL),)


def test_a_heartbeat_is_no_card_and_a_card_no_heartbeat() -> None:
    card = swiped(Swipe(EPOCH, 5400, CARD))
    moved = replace(card, topic=str(RelayTopic("gate-1", Kind.HEARTBEAT)))
    assert heard_track().hear(moved, 100.5)[1] == (Malformed(Flaw.SEAL),)


def test_a_plain_reader_says_a_card_as_of_now() -> None:
    said = reader.heard(PLAIN, reader.said(PLAIN, CARD), 7.0)
    assert said == CardRead(3, "shed", CARD, 7.0, Direction.ENTRY, proved=False)
    more = Message(PLAIN.topic, b'{"card": "04A2B3C4", "battery": 80}')
    assert reader.heard(PLAIN, more, 7.0) == said


@pytest.mark.parametrize(
    ("payload", "flaw"),
    [
        (b"", Flaw.SHAPE),
        (b"{}", Flaw.SHAPE),
        (b'{"card": 5}', Flaw.SHAPE),
        (b"04A2B3C4", Flaw.SHAPE),
        (b"[" * 200, Flaw.SHAPE),
        (b'{"card": "' + b"A" * 300 + b'"}', Flaw.TOO_LONG),
    ],
)
def test_what_is_no_card_is_said_so(payload: bytes, flaw: Flaw) -> None:
    assert reader.heard(PLAIN, Message(PLAIN.topic, payload), 7.0) == Malformed(flaw)


def test_what_the_broker_kept_of_a_plain_reader_is_not_heard() -> None:
    kept = replace(reader.said(PLAIN, CARD), retained=True)
    assert reader.heard(PLAIN, kept, 7.0) is None


@given(st.binary(max_size=300))
def test_no_bytes_make_a_reader_raise(payload: bytes) -> None:
    said = reader.heard(PLAIN, Message(PLAIN.topic, payload), 7.0)
    assert isinstance(said, CardRead | Malformed)
