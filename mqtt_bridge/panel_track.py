"""Panel tracks: what the site knows of one relay with lamps or sockets. Pure values.

A kind of panel is one class of this shape and one row in `mqtt_bridge.switchboard`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

from models.panel import Panel
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Malformed
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import relay_name

HOLD = 10.0
"""Seconds for which a panel goes on without a word; then lamps shine and sockets go off."""


class Make(StrEnum):
    """What kind of panel hangs on the wire."""

    KUAHU = "kuahu"
    TASMOTA = "tasmota"
    SHELLY = "shelly"


@dataclass(frozen=True, slots=True)
class PanelSpec:
    """One panel of the site; `sockets` names the outputs that charge, all others are lamps.

    `device` is a shop-bought device's own MQTT topic; the panel's name when left empty.
    """

    name: str
    make: Make = Make.KUAHU
    key: RelayKey | None = field(default=None, repr=False)
    device: str = ""
    lamps: frozenset[str] = frozenset()
    sockets: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        relay_name(self.name)
        if (self.make is Make.KUAHU) != (self.key is not None):
            message = f"relay {self.name}: kuahu/1 needs a key and no other profile has one"
            raise ValueError(message)
        if any(mark in self.device for mark in "+#/\0"):
            message = f"relay {self.name}: topic {self.device!r} may not hold + # or /"
            raise ValueError(message)
        if self.make is not Make.KUAHU and any(not one.isdigit() for one in self.outputs):
            message = f"relay {self.name}: the outputs of a {self.make} device are 1, 2, 3 …"
            raise ValueError(message)

    @property
    def outputs(self) -> frozenset[str]:
        """Every output that is used."""
        return self.lamps | self.sockets

    @property
    def topic(self) -> str:
        """The device's own name in its topics."""
        return self.device or self.name


class PanelTrack(Protocol):
    """What the site knows of one panel. Times are seconds of CLOCK_MONOTONIC."""

    def topics(self) -> tuple[str, ...]:
        """Return the topics to listen to."""

    def trouble(self, now: float) -> str:
        """Return why the panel cannot be told anything now, to follow its name; "" when it can."""

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Panel | Malformed, ...]]:
        """Return the track after a message, and what it said; never raises."""

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return what to ask the panel now, to know how it is."""

    def set(self, levels: Mapping[str, int], now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return what tells the panel its whole state, KEEP or a level an output; () when away."""

    def lost(self) -> Self:
        """Return the track after the broker went away: nothing is known to be fresh."""
