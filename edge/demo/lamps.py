"""The simulated lamps and chargers: what they really did, and what hangs on them."""

import socket
from collections.abc import Iterable
from pathlib import Path

import msgspec

from models.errors import RelayFault
from mqtt_bridge.panel_control import PanelPoke, PanelReply
from mqtt_bridge.sim_panel import read_panel_ledger

_ANSWERS_WITHIN = 10.0
_LINE = 4096


class SimulatedLamps:
    """One simulated panel by its control socket and the ledger of what its outputs did."""

    def __init__(self, control: Path, ledger: Path) -> None:
        self._control = control
        self._ledger = ledger

    def first(self, output: str, level: int, since: float) -> float | None:
        """Return when an output first went to `level` since then, None where it has not.

        Both are seconds of CLOCK_MONOTONIC.
        """
        entries = read_panel_ledger(self._ledger)
        became = (
            entry.t
            for entry in entries
            if entry.output == output and entry.level == level and entry.t >= since
        )
        return next(became, None)

    def levels(self) -> dict[str, int]:
        """Return what every output is now, in per cent.

        Raises RelayFault when the panel does not answer.
        """
        return self._poke(PanelPoke("state")).levels

    def dark(self, outputs: Iterable[str]) -> bool:
        """Return whether none of the outputs shines."""
        levels = self.levels()
        return not any(levels.get(output, 0) for output in outputs)

    def plug_in(self, output: str, amps: float) -> None:
        """Plug something into a socket that draws so much; 0 pulls it out.

        Raises RelayFault when the panel does not answer.
        """
        self._poke(PanelPoke("plug_in", output=output, amps=amps))

    def _poke(self, poke: PanelPoke) -> PanelReply:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
                wire.settimeout(_ANSWERS_WITHIN)
                wire.connect(str(self._control))
                wire.sendall(msgspec.json.encode(poke) + b"\n")
                answer = wire.makefile("rb").readline(_LINE)
            return msgspec.json.decode(answer, type=PanelReply)
        except (OSError, msgspec.MsgspecError) as error:
            message = f"the simulated lamps do not answer ({error})"
            raise RelayFault(message, part="demo", advice="start the demo again") from error
