"""Numbers typed at a keypad, over MQTT: sealed ones are believed once, plain ones as they come."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.core.card_desk import CardDesk
from edge.inbox import Inbox, Seen
from models.card import CardRead
from models.command import Position
from models.errors import InputError
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.observation import PinEntered
from models.pin import PinRead, pin_digits
from mqtt_bridge import codec, reader
from mqtt_bridge.access import logins, reader_login
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Flaw, Heartbeat, Malformed, Swipe, Typed
from mqtt_bridge.native import NativeTrack, native_track
from mqtt_bridge.reader import ReaderSpec
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import Kind, RelayTopic
from mqtt_bridge.track import RelaySpec

KEY = RelayKey(bytes(range(32)))
EPOCH = "e" * 16
PIN = "493817"
PLAIN = ReaderSpec("door", 3, Direction.ENTRY)


def heard_track() -> NativeTrack:
    """Return the track of a relay whose heartbeat of tick 5000 came in at 100 s."""
    track = native_track(RelaySpec("gate-1", 1, Drive.HOLD, key=KEY))
    beat = Heartbeat(EPOCH, 5000, 0, Position.CLOSED, {})
    payload = codec.encode_heartbeat(KEY, "gate-1", beat)
    return track.hear(Message(str(RelayTopic("gate-1", Kind.HEARTBEAT)), payload), 100.0)[0]


def sealed(typed: Typed, key: RelayKey = KEY) -> Message:
    payload = codec.encode_typed(key, "gate-1", typed)
    return Message(str(RelayTopic("gate-1", Kind.PIN)), payload)


def test_a_sealed_number_is_believed_once_and_as_old_as_the_relays_clock_says() -> None:
    typed = Typed(EPOCH, 5400, PIN, Direction.EXIT)
    track, said = heard_track().hear(sealed(typed), 100.9)
    assert said == (PinRead(1, "gate-1", PIN, pytest.approx(100.4), Direction.EXIT),)
    assert track.hear(sealed(typed), 101.0)[1] == ()
    assert len(track.hear(sealed(replace(typed, tick=5401)), 101.0)[1]) == 1


@pytest.mark.parametrize(
    "message",
    [
        sealed(Typed("f" * 16, 5400, PIN)),
        replace(sealed(Typed(EPOCH, 5400, PIN)), retained=True),
    ],
)
def test_a_number_of_another_start_or_out_of_the_brokers_memory_is_not_heard(
    message: Message,
) -> None:
    assert heard_track().hear(message, 100.5)[1] == ()


def test_the_site_listens_where_boards_say_numbers() -> None:
    assert str(RelayTopic("gate-1", Kind.PIN)) in heard_track().topics()


def test_a_card_is_no_number_and_a_forged_one_none_either() -> None:
    card = codec.encode_swipe(KEY, "gate-1", Swipe(EPOCH, 5400, "04A2B3C4"))
    moved = Message(str(RelayTopic("gate-1", Kind.PIN)), card)
    assert heard_track().hear(moved, 100.5)[1] == (Malformed(Flaw.SEAL),)
    forged = sealed(Typed(EPOCH, 5400, PIN), RelayKey(bytes(32)))
    assert heard_track().hear(forged, 100.5)[1] == (Malformed(Flaw.SEAL),)


def test_a_plain_keypad_says_a_number_as_of_now() -> None:
    said = reader.heard(PLAIN, reader.typed(PLAIN, PIN), 7.0)
    assert said == PinRead(3, "door", PIN, 7.0, Direction.ENTRY, proved=False)
    assert reader.typed(PLAIN, PIN).payload == b'{"pin":"493817"}'
    card = reader.heard(PLAIN, reader.said(PLAIN, "04A2B3C4"), 7.0)
    assert isinstance(card, CardRead)


@pytest.mark.parametrize(
    ("payload", "flaw"),
    [
        (b"", Flaw.SHAPE),
        (b"493817", Flaw.SHAPE),
        (b'{"pin": 493817}', Flaw.SHAPE),
        (b'{"card": "493817"}', Flaw.SHAPE),
        (b'{"pin": "' + b"4" * 300 + b'"}', Flaw.TOO_LONG),
    ],
)
def test_what_is_no_number_is_said_so(payload: bytes, flaw: Flaw) -> None:
    assert reader.heard(PLAIN, Message(PLAIN.pin_topic, payload), 7.0) == Malformed(flaw)


def test_what_the_broker_kept_of_a_plain_keypad_is_not_heard() -> None:
    assert reader.heard(PLAIN, replace(reader.typed(PLAIN, PIN), retained=True), 7.0) is None


@given(st.binary(max_size=300))
def test_no_bytes_make_a_keypad_raise(payload: bytes) -> None:
    said = reader.heard(PLAIN, Message(PLAIN.pin_topic, payload), 7.0)
    assert isinstance(said, PinRead | Malformed)


def test_only_the_keypads_own_login_may_say_its_numbers() -> None:
    passwords = {"kuahu-site": "a", reader_login("door"): "b"}
    site, keypad = logins((), passwords, readers=(PLAIN,))
    assert keypad.publish == ("kuahu/1/reader/door/card", "kuahu/1/reader/door/pin")
    assert set(keypad.publish) <= set(site.subscribe)
    assert not set(keypad.publish) & set(site.publish)


class _Keeper:
    """A lane that notes what is put before it."""

    def __init__(self, ways: frozenset[Direction]) -> None:
        ways_in = frozenset({Credential.PIN, Credential.PASS})
        self.lane = Lane(3, "door", LaneKind.PEDESTRIAN, ways, Drive.PULSE, ways_in)
        self.inbox = Inbox()

    def seen(self) -> PinEntered | None:
        item = self.inbox.take(0)
        seen = item.observation if isinstance(item, Seen) else None
        return seen if isinstance(seen, PinEntered) else None


def _digest(text: str) -> str:
    try:
        return f"hash of {pin_digits(text)[::-1]}"
    except ValueError as error:
        raise InputError(str(error)) from error


@pytest.mark.parametrize(
    ("ways", "said", "due"),
    [
        (frozenset(Direction), None, Direction.ENTRY),
        (frozenset(Direction), Direction.EXIT, Direction.EXIT),
        (frozenset({Direction.EXIT}), None, Direction.EXIT),
    ],
)
def test_a_number_is_hashed_before_it_reaches_its_lane(
    ways: frozenset[Direction], said: Direction | None, due: Direction
) -> None:
    keeper: Any = _Keeper(ways)
    desk = CardDesk(str, _digest, {3: keeper})
    desk.heard(PinRead(3, "door", "493 817", 7.0, said, proved=False))
    seen = keeper.seen()
    assert (seen.pin, seen.guard, seen.proved) == ("hash of 718394", "", False)
    assert (seen.at.direction, seen.at.camera) == (due, "reader:door")


def test_what_is_no_number_reaches_no_lane(caplog: pytest.LogCaptureFixture) -> None:
    keeper: Any = _Keeper(frozenset(Direction))
    desk = CardDesk(str, _digest, {3: keeper})
    for _ in range(2):
        desk.heard(PinRead(3, "door", "31415", 7.0))
    desk.heard(PinRead(9, "nowhere", PIN, 7.0))
    assert keeper.seen() is None
    assert len(caplog.records) == 1
    assert "31415" not in caplog.text
