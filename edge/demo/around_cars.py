"""Around cars: the lamps that go on ahead of one and out behind it, and a charger that is cut."""

from collections.abc import Callable

from edge.demo.compound import CHARGER, LAMPS
from edge.demo.lamps import SimulatedLamps
from models.zone import FULL

_CHARGES, _TOO_MUCH = 6.0, 16.0
"""Amperes of an ordinary charger, and more than the socket may give."""


_AHEAD = 1.0
"""Seconds by which lamps may shine before the arm has moved: both are told at the decision."""


class Around:
    """Brings about and reads in the panel's ledger what happens around cars.

    Every deed takes the lane and when its step began (seconds of CLOCK_MONOTONIC), is asked again
    and again, and returns the seconds that it took once the ledger shows it. `arm` has a guard arm
    a socket, `opened_at` says when a lane was opened last.
    """

    def __init__(
        self,
        lamps: SimulatedLamps,
        arm: Callable[[str], bool],
        opened_at: Callable[[int], float],
    ) -> None:
        self._lamps = lamps
        self._arm = arm
        self._opened_at = opened_at
        self._armed = False

    def dark(self) -> bool:
        """Return whether no lamp shines."""
        return self._lamps.dark(LAMPS)

    def lit_after(self, lane: int, _began: float) -> float | None:
        """Return how long after the lane's last opening every lamp was lit, 0 where before it."""
        opened = self._opened_at(lane)
        lit = self._all(FULL, opened - _AHEAD) if opened else None
        return None if lit is None else max(0.0, lit - opened)

    def dark_after(self, lane: int, _began: float) -> float | None:
        """Return how long after they were lit for the last opening every lamp had gone out."""
        opened = self._opened_at(lane)
        lit = self._all(FULL, opened - _AHEAD) if opened else None
        gone = None if lit is None else self._all(0, lit)
        return None if lit is None or gone is None else gone - lit

    def cut_after(self, _lane: int, began: float) -> float | None:
        """Return how long an armed socket gave too much current before it was cut."""
        on = self._lamps.first(CHARGER, FULL, began)
        if on is None:
            if not self._armed:
                self._lamps.plug_in(CHARGER, _CHARGES)
                self._armed = self._arm(CHARGER)
            return None
        self._lamps.plug_in(CHARGER, _TOO_MUCH)
        off = self._lamps.first(CHARGER, 0, on)
        if off is None:
            return None
        self._lamps.plug_in(CHARGER, 0.0)
        self._armed = False
        return off - on

    def _all(self, level: int, since: float) -> float | None:
        """Return when the last of the lamps went to `level` since then, None before that."""
        became = [self._lamps.first(lamp, level, since) for lamp in LAMPS]
        known = [at for at in became if at is not None]
        return max(known) if len(known) == len(became) else None
