"""Card readers of other makers: one plain JSON form on a topic of their own. Pure.

`kuahu/1/reader/NAME/card` carries `{"card": "04A2B3C4"}`, unsealed: who may say it is for the
broker's access list alone. A reader wired to a `kuahu/1` relay is sealed with the relay's key
(mqtt_bridge.codec).
"""

from dataclasses import dataclass

import msgspec

from models.card import CardRead
from models.lane import Direction
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Flaw, Malformed
from mqtt_bridge.topics import ROOT, relay_name

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
        return f"{ROOT}/reader/{self.name}/card"


class _Said(msgspec.Struct, frozen=True):
    """Keys that are not named here are ignored."""

    card: str


def heard(reader: ReaderSpec, message: Message, now: float) -> CardRead | Malformed | None:
    """Return the card that `message` says, None for one that the broker had kept.

    `now` is seconds of CLOCK_MONOTONIC: such a reader says no time of its own.
    """
    if message.retained:
        return None
    if len(message.payload) > MAX_PAYLOAD:
        return Malformed(Flaw.TOO_LONG)
    try:
        said = msgspec.json.decode(message.payload, type=_Said)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Malformed(Flaw.SHAPE)
    return CardRead(reader.lane, reader.name, said.card, now, reader.direction, proved=False)


def said(reader: ReaderSpec, number: str) -> Message:
    """Return the message with which such a reader says a card."""
    return Message(reader.topic, msgspec.json.encode({"card": number}))
