"""The track of a panel that speaks `kuahu/1`: sealed heartbeats and settings that run out."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import Self

from models.panel import Panel
from mqtt_bridge import panel_codec as codec
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import FRESH, Malformed
from mqtt_bridge.panel_codec import PanelBeat, Setting
from mqtt_bridge.panel_track import HOLD, PanelSpec
from mqtt_bridge.seal import RelayKey

GOOD_FOR_MS = 2000
"""Milliseconds of the panel's own clock within which a setting must arrive."""
_EPOCHS = 64


@dataclass(frozen=True, slots=True)
class NativePanel:
    """What the site knows of one `kuahu/1` panel; `ticks` has the last tick of each epoch."""

    spec: PanelSpec
    key: RelayKey
    last: PanelBeat | None = None
    heard_at: float = -inf
    seq: int = 0
    ticks: tuple[tuple[str, int], ...] = ()

    def topics(self) -> tuple[str, ...]:
        """Return the panel's heartbeat."""
        return (codec.beat_topic(self.spec.name),)

    def trouble(self, now: float) -> str:
        """Return why the panel cannot be told anything now; "" when it can."""
        if self.last is None:
            return "has not been heard yet"
        return "" if now - self.heard_at <= FRESH else f"is away: no word from it for {FRESH} s"

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Panel | Malformed, ...]]:
        """Return the track after a heartbeat, and what it said."""
        if message.retained:
            return self, ()
        beat = codec.decode_beat(self.key, self.spec.name, message.payload)
        if isinstance(beat, Malformed):
            return self, (beat,)
        ticks = dict(self.ticks)
        other = self.last is not None and self.last.epoch != beat.epoch
        # As with a barrier's relay: of two starts the one that still speaks is true.
        if (other and not self.trouble(now)) or beat.tick <= ticks.pop(beat.epoch, -1):
            return self, ()
        ticks[beat.epoch] = beat.tick
        after = replace(self, last=beat, heard_at=now, ticks=tuple(ticks.items())[-_EPOCHS:])
        said = Panel(self.spec.name, now, beat.levels, beat.inputs, beat.watts, beat.amps)
        return after, (said,)

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return nothing to ask: the panel speaks by itself."""
        del now
        return self, ()

    def set(self, levels: Mapping[str, int], now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return the sealed setting, newer than all before it; () when the panel is away."""
        if self.last is None or self.trouble(now):
            return self, ()
        seq = max(self.seq, self.last.last_seq) + 1
        since = int((now - self.heard_at) * 1000)
        not_after = self.last.tick + since + GOOD_FOR_MS
        setting = Setting(seq, self.last.epoch, not_after, int(HOLD * 1000), dict(levels))
        payload = codec.encode_setting(self.key, self.spec.name, setting)
        return replace(self, seq=seq), (Message(codec.setting_topic(self.spec.name), payload),)

    def lost(self) -> Self:
        """Return the track with its last heartbeat no longer fresh."""
        return replace(self, heard_at=-inf)


def native_panel(spec: PanelSpec) -> NativePanel:
    """Return the track of a panel not heard yet."""
    assert spec.key is not None
    return NativePanel(spec, spec.key)
