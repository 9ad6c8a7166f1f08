"""A panel's own brain: what it does about a setting, and when none comes. Pure.

Rules of this file:
- a setting counts when it is sealed, of this epoch, in time and newer than the last;
- -1 keeps an output as it is and never switches it on;
- when the last setting has run out, each output falls to its rest: lamps shine, sockets go off.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import inf

from models.panel import KEEP
from models.zone import FULL
from mqtt_bridge.codec import Malformed
from mqtt_bridge.panel_codec import PanelBeat, Setting, decode_setting
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import relay_name

MOST_AHEAD_MS = 5000


class Moved(StrEnum):
    """What changed an output."""

    SETTING = "setting"
    RAN_OUT = "ran_out"
    """Nothing was heard for too long."""
    START = "start"


@dataclass(frozen=True, slots=True)
class PanelWiring:
    """What one panel is, and which of its outputs are lamps and which are sockets."""

    panel: str
    key: RelayKey
    lamps: frozenset[str] = frozenset()
    sockets: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        relay_name(self.panel)
        if self.lamps & self.sockets:
            message = f"panel {self.panel}: an output is a lamp or a socket, not both"
            raise ValueError(message)

    @property
    def rest(self) -> dict[str, int]:
        """What the outputs fall to without a word: light, and no current."""
        return dict.fromkeys(sorted(self.lamps), FULL) | dict.fromkeys(sorted(self.sockets), 0)


@dataclass(frozen=True, slots=True)
class PanelState:
    """A panel since it started; `runs_out` is the tick at which its setting ends."""

    epoch: str
    levels: Mapping[str, int] = field(default_factory=dict)
    last_seq: int = 0
    runs_out: float = inf


def started(wiring: PanelWiring, epoch: str) -> PanelState:
    """Return a panel that has just got power: lamps shine, sockets are off."""
    return PanelState(epoch, wiring.rest)


def receive(
    wiring: PanelWiring, state: PanelState, payload: bytes, tick: int, *, retained: bool
) -> PanelState:
    """Return the panel after a message on its setting topic; the same where it does not count."""
    if retained:
        return state
    setting = decode_setting(wiring.key, wiring.panel, payload)
    if isinstance(setting, Malformed) or not _counts(state, setting, tick):
        return state
    own = wiring.lamps | wiring.sockets
    told = {one: to for one, to in setting.levels.items() if one in own and to != KEEP}
    levels = {**state.levels, **told}
    runs_out = tick + setting.hold_ms
    return replace(state, levels=levels, last_seq=setting.seq, runs_out=runs_out)


def timed(wiring: PanelWiring, state: PanelState, tick: int) -> PanelState:
    """Return the panel at `tick`: at rest once its setting has run out."""
    if tick < state.runs_out:
        return state
    return replace(state, levels=wiring.rest, runs_out=inf)


def beat(state: PanelState, tick: int, senses: "PanelSenses") -> PanelBeat:
    """Return what the panel says of itself."""
    return PanelBeat(
        state.epoch,
        tick,
        state.last_seq,
        dict(state.levels),
        dict(senses.inputs),
        dict(senses.watts),
        dict(senses.amps),
    )


@dataclass(frozen=True, slots=True)
class PanelSenses:
    """What a panel's inputs and meters feel; whatever is absent cannot be read."""

    inputs: Mapping[str, bool] = field(default_factory=dict)
    watts: Mapping[str, float] = field(default_factory=dict)
    amps: Mapping[str, float] = field(default_factory=dict)


def _counts(state: PanelState, setting: Setting, tick: int) -> bool:
    in_time = tick <= setting.not_after_tick <= tick + MOST_AHEAD_MS
    return setting.epoch == state.epoch and setting.seq > state.last_seq and in_time
