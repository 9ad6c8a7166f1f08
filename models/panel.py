"""Panels: relays that switch lamps and sockets, and what they say of themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

KEEP = -1
"""Instead of a level: go on as you are, for as long again; it never switches anything on."""


@dataclass(frozen=True, slots=True)
class Panel:
    """What one such relay last said; `at` is seconds of CLOCK_MONOTONIC here.

    `levels` are its outputs, 0 to 100. Whatever is absent is not wired or cannot be read.
    """

    relay: str
    at: float
    levels: Mapping[str, int] = field(default_factory=dict)
    inputs: Mapping[str, bool] = field(default_factory=dict)
    watts: Mapping[str, float] = field(default_factory=dict)
    amps: Mapping[str, float] = field(default_factory=dict)
