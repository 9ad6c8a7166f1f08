"""Uses of passes between the gate machines of one compound: what is said, as exact bytes. Pure.

All of it is on one topic, sealed with the compound's own key (mqtt_bridge.seal), never retained.
What is heard twice, late or in another order changes nothing: uses are a set that only grows.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

import msgspec

from models.lane import MAX_LANE, Direction
from models.visit import UNLIMITED, PassKind, SharedUse
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Count, Flaw, Malformed
from mqtt_bridge.seal import RelayKey, Way, seal, unseal
from mqtt_bridge.topics import ROOT

MAX_PAYLOAD = 4000
"""Bytes; brokers of ours take packets of 4096."""
AT_ONCE = 10
"""Uses in one message."""
MOST_MACHINES = 32

Id = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$", max_length=32)]
Wall = Annotated[datetime, msgspec.Meta(tz=True)]


class UseWord(msgspec.Struct, frozen=True):
    """One use; keys that are not named here are ignored."""

    pass_id: Id
    number: Annotated[int, msgspec.Meta(ge=1, le=2**31)]
    direction: Direction
    lane: Annotated[int, msgspec.Meta(ge=1, le=MAX_LANE)]
    at: Wall
    opened: bool
    kind: PassKind
    allowed: Annotated[int, msgspec.Meta(ge=1, le=UNLIMITED)]
    expires: Wall


@dataclass(frozen=True, slots=True)
class Told:
    """What one machine says: its uses between two events of its journal, or how much it knows.

    `uses` are all that changed after event `since` up to event `upto`. `top` is its newest event
    that made a use, `known` up to which event it knows the uses of each other journal.
    """

    edge: Id
    journal: Id
    since: Count = 0
    upto: Count = 0
    uses: tuple[UseWord, ...] = ()
    top: Count = 0
    known: dict[Id, Count] = field(default_factory=dict)

    def shared(self) -> tuple[SharedUse, ...]:
        """Return the uses in the house's words."""
        return tuple(
            SharedUse(
                one.pass_id,
                self.edge,
                one.number,
                one.direction,
                one.lane,
                one.at,
                one.opened,
                one.kind,
                one.allowed,
                one.expires,
            )
            for one in self.uses
        )


def topic(compound: str) -> str:
    """Return where the machines of a compound tell their uses."""
    return f"{ROOT}/uses/{compound}"


def word_of(use: SharedUse) -> UseWord:
    """Return a use as it is said."""
    return UseWord(
        use.pass_id,
        use.number,
        use.direction,
        use.lane,
        use.at,
        use.opened,
        use.kind,
        use.allowed,
        use.expires,
    )


def said(key: RelayKey, compound: str, told: Told) -> Message:
    """Return the message that says `told`."""
    where = topic(compound)
    return Message(where, seal(key, Way.UP, where, msgspec.json.encode(told)))


def heard(key: RelayKey, compound: str, message: Message) -> Told | Malformed | None:
    """Return what another machine says, None for one that the broker had kept."""
    if message.retained:
        return None
    if len(message.payload) > MAX_PAYLOAD:
        return Malformed(Flaw.TOO_LONG)
    body = unseal(key, Way.UP, topic(compound), message.payload)
    if body is None:
        return Malformed(Flaw.SEAL)
    try:
        told = msgspec.json.decode(body, type=Told)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Malformed(Flaw.SHAPE)
    fits = len(told.known) <= MOST_MACHINES and len(told.uses) <= AT_ONCE
    return told if fits else Malformed(Flaw.SHAPE)
