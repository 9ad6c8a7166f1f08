"""What the lanes need of the world. Adapters satisfy these by shape."""

from collections.abc import Callable
from typing import Protocol

from models.command import Command, Report
from models.moment import Moment
from models.sensor import Reading
from models.signal import Signal


class Clock(Protocol):
    """The one reader of clocks."""

    def now(self) -> Moment:
        """Return this moment."""


Heard = Report | Reading
"""What comes back from a relay."""


class Relays(Protocol):
    """Every relay of the site behind one broker."""

    def last_seq(self, relay: str) -> int | None:
        """Return the last sequence number that `relay` took, or None while it is away."""

    def send(self, command: Command) -> None:
        """Ask once.

        Raises RelayFault at once when the broker or the relay is away.
        """

    def signal(self, lane: int, signal: Signal) -> None:
        """Show an answer on the lane's lamp and buzzer, if it can be done now."""


Hear = Callable[[Heard], None]
