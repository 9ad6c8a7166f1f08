"""The compound's other gate machines, as far as this one hears them."""

from dataclasses import dataclass
from typing import Final

from mqtt_bridge.uses import MOST_MACHINES

QUIET: Final = 95.0
"""Seconds in which a machine says three times how much it knows, with some to spare."""


@dataclass(frozen=True, slots=True)
class Company:
    """How much is heard of the other machines; without `[uses]` nothing is missed."""

    away: str = ""
    """Why the broker between the machines is not reached; empty where it is."""
    alone: bool = False
    """Nobody else has been heard at all."""
    silent: tuple[str, ...] = ()
    """Machines that were heard and are not any more, by name."""


class Neighbours:
    """Remembers when each machine was last heard; one thread writes and any may ask.

    All moments are seconds of one monotonic clock. While the broker is away nobody can be heard,
    so silence counts from when it let us in.
    """

    def __init__(self) -> None:
        self._heard: dict[str, float] = {}
        self._joined: float | None = None

    def joined(self, now: float) -> None:
        """Hear that the broker let us in."""
        self._joined = now

    def left(self) -> None:
        """Hear that the broker went away."""
        self._joined = None

    def heard(self, machine: str, now: float) -> None:
        """Hear a machine; of those silent for longest only so many are remembered."""
        others = {**self._heard, machine: now}
        newest = sorted(others, key=lambda one: others[one], reverse=True)[:MOST_MACHINES]
        # A new mapping each time: whoever reads the old one meanwhile reads a whole one.
        self._heard = {one: others[one] for one in newest}

    def company(self, broker: str, now: float) -> Company:
        """Return how much is heard of others over `broker`, as it is named to people."""
        joined, heard = self._joined, self._heard
        if joined is None:
            return Company(away=f"{broker} does not let us in")
        if now - joined < QUIET:
            return Company()
        silent = tuple(sorted(one for one, at in heard.items() if now - at >= QUIET))
        return Company(alone=not heard, silent=silent)
