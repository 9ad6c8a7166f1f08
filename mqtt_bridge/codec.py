"""The relay protocol `kuahu/1`: heartbeat, command and report as values and as exact bytes.

Every payload is a seal (mqtt_bridge.seal) and a JSON body. Decoding returns a value or a
`Malformed`; no bytes whatever make it raise. Keys that are not named here are ignored.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from models.command import Action, Outcome, Position, Refusal
from models.lane import MAX_LANE, Direction
from models.sensor import Input
from mqtt_bridge.seal import RelayKey, Way, seal, unseal, unsealed
from mqtt_bridge.topics import Kind, RelayTopic

MAX_PAYLOAD = 1024
"""Bytes; anything longer is refused unread."""

FRESH = 2.5
"""Seconds after which a relay that was not heard is away."""

MAX_AHEAD_MS = 2000
"""A command whose deadline lies further ahead is refused: nobody may stock up on openings."""

CmdId = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
Epoch = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{16}$", max_length=16)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """What a relay says of itself each second and at each change.

    `epoch` is 16 hex digits drawn when the relay starts; `tick` its monotonic milliseconds.
    An input that is absent is not wired or cannot be read, which is never "clear".
    """

    epoch: Epoch
    tick: Count
    last_seq: Count
    state: Position
    inputs: dict[Input, bool]
    passages: Count = 0


@dataclass(frozen=True, slots=True)
class Order:
    """A command as the relay gets it: to be done before the relay's own `not_after_tick`."""

    cmd_id: CmdId
    lane: Annotated[int, msgspec.Meta(ge=1, le=MAX_LANE)]
    action: Action
    seq: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    epoch: Epoch
    not_after_tick: Count


@dataclass(frozen=True, slots=True)
class Answer:
    """What a relay says of one command: done, or refused and `why`; `state` is where it got to."""

    cmd_id: CmdId
    seq: Count
    epoch: Epoch
    outcome: Outcome
    state: Position
    why: Refusal | None = None

    def __post_init__(self) -> None:
        if self.outcome not in (Outcome.DONE, Outcome.REFUSED):
            message = f"a relay answers done or refused, not {self.outcome}"
            raise ValueError(message)
        if (self.outcome is Outcome.REFUSED) == (self.why is None):
            message = "a refusal says why, and nothing else does"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Swipe:
    """A card held to the reader on a relay's own board, at the relay's `tick`.

    `direction` is said by a board with a reader on either side, and by no other.
    """

    epoch: Epoch
    tick: Count
    card: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    direction: Direction | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """Digits typed at the keypad on a relay's own board, at the relay's `tick`.

    `direction` is said by a board with a keypad on either side, and by no other.
    """

    epoch: Epoch
    tick: Count
    pin: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    direction: Direction | None = None


class Flaw(StrEnum):
    """Why a payload is no message."""

    TOO_LONG = "too_long"
    SEAL = "seal"
    SHAPE = "shape"


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes that are no message of this protocol."""

    flaw: Flaw


_T = TypeVar("_T", Heartbeat, Order, Answer, Swipe, Typed)


def encode_heartbeat(key: RelayKey, relay: str, heartbeat: Heartbeat) -> bytes:
    """Return the payload for the relay's heartbeat topic."""
    topic = str(RelayTopic(relay, Kind.HEARTBEAT))
    return seal(key, Way.UP, topic, msgspec.json.encode(heartbeat))


def encode_order(key: RelayKey, relay: str, order: Order) -> bytes:
    """Return the payload for the relay's command topic."""
    topic = str(RelayTopic(relay, Kind.COMMAND))
    return seal(key, Way.DOWN, topic, msgspec.json.encode(order))


def encode_answer(key: RelayKey, relay: str, answer: Answer) -> bytes:
    """Return the payload for the relay's report topic."""
    topic = str(RelayTopic(relay, Kind.REPORT))
    return seal(key, Way.UP, topic, msgspec.json.encode(answer))


def encode_swipe(key: RelayKey, relay: str, swipe: Swipe) -> bytes:
    """Return the payload for the relay's card topic."""
    topic = str(RelayTopic(relay, Kind.CARD))
    return seal(key, Way.UP, topic, msgspec.json.encode(swipe))


def decode_swipe(key: RelayKey, relay: str, payload: bytes) -> Swipe | Malformed:
    """Return the card that `payload` says, as heard on the relay's card topic."""
    return _decode(key, Way.UP, RelayTopic(relay, Kind.CARD), payload, Swipe)


def encode_typed(key: RelayKey, relay: str, typed: Typed) -> bytes:
    """Return the payload for the relay's pin topic."""
    topic = str(RelayTopic(relay, Kind.PIN))
    return seal(key, Way.UP, topic, msgspec.json.encode(typed))


def decode_typed(key: RelayKey, relay: str, payload: bytes) -> Typed | Malformed:
    """Return the digits that `payload` says, as heard on the relay's pin topic."""
    return _decode(key, Way.UP, RelayTopic(relay, Kind.PIN), payload, Typed)


def decode_heartbeat(key: RelayKey, relay: str, payload: bytes) -> Heartbeat | Malformed:
    """Return the heartbeat that `payload` is, as heard on the relay's heartbeat topic."""
    return _decode(key, Way.UP, RelayTopic(relay, Kind.HEARTBEAT), payload, Heartbeat)


def decode_order(key: RelayKey, relay: str, payload: bytes) -> Order | Malformed:
    """Return the command that `payload` is, as heard on the relay's command topic."""
    return _decode(key, Way.DOWN, RelayTopic(relay, Kind.COMMAND), payload, Order)


def decode_answer(key: RelayKey, relay: str, payload: bytes) -> Answer | Malformed:
    """Return the report that `payload` is, as heard on the relay's report topic."""
    return _decode(key, Way.UP, RelayTopic(relay, Kind.REPORT), payload, Answer)


def claimed_order(payload: bytes) -> Order | None:
    """Return the command that `payload` claims to be, its seal unchecked: good for a refusal only.

    A refusal that names the command lets its sender stop waiting.
    """
    if len(payload) > MAX_PAYLOAD:
        return None
    return _read(unsealed(payload), Order)


def not_after_tick(heard: Heartbeat, heard_at: float, now: float, deadline: float) -> int:
    """Return the relay's tick after which a command with this deadline must not be done.

    `heard_at`, `now` and `deadline` are seconds of CLOCK_MONOTONIC here. A heartbeat that was
    held up on its way makes the result earlier, never later.
    """
    since = max(0.0, now - heard_at)
    left = max(0.0, deadline - now)
    return heard.tick + int(since * 1000) + min(int(left * 1000), MAX_AHEAD_MS)


def _decode(
    key: RelayKey, way: Way, topic: RelayTopic, payload: bytes, kind: type[_T]
) -> _T | Malformed:
    if len(payload) > MAX_PAYLOAD:
        return Malformed(Flaw.TOO_LONG)
    body = unseal(key, way, str(topic), payload)
    if body is None:
        return Malformed(Flaw.SEAL)
    value = _read(body, kind)
    return Malformed(Flaw.SHAPE) if value is None else value


def _read(body: bytes, kind: type[_T]) -> _T | None:
    try:
        return msgspec.json.decode(body, type=kind, strict=True)
    # RecursionError is how a thousand open brackets end.
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
