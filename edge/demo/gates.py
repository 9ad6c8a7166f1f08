"""The simulated gates: what was really done there, and who stands or walks in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.command import Action, Position
from models.errors import InputError, RelayFault
from mqtt_bridge.ledger import read_ledger
from mqtt_bridge.relay_core import Cause
from mqtt_bridge.sim_control import Reply, poke


@dataclass(frozen=True, slots=True)
class GateFiles:
    """One simulated gate's control socket and the ledger of what it did."""

    control: Path
    ledger: Path


class SimulatedGates:
    """Every simulated gate by lane number."""

    def __init__(self, files: Mapping[int, GateFiles]) -> None:
        self._files = files

    def openings(self, lane: int, since: float, until: float) -> int:
        """Return how often a command opened the lane between two readings of CLOCK_MONOTONIC."""
        entries = read_ledger(self._files[lane].ledger)
        return sum(
            entry.action is Action.OPEN
            and entry.cause is Cause.COMMAND
            and since <= entry.t <= until
            for entry in entries
        )

    def opened_at(self, lane: int) -> float:
        """Return when a command opened the lane last, by CLOCK_MONOTONIC; 0 where none has."""
        entries = read_ledger(self._files[lane].ledger)
        return max((entry.t for entry in entries if entry.action is Action.OPEN), default=0.0)

    def walk(self, lane: int) -> bool:
        """Let one person through; False where the gate is not open for one.

        Raises RelayFault when the gate does not answer.
        """
        return self._poke(lane, "pass").ok

    def closed(self, lane: int) -> bool:
        """Return whether the lane's gate is shut.

        Raises RelayFault when the gate does not answer.
        """
        state = self._poke(lane, "state").state
        return state is not None and state.position is Position.CLOSED

    def stand(self, lane: int, *, stands: bool) -> None:
        """Let somebody stand under the arm, or go away again.

        Raises RelayFault when the gate does not answer.
        """
        self._poke(lane, "stand" if stands else "leave")

    def fire(self, lane: int, *, on: bool) -> None:
        """Switch the fire input.

        Raises RelayFault when the gate does not answer.
        """
        self._poke(lane, "fire", on=on)

    def _poke(self, lane: int, do: str, *, on: bool = True) -> Reply:
        files = self._files.get(lane)
        if files is None:
            message = f"the demo has no lane {lane}"
            raise InputError(message)
        try:
            return poke(files.control, do, on=on)
        except (OSError, ValueError) as error:
            message = f"the simulated gate of lane {lane} does not answer ({error})"
            raise RelayFault(message, part="demo", advice="start the demo again") from error
