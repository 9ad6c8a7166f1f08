"""The zones of a core that behaves: chargers that guards arm, and what was used."""

from collections.abc import Callable
from typing import Any, Protocol

from edge import wire
from tests.fakes.web_state import armed


class Told(Protocol):
    """A core whose site can change."""

    site: wire.Site

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - fields of Site
        """Change how the site is and tell everyone."""


class FakeZones:
    """Answers what the page of lights and chargers asks."""

    def __init__(self, core: Told) -> None:
        self._core = core
        self.armed: list[tuple[str, str]] = []
        """Which sockets guards have armed, and who."""
        self.arms = "armed"
        """What a guard who arms one is answered."""
        self.used: tuple[wire.EnergyLine, ...] = ()
        """What zones used, day by day and month by month."""
        self.answers: dict[type, Callable[[Any], wire.AnyMessage]] = {
            wire.ArmLoad: self._arm,
            wire.Energy: self._energy,
        }

    def _arm(self, ask: wire.ArmLoad) -> wire.AnyMessage:
        self.armed.append((ask.load, ask.guard))
        if self.arms == "armed":
            self._core.change(loads=armed(self._core.site.loads, ask.load))
        return wire.Armed(ask.ref, self.arms)

    def _energy(self, ask: wire.Energy) -> wire.AnyMessage:
        length = len("2026-11") if ask.by_month else len("2026-11-21")
        lines = tuple(each for each in self.used if len(each.when) == length)
        return wire.EnergyIs(ask.ref, lines)
