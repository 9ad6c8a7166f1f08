"""The track of a Shelly device (Gen2 and later) with lamps or sockets: RPC over MQTT.

Weaker than a `kuahu/1` panel (docs/mqtt.md): no seal, and lamps stay as they are without us. A
socket is switched on with `toggle_after`, so that it goes off by itself when nothing is said to it.
Output 1 of the site file is `switch:0` there, or `light:0` where it can be dimmed.
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
from mqtt_bridge.panel_track import HOLD, PanelSpec
from mqtt_bridge.topics import ROOT

ASK_EVERY = 1.0
FRESH = 4.0
_MAX_PAYLOAD = 8192


def answer_source(panel: str) -> str:
    """Return the `src` of our questions: the device answers at `SRC/rpc`."""
    return f"{ROOT}/panel/{panel}"


@dataclass(frozen=True, slots=True)
class ShellyPanel:
    """What the site knows of one device, as its last status had it."""

    spec: PanelSpec
    heard_at: float = -inf
    asked_at: float = -inf
    dims: frozenset[str] = frozenset()
    levels: Mapping[str, int] = field(default_factory=dict)

    def topics(self) -> tuple[str, ...]:
        """Return where the device answers, and its last will."""
        return (f"{answer_source(self.spec.name)}/rpc", f"{self.spec.topic}/online")

    def trouble(self, now: float) -> str:
        """Return why the device cannot be told anything now; "" when it can."""
        return "" if now - self.heard_at <= FRESH else f"is away: no answer from it for {FRESH} s"

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Panel | Malformed, ...]]:
        """Return the track after an answer or the last will, and what it said."""
        if message.topic.endswith("/online"):
            gone = message.payload == b"false"
            return (replace(self, heard_at=-inf) if gone else self), ()
        if message.retained or len(message.payload) > _MAX_PAYLOAD:
            return self, ()
        try:
            body = msgspec.json.decode(message.payload)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            body = None
        result = body.get("result") if isinstance(body, dict) else None
        if not isinstance(result, dict):
            return self, (Malformed(Flaw.SHAPE),)
        parts = {name: part for name, part in result.items() if isinstance(part, dict)}
        if not any(name.startswith(("switch:", "light:", "input:")) for name in parts):
            # The answer to a Set: the next status tells what came of it.
            return self, ()
        told = self._told(parts, now)
        dims = frozenset(one for one in self.spec.outputs if f"light:{int(one) - 1}" in parts)
        return replace(self, heard_at=now, dims=dims, levels=told.levels), (told,)

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return the question for its whole status, once a second."""
        if now - self.asked_at < ASK_EVERY:
            return self, ()
        return replace(self, asked_at=now), (self._call("Shelly.GetStatus", {}),)

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
        # A socket that is off is not kept on, and a lamp that is right is left alone.
        if (level == KEEP and not known) or known == level:
            return None
        what: dict[str, object] = {"id": int(output) - 1, "on": level != 0}
        if output in self.spec.sockets and level != 0:
            what["toggle_after"] = HOLD
        if output in self.dims and level > 0:
            what["brightness"] = level
        return self._call("Light.Set" if output in self.dims else "Switch.Set", what)

    def _call(self, method: str, params: dict[str, object]) -> Message:
        source = answer_source(self.spec.name)
        body = {"id": 1, "src": source, "method": method, "params": params}
        return Message(f"{self.spec.topic}/rpc", msgspec.json.encode(body))

    def _told(self, parts: Mapping[str, Mapping[str, Any]], now: float) -> Panel:
        levels: dict[str, int] = {}
        watts: dict[str, float] = {}
        amps: dict[str, float] = {}
        for output in self.spec.outputs:
            index = int(output) - 1
            part = parts.get(f"light:{index}", parts.get(f"switch:{index}", {}))
            if isinstance(on := part.get("output"), bool):
                bright = part.get("brightness", FULL)
                level = bright if type(bright) is int and 0 < bright <= FULL else FULL
                levels[output] = level if on else 0
            for name, figures in (("apower", watts), ("current", amps)):
                if (number := figure(part.get(name))) is not None:
                    figures[output] = number
        inputs = {
            f"input{int(name[6:]) + 1}": part["state"]
            for name, part in parts.items()
            if name.startswith("input:")
            and name[6:].isdigit()
            and isinstance(part.get("state"), bool)
        }
        return Panel(self.spec.name, now, levels, inputs, watts, amps)


def shelly_panel(spec: PanelSpec) -> ShellyPanel:
    """Return the track of a device not heard yet."""
    return ShellyPanel(spec)
