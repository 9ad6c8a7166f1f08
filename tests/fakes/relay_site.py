"""One lane with its relay, on a wire of the test's choice: in memory or through a real broker."""

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from edge.ports import Relays
from models.command import Action, Command, Report
from models.lane import Drive
from models.sensor import Reading
from mqtt_bridge import access
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.ledger import Entry, read_ledger
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.sim_gate import Timing
from mqtt_bridge.simulator import GateSimulator
from mqtt_bridge.track import RelaySpec
from tests.fakes.relays import FakeGate, FakeRelays, ManualClock

RELAY = "gate-1"
KEY = RelayKey(secrets.token_bytes(32))
WIRING = Wiring(RELAY, 1, Drive.OPEN_CLOSE, KEY)
SPEC = RelaySpec(RELAY, 1, Drive.OPEN_CLOSE, key=KEY)
QUICK = Timing(travel=0.3, stay=1.0, walk=0.2)
PATIENCE = 20.0


class Gate(Protocol):
    """What a test can do to a gate."""

    def stand(self) -> None: ...
    def leave(self) -> None: ...
    def walk(self) -> bool: ...
    def fire(self, *, on: bool) -> None: ...
    def reboot(self) -> None: ...
    def unplug(self) -> None: ...
    def plug(self) -> None: ...


class Broker(Protocol):
    """A broker that lets clients in by login."""

    def address(self, login: str = access.SITE) -> BrokerAddress: ...


class Site:
    """A bridge, a gate, all that was heard, and the ledger."""

    def __init__(
        self, relays: Relays, gate: Gate, heard: list[Report | Reading], now: Callable[[], float]
    ) -> None:
        self.relays = relays
        self.gate = gate
        self.heard = heard
        self.now = now

    def ledger(self) -> tuple[Entry, ...]:
        raise NotImplementedError

    def rest(self) -> None:
        """Let a little time pass."""
        raise NotImplementedError

    def wait(self, until: Callable[[], object], what: str) -> None:
        give_up = self.now() + PATIENCE
        while not until():
            assert self.now() < give_up, f"waited in vain for {what}; heard {self.heard[-5:]}"
            self.rest()

    def command(
        self, action: Action = Action.OPEN, *, seq: int | None = None, left: float = 0.3
    ) -> Command:
        last = self.relays.last_seq(RELAY)
        number = seq if seq is not None else (last or 0) + 1
        deadline = self.now() + left
        return Command(secrets.token_hex(16), 1, RELAY, action, number, deadline)

    def readings(self) -> list[Reading]:
        return [word for word in self.heard if isinstance(word, Reading)]

    def reports(self, cmd_id: str) -> list[Report]:
        return [w for w in self.heard if isinstance(w, Report) and w.cmd_id == cmd_id]

    def ready(self) -> None:
        self.wait(lambda: self.relays.last_seq(RELAY) is not None, "the first heartbeat")

    def do(self, action: Action = Action.OPEN, *, seq: int | None = None) -> Report:
        """Send one command and return its report."""
        self.ready()
        # The deadline of a busy test machine is not the one of a gate.
        command = self.command(action, seq=seq, left=2.0)
        self.relays.send(command)
        self.wait(lambda: self.reports(command.cmd_id), f"the report of {command}")
        return self.reports(command.cmd_id)[0]


class MemorySite(Site):
    """A site in memory."""

    def __init__(self) -> None:
        heard: list[Report | Reading] = []
        clock = ManualClock()
        self.fake = FakeRelays((WIRING,), heard.append, clock, QUICK)
        gate: FakeGate = self.fake.gates[RELAY]
        super().__init__(self.fake, gate, heard, clock)

    def ledger(self) -> tuple[Entry, ...]:
        return tuple(self.fake.ledger)

    def rest(self) -> None:
        self.fake.turn()


class WiredSite(Site):
    """A site on a real broker: the real bridge, and a simulated gate on real MQTT."""

    def __init__(self, broker: Broker, folder: Path, home: str = "") -> None:
        heard: list[Report | Reading] = []
        self.path = folder / "ledger.jsonl"
        self.bridge = Bridge(broker.address(), (SPEC,), heard.append, time.monotonic, home)
        address = broker.address(access.relay_login(RELAY))
        self.simulator = GateSimulator(address, WIRING, self.path, QUICK)
        super().__init__(self.bridge, self.simulator, heard, time.monotonic)

    def ledger(self) -> tuple[Entry, ...]:
        return read_ledger(self.path)

    def rest(self) -> None:
        time.sleep(0.01)


@contextmanager
def wired_site(broker: Broker, folder: Path, home: str = "") -> Iterator[WiredSite]:
    site = WiredSite(broker, folder, home)
    site.simulator.start()
    site.bridge.start()
    try:
        yield site
    finally:
        site.bridge.stop()
        site.simulator.stop()
