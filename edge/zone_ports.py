"""What zones and loads need of the world. Adapters satisfy these by shape."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gate.energy import Spent
from models.event import EventKind
from models.moment import Moment

EnergyRow = tuple[date, str, Spent]
"""A day, a zone, and what it used then."""


@dataclass(frozen=True, slots=True)
class LoadNote:
    """What is to be journaled of a load."""

    kind: EventKind
    reason: str
    text: str
    who: str | None = None


class Panels(Protocol):
    """Every relay with lamps or sockets."""

    def set(self, panel: str, levels: Mapping[str, int]) -> bool:
        """Tell a panel its whole state; return whether it was told."""

    def trouble(self, panel: str) -> str:
        """Return why a panel cannot be told anything; "" when it can."""


class ZoneLedger(Protocol):
    """What is kept of zones and loads. What is returned ends with StoreFault when nothing was."""

    def add_energy(self, rows: Sequence[EnergyRow]) -> "Future[int]":
        """Add to what each zone used on each day."""

    def keep_loads(self, states: str, note: LoadNote, now: Moment) -> "Future[int]":
        """Keep how every load stands, and why, in one transaction; the end holds the row's seq."""

    def loads(self) -> str:
        """Return how every load stood when last kept; empty where nothing was.

        Raises StoreFault.
        """
