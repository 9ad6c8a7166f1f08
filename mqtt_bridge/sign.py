"""Signs: the words of a lane's display and voice, sealed as commands are (docs/mqtt.md). Pure.

A sign names the relay's epoch and the tick after which it is not shown any more, so that nothing
late or replayed puts an old plate before people. It is never retained and never sent again.
"""

from typing import Annotated

import msgspec

from models.sign import LONGEST_LINE, LONGEST_VOICE, MOST_LINES, SignText
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Count, Epoch, Flaw, Malformed
from mqtt_bridge.seal import RelayKey, Way, seal, unseal
from mqtt_bridge.topics import ROOT

MAX_SIGN = 1024
"""Bytes; anything longer is refused unread."""
SHOW_WITHIN_MS = 2000
"""Milliseconds after which what was said to somebody is not shown to the next one."""

Line = Annotated[str, msgspec.Meta(max_length=LONGEST_LINE)]


class _Wire(msgspec.Struct, frozen=True):
    """The body as it travels."""

    epoch: Epoch
    not_after_tick: Count
    lines: Annotated[tuple[Line, ...], msgspec.Meta(max_length=MOST_LINES)]
    voice: Annotated[str, msgspec.Meta(max_length=LONGEST_VOICE)]
    seconds: Annotated[int, msgspec.Meta(ge=1, le=60)]


def topic(relay: str) -> str:
    """Return the topic of the display and voice on a relay's board."""
    return f"{ROOT}/relay/{relay}/sign"


def encode(key: RelayKey, relay: str, when: tuple[str, int], text: SignText) -> Message:
    """Return the message that shows `text`; `when` is the relay's epoch and its tick now."""
    epoch, tick = when
    body = _Wire(epoch, tick + SHOW_WITHIN_MS, text.lines, text.voice, text.seconds)
    where = topic(relay)
    return Message(where, seal(key, Way.DOWN, where, msgspec.json.encode(body)))


def shown(
    key: RelayKey, relay: str, message: Message, now: tuple[str, int]
) -> SignText | Malformed | None:
    """Return what a display shows of a message; None for one that is retained, late or another's.

    `now` is the relay's epoch and tick.
    """
    if message.retained:
        return None
    if len(message.payload) > MAX_SIGN:
        return Malformed(Flaw.TOO_LONG)
    body = unseal(key, Way.DOWN, topic(relay), message.payload)
    if body is None:
        return Malformed(Flaw.SEAL)
    try:
        said = msgspec.json.decode(body, type=_Wire)
        text = SignText(said.lines, said.voice, said.seconds)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Malformed(Flaw.SHAPE)
    epoch, tick = now
    fresh = said.epoch == epoch and tick <= said.not_after_tick <= tick + 2 * SHOW_WITHIN_MS
    return text if fresh else None
