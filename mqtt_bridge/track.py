"""Tracks: what the site knows of one relay, and how that grows with each message. Pure.

A track is a value; `hear` and `order` return the next one. A relay kind is one class of this
shape and one row in `mqtt_bridge.bridge`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

from models.card import CardRead
from models.command import Command, Report
from models.lane import Drive
from models.pin import PinRead
from models.sensor import Reading
from models.sign import SignText
from mqtt_bridge.broker import Message
from mqtt_bridge.codec import Malformed
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.topics import relay_name

FORGET = 10.0
"""Seconds past its deadline for which a command's report is still worth hearing."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A relay that answers but must not be trusted with a barrier; `why` says so to a person."""

    why: str


Said = Report | Reading | CardRead | PinRead | Malformed | Unfit


class Profile(StrEnum):
    """What kind of relay hangs on the wire."""

    KUAHU = "kuahu"
    TASMOTA = "tasmota"


@dataclass(frozen=True, slots=True)
class RelaySpec:
    """One relay of the site; `key` belongs to the `kuahu` profile and to no other.

    `device` is a shop-bought device's own MQTT topic; the relay's name when left empty.
    """

    name: str
    lane: int
    drive: Drive
    profile: Profile = Profile.KUAHU
    key: RelayKey | None = field(default=None, repr=False)
    device: str = ""

    def __post_init__(self) -> None:
        relay_name(self.name)
        if (self.profile is Profile.KUAHU) != (self.key is not None):
            message = (
                f"relay {self.name}: the kuahu profile needs a key (`kuahu relay add "
                f"{self.name}` makes one) and no other profile has one"
            )
            raise ValueError(message)
        if self.profile is not Profile.KUAHU and self.drive is Drive.OPEN_CLOSE:
            message = (
                f"relay {self.name}: a {self.profile} relay knows no presence inputs and cannot "
                "close a barrier; use drive = pulse or hold"
            )
            raise ValueError(message)
        if any(mark in self.device for mark in "+#/\0"):
            message = f"relay {self.name}: device {self.device!r} may not hold + # or /"
            raise ValueError(message)


class Track(Protocol):
    """What the site knows of one relay. Times are seconds of CLOCK_MONOTONIC."""

    @property
    def spec(self) -> RelaySpec:
        """The relay that is tracked."""

    @property
    def starts(self) -> int:
        """How often the relay was heard to have started anew."""

    def topics(self) -> tuple[str, ...]:
        """Return the topics to listen to."""

    def trouble(self, now: float) -> str:
        """Return why the relay cannot be commanded now, to follow its name; "" when it can."""

    def last_seq(self, now: float) -> int | None:
        """Return the last number that the relay took, or None while it is away."""

    def order(self, command: Command, now: float) -> tuple[Self, Message] | None:
        """Return the track that waits for the command's report, and the message; None when away."""

    def sign(self, text: SignText, now: float) -> Message | None:
        """Return the message that shows `text` on the relay's board; None where there is none."""

    def forget(self, cmd_id: str) -> Self:
        """Return the track that no longer waits for this command."""

    def hear(self, message: Message, now: float) -> tuple[Self, tuple[Said, ...]]:
        """Return the track after a message, and what it said; never raises."""

    def ask(self, now: float) -> tuple[Self, tuple[Message, ...]]:
        """Return what to ask the relay now, to know that it is there."""

    def lost(self) -> Self:
        """Return the track after the broker went away: nothing is known to be fresh."""


def closes_itself(spec: RelaySpec) -> bool:
    """Return whether the barrier is never told to close."""
    return spec.drive is not Drive.OPEN_CLOSE


def still_waiting(waiting: tuple[Command, ...], now: float) -> tuple[Command, ...]:
    """Return the commands whose report is still worth hearing."""
    return tuple(command for command in waiting if now < command.deadline + FORGET)
