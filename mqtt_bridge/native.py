"""The track of a relay that speaks `kuahu/1`: sealed heartbeats, commands and reports."""

from dataclasses import dataclass, replace
from math import inf
from typing import Self

from models.card import CardRead
from models.command import Command, Report
from models.pin import PinRead
from models.sensor import Reading
from models.sign import SignText
from mqtt_bridge import codec, sign
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Answer, Heartbeat, Malformed, Order, Swipe, Typed
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import Kind, RelayTopic
from mqtt_bridge.track import RelaySpec, Said, still_waiting

_WINDOW = 30
"""How many heartbeats the two clocks are compared over: clocks drift, and some devices doze."""

_EPOCHS = 64
"""How many starts of a relay are remembered."""


@dataclass(frozen=True, slots=True)
class NativeTrack:
    """What the site knows of one `kuahu/1` relay.

    `heard_at` is when the last heartbeat came in. `offsets` are the last differences between our
    clock and the relay's tick; the smallest tells a heartbeat held up on its way from a prompt
    one. `ticks` holds the last tick heard of each epoch, the newest last: a heartbeat played again
    is not heard, and no epoch is shut out for ever, for the one that took its place may have been
    played again too.
    """

    spec: RelaySpec
    key: RelayKey
    last: Heartbeat | None = None
    heard_at: float = -inf
    offsets: tuple[float, ...] = ()
    ticks: tuple[tuple[str, int], ...] = ()
    waiting: tuple[Command, ...] = ()
    starts: int = 0
    swiped: int = -1
    """The tick of the last card or number in the last heartbeat's epoch."""

    def topics(self) -> tuple[str, ...]:
        """Return the relay's own topics."""
        said = (Kind.HEARTBEAT, Kind.REPORT, Kind.CARD, Kind.PIN)
        return tuple(self._topic(kind) for kind in said)

    def trouble(self, now: float) -> str:
        """Return why the relay cannot be commanded now; "" when it can."""
        if self.last is None:
            return "has not been heard yet"
        if now - self._made_at(self.last) > codec.FRESH:
            return f"is away: no fresh word from it for {codec.FRESH} seconds"
        return ""

    def last_seq(self, now: float) -> int | None:
        """Return the last number that the relay took, or None after 2.5 s without a word."""
        return None if self.last is None or self.trouble(now) else self.last.last_seq

    def order(self, command: Command, now: float) -> tuple[Self, Message] | None:
        """Return the track that waits for a report, and the sealed command; None when away."""
        if self.last is None or self.trouble(now):
            return None
        order = Order(
            command.cmd_id,
            command.lane,
            command.action,
            command.seq,
            self.last.epoch,
            codec.not_after_tick(self.last, self.heard_at, now, command.deadline),
        )
        payload = codec.encode_order(self.key, self.spec.name, order)
        waiting = (*still_waiting(self.waiting, now), command)
        return replace(self, waiting=waiting), Message(self._topic(Kind.COMMAND), payload)

    def sign(self, text: SignText, now: float) -> Message | None:
        """Return the sealed sign for the relay's board; None while the relay is away."""
        if self.last is None or self.trouble(now):
            return None
        tick = self.last.tick + int(max(0.0, now - self.heard_at) * 1000)
        return sign.encode(self.key, self.spec.name, (self.last.epoch, tick), text)

    def forget(self, cmd_id: str) -> Self:
        """Return the track that no longer waits for this command."""
        return replace(self, waiting=tuple(c for c in self.waiting if c.cmd_id != cmd_id))

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Said, ...]]:
        """Return the track after a heartbeat or a report, and what it said."""
        if message.retained:
            return self, ()
        if message.topic == self._topic(Kind.HEARTBEAT):
            beat = codec.decode_heartbeat(self.key, self.spec.name, message.payload)
            return self._beat(beat, now) if isinstance(beat, Heartbeat) else (self, (beat,))
        if message.topic == self._topic(Kind.CARD):
            swipe = codec.decode_swipe(self.key, self.spec.name, message.payload)
            return (self, (swipe,)) if isinstance(swipe, Malformed) else self._swipe(swipe, now)
        if message.topic == self._topic(Kind.PIN):
            typed = codec.decode_typed(self.key, self.spec.name, message.payload)
            return (self, (typed,)) if isinstance(typed, Malformed) else self._swipe(typed, now)
        answer = codec.decode_answer(self.key, self.spec.name, message.payload)
        return self._answer(answer, now) if isinstance(answer, Answer) else (self, (answer,))

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return nothing to ask: the relay speaks by itself."""
        del now
        return self, ()

    def lost(self) -> Self:
        """Return the track with its last heartbeat no longer fresh."""
        return replace(self, heard_at=-inf)

    def _topic(self, kind: Kind) -> str:
        return str(RelayTopic(self.spec.name, kind))

    def _made_at(self, beat: Heartbeat) -> float:
        return -inf if self.heard_at == -inf else beat.tick / 1000 + min(self.offsets)

    def _beat(self, beat: Heartbeat, now: float) -> tuple[Self, tuple[Said, ...]]:
        ticks = dict(self.ticks)
        other = self.last is not None and self.last.epoch != beat.epoch
        # Two starts of one relay cannot both be true: the one that still speaks is.
        if other and now - self.heard_at <= codec.FRESH:
            return self, ()
        if beat.tick <= ticks.pop(beat.epoch, -1):
            return self, ()
        ticks[beat.epoch] = beat.tick
        offsets = (*(() if other else self.offsets), now - beat.tick / 1000)[-_WINDOW:]
        kept = tuple(ticks.items())[-_EPOCHS:]
        starts = self.starts + other
        swiped = -1 if other else self.swiped
        after = replace(
            self, last=beat, heard_at=now, offsets=offsets, ticks=kept, starts=starts, swiped=swiped
        )
        at = after._made_at(beat)  # noqa: SLF001 - a value of this very class
        reading = Reading(
            self.spec.name,
            self.spec.lane,
            beat.state,
            dict(beat.inputs),
            at,
            beat.passages,
            beat.epoch,
        )
        return after, (reading,)

    def _swipe(self, swipe: Swipe | Typed, now: float) -> tuple[Self, tuple[Said, ...]]:
        """Hear a card or a number once, as old as the relay's own clock says that it is."""
        if self.last is None or self.trouble(now) or swipe.epoch != self.last.epoch:
            return self, ()
        if swipe.tick <= self.swiped:
            return self, ()
        at = min(now, swipe.tick / 1000 + min(self.offsets))
        where = (self.spec.lane, self.spec.name)
        read: CardRead | PinRead
        if isinstance(swipe, Typed):
            read = PinRead(*where, swipe.pin, at, swipe.direction)
        else:
            read = CardRead(*where, swipe.card, at, swipe.direction)
        return replace(self, swiped=swipe.tick), (read,)

    def _answer(self, answer: Answer, now: float) -> tuple[Self, tuple[Said, ...]]:
        asked = next((c for c in self.waiting if c.cmd_id == answer.cmd_id), None)
        if asked is None or asked not in still_waiting(self.waiting, now):
            return self, ()
        report = Report(
            asked.cmd_id,
            self.spec.name,
            asked.lane,
            answer.outcome,
            answer.state,
            now,
            answer.why,
        )
        return self.forget(asked.cmd_id), (report,)


def native_track(spec: RelaySpec) -> NativeTrack:
    """Return the track of a relay not heard yet.

    Raises ValueError when `spec` has no key.
    """
    if spec.key is None:
        message = f"relay {spec.name} has no key"
        raise ValueError(message)
    return NativeTrack(spec, spec.key)
