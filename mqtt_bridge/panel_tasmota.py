"""The track of a Tasmota device with lamps or sockets: POWER, Dimmer, switches and ENERGY.

Weaker than a `kuahu/1` panel (docs/mqtt.md): no seal, and lamps stay as they are without us. A
socket's PulseTime makes it go off by itself when nothing is said to it; each ON begins it anew.
Sensors and state are asked for with `Status 10` and `Status 11`, which have no side effect.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import inf
from typing import Any, Self

import msgspec

from models.panel import KEEP, Panel
from models.zone import FULL
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Flaw, Malformed
from mqtt_bridge.panel_codec import figure
from mqtt_bridge.panel_track import PanelSpec

ASK_EVERY = 1.0
FRESH = 4.0
"""Seconds without an answer after which the device is away: it is asked each second, twice."""
_MAX_PAYLOAD = 4096
_QUESTIONS = (b"10", b"11")


@dataclass(frozen=True, slots=True)
class TasmotaPanel:
    """What the site knows of one device; `levels` and the rest as its answers had them."""

    spec: PanelSpec
    heard_at: float = -inf
    asked_at: float = -inf
    levels: Mapping[str, int] = field(default_factory=dict)
    inputs: Mapping[str, bool] = field(default_factory=dict)
    watts: Mapping[str, float] = field(default_factory=dict)
    amps: Mapping[str, float] = field(default_factory=dict)

    def topics(self) -> tuple[str, ...]:
        """Return the device's answers, its own reports and its last will."""
        device = self.spec.topic
        stat = ("STATUS10", "STATUS11", "RESULT")
        tele = ("SENSOR", "STATE", "LWT")
        return (
            *(f"stat/{device}/{one}" for one in stat),
            *(f"tele/{device}/{one}" for one in tele),
        )

    def trouble(self, now: float) -> str:
        """Return why the device cannot be told anything now; "" when it can."""
        return "" if now - self.heard_at <= FRESH else f"is away: no answer from it for {FRESH} s"

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Panel | Malformed, ...]]:
        """Return the track after an answer, a report or the last will, and what it said."""
        if message.topic.endswith("/LWT"):
            gone = message.payload == b"Offline"
            return (replace(self, heard_at=-inf) if gone else self), ()
        if message.retained:
            return self, ()
        body = _object(message.payload)
        if body is None:
            return self, (Malformed(Flaw.SHAPE),)
        said = body.get("StatusSNS", body.get("StatusSTS", body))
        if not isinstance(said, dict):
            return self, (Malformed(Flaw.SHAPE),)
        after = replace(self, heard_at=now, levels={**self.levels, **self._levels(said)})
        if "ENERGY" in said or any(name.startswith("Switch") for name in said):
            watts, amps = self._energy(said.get("ENERGY"))
            after = replace(after, inputs=_switches(said), watts=watts, amps=amps)
        told = Panel(self.spec.name, now, after.levels, after.inputs, after.watts, after.amps)
        return after, (told,)

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return the questions for sensors and state, once a second."""
        if now - self.asked_at < ASK_EVERY:
            return self, ()
        topic = f"cmnd/{self.spec.topic}/Status"
        return replace(self, asked_at=now), tuple(Message(topic, one) for one in _QUESTIONS)

    def set(self, levels: Mapping[str, int], now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return what sets each output; nothing for a lamp that is as it should be."""
        if self.trouble(now):
            return self, ()
        said = (self._set(output, level) for output, level in sorted(levels.items()))
        return self, tuple(message for message in said if message is not None)

    def lost(self) -> Self:
        """Return the track with its last answer no longer fresh."""
        return replace(self, heard_at=-inf, asked_at=-inf)

    def _set(self, output: str, level: int) -> Message | None:
        known = self.levels.get(output)
        head = f"cmnd/{self.spec.topic}"
        if level == KEEP:
            # ON begins the PulseTime anew; it is not said to a socket that is off.
            return Message(f"{head}/POWER{output}", b"ON") if known else None
        if known == level:
            return None
        if level in (0, FULL):
            if level and known not in (None, 0) and output in self.spec.lamps:
                return Message(f"{head}/Dimmer{output}", str(FULL).encode())
            return Message(f"{head}/POWER{output}", b"ON" if level else b"OFF")
        return Message(f"{head}/Dimmer{output}", str(level).encode())

    def _levels(self, said: dict[str, Any]) -> dict[str, int]:
        found = {}
        for output in self.spec.outputs:
            power = said.get(f"POWER{output}", said.get("POWER") if output == "1" else None)
            dimmer = said.get(f"Dimmer{output}", said.get("Dimmer") if output == "1" else None)
            if power == "OFF":
                found[output] = 0
            elif power == "ON":
                found[output] = dimmer if type(dimmer) is int and 0 < dimmer <= FULL else FULL
        return found

    def _energy(self, energy: object) -> tuple[dict[str, float], dict[str, float]]:
        if not isinstance(energy, dict):
            return {}, {}
        return self._each(energy.get("Power")), self._each(energy.get("Current"))

    def _each(self, figures: object) -> dict[str, float]:
        """Return a figure for each output: one for all is told of a device with one output."""
        rows = figures if isinstance(figures, list) else [figures]
        one_for_all = len(rows) == 1 and len(self.spec.outputs) > 1
        found = {}
        for output in self.spec.outputs:
            index = int(output) - 1
            value = rows[index] if not one_for_all and 0 <= index < len(rows) else None
            if (number := figure(value)) is not None:
                found[output] = number
        return found


def _switches(said: dict[str, Any]) -> dict[str, bool]:
    return {
        name.lower(): value == "ON"
        for name, value in said.items()
        if name.startswith("Switch") and value in ("ON", "OFF")
    }


def _object(payload: bytes) -> dict[str, Any] | None:
    if len(payload) > _MAX_PAYLOAD:
        return None
    try:
        body = msgspec.json.decode(payload)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def tasmota_panel(spec: PanelSpec) -> TasmotaPanel:
    """Return the track of a device not heard yet."""
    return TasmotaPanel(spec)
