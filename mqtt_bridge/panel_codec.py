"""The panel protocol, part of `kuahu/1`: heartbeat and setting as values and as exact bytes.

A setting is a whole state and good for a while, not a deed: it is said again each second, and the
newest one counts. Decoding returns a value or a `Malformed`; no bytes whatever make it raise.
"""

from dataclasses import dataclass, field
from math import isfinite
from typing import Annotated, TypeVar

import msgspec

from mqtt_bridge.codec import MAX_PAYLOAD, Count, Epoch, Flaw, Malformed
from mqtt_bridge.seal import RelayKey, Way, seal, unseal
from mqtt_bridge.topics import ROOT

MOST_WATTS = 100_000.0
"""More than a panel can carry; a larger figure is noise."""
MOST_HOLD_MS = 60_000

Wire = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]{1,16}$")]
Level = Annotated[int, msgspec.Meta(ge=-1, le=100)]
Power = Annotated[float, msgspec.Meta(ge=0, le=MOST_WATTS)]


@dataclass(frozen=True, slots=True)
class PanelBeat:
    """What a panel says of itself each second and at each change."""

    epoch: Epoch
    tick: Count
    last_seq: Count
    levels: dict[Wire, Level]
    inputs: dict[Wire, bool] = field(default_factory=dict)
    watts: dict[Wire, Power] = field(default_factory=dict)
    amps: dict[Wire, Power] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Setting:
    """What every output shall be: a level, or -1 to go on as it is.

    Good for `hold_ms`, and only when it is heard before the panel's own `not_after_tick`.
    """

    seq: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    epoch: Epoch
    not_after_tick: Count
    hold_ms: Annotated[int, msgspec.Meta(ge=0, le=MOST_HOLD_MS)]
    levels: dict[Wire, Level]


_T = TypeVar("_T", PanelBeat, Setting)


def figure(value: object) -> float | None:
    """Return what a shop-bought meter says in watts or amperes, None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if isfinite(value) and 0 <= value <= MOST_WATTS else None


def beat_topic(panel: str) -> str:
    """Return the topic of a panel's heartbeat."""
    return f"{ROOT}/panel/{panel}/heartbeat"


def setting_topic(panel: str) -> str:
    """Return the topic of a panel's settings."""
    return f"{ROOT}/panel/{panel}/setting"


def encode_beat(key: RelayKey, panel: str, beat: PanelBeat) -> bytes:
    """Return the payload for the panel's heartbeat topic."""
    return seal(key, Way.UP, beat_topic(panel), msgspec.json.encode(beat))


def encode_setting(key: RelayKey, panel: str, setting: Setting) -> bytes:
    """Return the payload for the panel's setting topic."""
    return seal(key, Way.DOWN, setting_topic(panel), msgspec.json.encode(setting))


def decode_beat(key: RelayKey, panel: str, payload: bytes) -> PanelBeat | Malformed:
    """Return the heartbeat that `payload` is."""
    return _decode(key, Way.UP, beat_topic(panel), payload, PanelBeat)


def decode_setting(key: RelayKey, panel: str, payload: bytes) -> Setting | Malformed:
    """Return the setting that `payload` is."""
    return _decode(key, Way.DOWN, setting_topic(panel), payload, Setting)


def _decode(key: RelayKey, way: Way, topic: str, payload: bytes, kind: type[_T]) -> _T | Malformed:
    if len(payload) > MAX_PAYLOAD:
        return Malformed(Flaw.TOO_LONG)
    body = unseal(key, way, topic, payload)
    if body is None:
        return Malformed(Flaw.SEAL)
    try:
        return msgspec.json.decode(body, type=kind, strict=True)
    # RecursionError is how a thousand open brackets end.
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return Malformed(Flaw.SHAPE)
