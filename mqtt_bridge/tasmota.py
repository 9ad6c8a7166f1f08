"""The track of a shop-bought relay with Tasmota: a pulse made in the relay, its state as answer.

Weaker than `kuahu/1` (docs/mqtt.md): no seal, no deadline in the relay, no inputs. The device is
asked for its PulseTime each second. That proves that it is there and that an opening ends by
itself, and it has no side effect; asking for POWER would stop a pulse that is running and leave
the gate open (Tasmota issues 4093, 7810 and 9325: "as designed").
"""

from dataclasses import dataclass, replace
from math import inf
from typing import Self

import msgspec

from models.command import Command, Outcome, Position, Report
from models.sensor import Reading
from models.sign import SignText
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import FRESH, Flaw, Malformed
from mqtt_bridge.track import RelaySpec, Said, Unfit, still_waiting

ASK_EVERY = 1.0
"""Seconds between two questions."""

_MAX_PAYLOAD = 4096
_NO_PULSE = Unfit(
    "has no PulseTime, so that an opening would never end: "
    "set PulseTime1 to 10 (one second) on the device"
)


class _Pulse(msgspec.Struct):
    set: int = msgspec.field(name="Set")


class _Result(msgspec.Struct):
    pulse: _Pulse | None = msgspec.field(name="PulseTime1", default=None)


@dataclass(frozen=True, slots=True)
class TasmotaTrack:
    """What the site knows of one Tasmota relay; `pulse` is its PulseTime1 setting."""

    spec: RelaySpec
    heard_at: float = -inf
    asked_at: float = -inf
    pulse: int = 0
    waiting: tuple[Command, ...] = ()

    @property
    def starts(self) -> int:
        """Zero: such a device does not say when it started."""
        return 0

    def topics(self) -> tuple[str, ...]:
        """Return the device's answers and its last will."""
        device = self._device()
        # A device with one relay says POWER, one with more says POWER1.
        return tuple(
            f"{head}/{device}/{tail}"
            for head, tail in (
                ("stat", "RESULT"),
                ("stat", "POWER"),
                ("stat", "POWER1"),
                ("tele", "LWT"),
            )
        )

    def trouble(self, now: float) -> str:
        """Return why the relay cannot be commanded now; "" when it can."""
        if now - self.heard_at > FRESH:
            return f"is away: no answer from it for {FRESH} seconds"
        return "" if self.pulse > 0 else _NO_PULSE.why

    def last_seq(self, now: float) -> int | None:
        """Return 0 while the relay is there, for it counts nothing; None while it is away."""
        return None if self.trouble(now) else 0

    def order(self, command: Command, now: float) -> tuple[Self, Message] | None:
        """Return the track that waits for the state message, and the pulse; None when away."""
        if self.trouble(now):
            return None
        waiting = (*still_waiting(self.waiting, now), command)
        return replace(self, waiting=waiting), Message(f"cmnd/{self._device()}/POWER1", b"ON")

    def sign(self, text: SignText, now: float) -> None:
        """Return None: such a relay has no display that anybody seals words for."""

    def forget(self, cmd_id: str) -> Self:
        """Return the track that no longer waits for this command."""
        return replace(self, waiting=tuple(c for c in self.waiting if c.cmd_id != cmd_id))

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Said, ...]]:
        """Return the track after an answer, a state or the last will, and what it said."""
        if len(message.payload) > _MAX_PAYLOAD:
            return self, (Malformed(Flaw.TOO_LONG),)
        if message.topic.endswith("/LWT"):
            # The one retained message that is believed, and only when it says "gone".
            gone = message.payload == b"Offline"
            return (replace(self, heard_at=-inf) if gone else self), ()
        if message.retained:
            return self, ()
        if message.topic.endswith("/RESULT"):
            return self._result(message.payload, now)
        return self._power(message.payload, now)

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return the question for PulseTime1, once a second."""
        if now - self.asked_at < ASK_EVERY:
            return self, ()
        question = Message(f"cmnd/{self._device()}/PulseTime1", b"")
        return replace(self, asked_at=now), (question,)

    def lost(self) -> Self:
        """Return the track with its last answer no longer fresh."""
        return replace(self, heard_at=-inf, asked_at=-inf)

    def _device(self) -> str:
        return self.spec.device or self.spec.name

    def _result(self, payload: bytes, now: float) -> tuple[Self, tuple[Said, ...]]:
        try:
            result = msgspec.json.decode(payload, type=_Result)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self, (Malformed(Flaw.SHAPE),)
        if result.pulse is None:
            return self, ()
        after = replace(self, heard_at=now, pulse=result.pulse.set)
        if result.pulse.set <= 0:
            return after, (_NO_PULSE,)
        return after, (Reading(self.spec.name, self.spec.lane, Position.UNKNOWN, {}, now),)

    def _power(self, payload: bytes, now: float) -> tuple[Self, tuple[Said, ...]]:
        waiting = still_waiting(self.waiting, now)
        if payload != b"ON" or not waiting:
            return replace(self, waiting=waiting), ()
        first, *rest = waiting
        report = Report(
            first.cmd_id, self.spec.name, first.lane, Outcome.DONE, Position.UNKNOWN, now
        )
        return replace(self, waiting=tuple(rest)), (report,)


def tasmota_track(spec: RelaySpec) -> TasmotaTrack:
    """Return the track of a device not heard yet."""
    return TasmotaTrack(spec)
