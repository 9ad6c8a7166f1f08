"""Card readers and keypads of other makers: one plain JSON form on topics of their own. Pure.

`kuahu/1/reader/NAME/card` carries `{"card": "04A2B3C4"}` and `kuahu/1/reader/NAME/pin` carries
`{"pin": "493817"}`, unsealed: who may say them is for the broker's access list alone. A reader or
keypad wired to a `kuahu/1` relay is sealed with the relay's key (mqtt_bridge.codec).
"""

from dataclasses import dataclass

import msgspec

from models.card import CardRead
from models.lane import Direction
from models.pin import PinRead
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Flaw, Malformed
from mqtt_bridge.topics import ROOT, Kind, relay_name

MAX_PAYLOAD = 256


@dataclass(frozen=True, slots=True)
class ReaderSpec:
    """One such reader: where it hangs and which way it lets people go."""

    name: str
    lane: int
    direction: Direction

    def __post_init__(self) -> None:
        relay_name(self.name)

    @property
    def topic(self) -> str:
        """Where it says card numbers."""
        return f"{ROOT}/reader/{self.name}/{Kind.CARD}"

    @property
    def pin_topic(self) -> str:
        """Where it says the digits that were typed."""
        return f"{ROOT}/reader/{self.name}/{Kind.PIN}"

    @property
    def topics(self) -> tuple[str, ...]:
        """Return all that it speaks on."""
        return (self.topic, self.pin_topic)


class _Card(msgspec.Struct, frozen=True):
    """Keys that are not named here are ignored."""

    card: str


class _Pin(msgspec.Struct, frozen=True):
    """Keys that are not named here are ignored."""

    pin: str


def heard(
    reader: ReaderSpec, message: Message, now: float
) -> CardRead | PinRead | Malformed | None:
    """Return the card or the digits that `message` says, None for one that the broker had kept.

    `now` is seconds of CLOCK_MONOTONIC: such a reader says no time of its own.
    """
    if message.retained:
        return None
    if len(message.payload) > MAX_PAYLOAD:
        return Malformed(Flaw.TOO_LONG)
    lane, name, way = reader.lane, reader.name, reader.direction
    try:
        if message.topic == reader.pin_topic:
            digits = msgspec.json.decode(message.payload, type=_Pin).pin
            return PinRead(lane, name, digits, now, way, proved=False)
        number = msgspec.json.decode(message.payload, type=_Card).card
        return CardRead(lane, name, number, now, way, proved=False)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Malformed(Flaw.SHAPE)


def said(reader: ReaderSpec, number: str) -> Message:
    """Return the message with which such a reader says a card."""
    return Message(reader.topic, msgspec.json.encode({"card": number}))


def typed(reader: ReaderSpec, digits: str) -> Message:
    """Return the message with which such a keypad says what was typed."""
    return Message(reader.pin_topic, msgspec.json.encode({"pin": digits}))
