"""The simulator: a whole lane's iron in one process, driven over MQTT like the real one.

`python -m mqtt_bridge.simulator --help`. The brain is relay_core, as in the reference relay; the
body is a gate made of numbers (sim_gate) that writes a ledger of everything it does.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from time import monotonic

from models.command import Position
from models.errors import RelayFault
from models.lane import Direction
from models.sensor import Input
from mqtt_bridge import sim_gate
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.ledger import Entry, Ledger
from mqtt_bridge.relay_core import Actuate, Relay, Senses, Wiring
from mqtt_bridge.relay_side import RelaySide
from mqtt_bridge.sim_gate import SimGate, Timing


@dataclass(frozen=True, slots=True)
class GateState:
    """How a simulated gate stands."""

    relay: str
    lane: int
    position: Position
    inputs: dict[Input, bool]
    passages: int
    epoch: str
    last_seq: int
    connected: bool
    sign: tuple[str, ...] = ()
    """What the board's display shows."""


class GateSimulator:
    """One relay with its barrier, loop, beam, safety edge, fire input and door contact.

    The arm opens when a good command says so; nobody walks through unless told to. `contact` says
    whether a door contact is wired; `wiring` names the other wires.
    """

    def __init__(
        self,
        address: BrokerAddress,
        wiring: Wiring,
        ledger: Path,
        timing: Timing = Timing(),  # noqa: B008 - a frozen value
        clock: Callable[[], float] = monotonic,
        *,
        contact: bool = False,
    ) -> None:
        self._wiring = wiring
        self._clock = clock
        self._lock = Lock()
        self._ledger = Ledger(ledger)
        more = {Input.FIRE: wiring.fire, Input.CONTACT: contact}
        self._gate = SimGate(
            wiring.drive,
            wiring.presence | wiring.felt | {name for name, wired in more.items() if wired},
            timing,
            since=clock(),
            shows_position=wiring.position,
        )
        self._side = RelaySide(address, wiring, self, clock)

    @property
    def state(self) -> GateState:
        """How the gate stands now, wired or not."""
        relay = self._side.relay
        with self._lock:
            gate = self._now()
        return GateState(
            self._wiring.relay,
            self._wiring.lane,
            gate.position,
            sim_gate.senses(gate).inputs,
            gate.passages,
            relay.epoch,
            relay.last_seq,
            self._side.connected,
            () if self._side.sign is None else self._side.sign.lines,
        )

    def start(self) -> None:
        """Begin to feel and to connect."""
        self._side.start()

    def stop(self) -> None:
        """Return when everything has ended and the ledger is closed."""
        self._side.stop()
        self._ledger.close()

    def stand(self) -> None:
        """Let someone stand under the arm: loop and beam are active until `leave`."""
        with self._lock:
            self._gate = replace(self._now(), standing=True)

    def leave(self) -> None:
        """Let them go away again."""
        with self._lock:
            self._gate = replace(self._now(), standing=False)

    def walk(self) -> bool:
        """Let one person walk through; return False where the gate is not open for one."""
        with self._lock:
            walked = sim_gate.walks(self._now(), self._clock())
            self._gate = walked or self._gate
        return walked is not None

    def swipe(self, card: str, direction: Direction | None = None) -> None:
        """Hold a card to the reader that is wired to the relay."""
        self._side.swipe(card, direction)

    def key_in(self, digits: str, direction: Direction | None = None) -> None:
        """Type digits at the keypad that is wired to the relay."""
        self._side.key_in(digits, direction)

    def fire(self, *, on: bool) -> None:
        """Switch the fire input."""
        with self._lock:
            self._gate = replace(self._now(), fire=on)

    def squeeze(self, *, on: bool) -> None:
        """Press the safety edge, or let go of it."""
        with self._lock:
            self._gate = replace(self._now(), squeezed=on)

    def force(self, *, on: bool) -> None:
        """Lever the leaf open against its lock, or push it shut again; only a contact notices."""
        with self._lock:
            self._gate = replace(self._now(), forced=on)

    def cut(self, which: Input) -> None:
        """Cut an input's wire: it can no longer be read."""
        with self._lock:
            self._gate = replace(self._now(), cut=self._gate.cut | {which})

    def mend(self, which: Input) -> None:
        """Mend an input's wire."""
        with self._lock:
            self._gate = replace(self._now(), cut=self._gate.cut - {which})

    def reboot(self) -> None:
        """Restart the relay: a new epoch, no memory; the arm stays where it is."""
        self._side.reboot()

    def unplug(self) -> None:
        """Take the relay off the network."""
        self._side.unplug()

    def plug(self) -> None:
        """Put it back."""
        self._side.plug()

    def senses(self) -> Senses:
        """Return what the inputs feel now."""
        with self._lock:
            self._gate = self._now()
            return sim_gate.senses(self._gate)

    def actuate(self, move: Actuate, relay: Relay) -> None:
        """Write the ledger, then move the arm.

        Raises RelayFault when the ledger cannot be written.
        """
        now, order = self._clock(), move.order
        entry = Entry(
            now,
            self._wiring.relay,
            self._wiring.lane,
            move.action,
            move.cause,
            order.cmd_id if order else None,
            order.seq if order else None,
            relay.epoch,
            relay.senses.inputs,
            relay.senses.position,
        )
        try:
            self._ledger.write(entry)
        except (OSError, ValueError) as error:
            message = f"the ledger of {self._wiring.relay} cannot be written: {error}"
            raise RelayFault(message, part=self._wiring.relay) from error
        with self._lock:
            self._gate = sim_gate.moved(self._gate, move.action, now)

    def _now(self) -> SimGate:
        return sim_gate.at(self._gate, self._clock())


def main(argv: list[str] | None = None) -> int:
    """Run one simulated gate until SIGTERM or SIGINT; see `mqtt_bridge.sim_command`."""
    from mqtt_bridge.sim_command import run  # noqa: PLC0415 - the command knows the simulator

    return run(argv)


if __name__ == "__main__":
    raise SystemExit(main())
