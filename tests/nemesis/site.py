"""A whole site for a nemesis: a real broker, a real core that can be killed, simulated gates."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from config.load import load
from edge.channel import ChannelFault, connect
from edge.places import Places, keep_secret
from edge.store.folder import load_keys, prepare
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge.access import SITE, relay_login
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.ledger import Entry, read_ledger
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.sim_gate import Timing
from mqtt_bridge.simulator import GateSimulator
from mqtt_bridge.track import RelaySpec
from tests.fakes.centre_edges import admit
from tests.fakes.mosquitto import Mosquitto, mosquitto_broker
from tests.fakes.running_site import wait_until

ROOT = Path(__file__).parents[2]
COMPOUND = "00112233"
QUICK = Timing(travel=0.1, stay=0.3, walk=0.05)
PRESENCE = frozenset({Input.LOOP, Input.BEAM})
START_WITHIN = 60.0
Through = Callable[[int], AbstractContextManager[int]]
"""From the broker's port to the port by which clients reach it."""
straight: Through = nullcontext


def say(text: str) -> None:
    """Print a seed or a count beside the test that it belongs to."""
    sys.stdout.write(f"{text}\n")


@dataclass
class Site:
    """One site. `file` is its site file; `gates` its simulated gates by lane."""

    root: Path
    broker: Mosquitto
    specs: tuple[RelaySpec, ...]
    gates: dict[int, GateSimulator] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        return self.root / "site.toml"

    @property
    def places(self) -> Places:
        return Places(self.root / "s")

    def ledger(self, lane: int) -> Path:
        return self.root / f"ledger-{lane}.jsonl"

    def actuations(self) -> tuple[Entry, ...]:
        """Return what every gate really did."""
        return tuple(entry for s in self.specs for entry in read_ledger(self.ledger(s.lane)))

    @contextmanager
    def core(
        self, *words: str, under: Sequence[str] = (), stderr: Path | None = None
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run the core process until the block ends; it may die inside of it."""
        command = [*under, sys.executable, "-m", "tests.nemesis.core_process", str(self.file)]
        self.places.core_socket.unlink(missing_ok=True)
        with (stderr or self.root / "core.log").open("ab") as log:
            core = subprocess.Popen([*command, *words], cwd=ROOT, stderr=log)
        try:
            wait_until(
                lambda: core.poll() is not None or self.listens(), START_WITHIN, "a listening core"
            )
            yield core
        finally:
            if core.poll() is None:
                core.terminate()
            try:
                core.wait(60)
            except subprocess.TimeoutExpired:
                core.kill()
                core.wait(60)
                raise

    def listens(self) -> bool:
        """Return whether core takes visitors."""
        try:
            connect(self.places.core_socket, "cli").close()
        except ChannelFault:
            return False
        return True


def specs_of(lanes: int, drive: Drive = Drive.PULSE) -> tuple[RelaySpec, ...]:
    """Return relays gate-1 ... with known keys."""
    return tuple(
        RelaySpec(f"gate-{n}", n, drive, key=RelayKey.parse(f"{n:064x}"))
        for n in range(1, lanes + 1)
    )


def write_file(site: Site, port: int, centre: str = "") -> None:
    """Write the site file and the keys; core finds its broker at `port`."""
    lines = [
        f'[site]\ncompound = "{COMPOUND}"\nstate = "s"',
        f'[broker]\nport = {port}\npassword_file = "broker.password"',
    ]
    if centre:
        lines.append(f'[centre]\nurl = "{centre}"')
    for spec in site.specs:
        presence = ""
        if spec.drive is Drive.OPEN_CLOSE:
            presence = 'presence = ["loop", "beam"]\nopen_for = 1.0\n'
        lines.append(
            f'[[relay]]\nname = "{spec.name}"\n[[lane]]\nnumber = {spec.lane}\n'
            f'name = "{spec.lane}号门"\nrelay = "{spec.name}"\ndrive = "{spec.drive}"\n'
            f'directions = ["entry", "exit"]\n{presence}'
        )
        assert spec.key is not None
        keep_secret(site.places.relay_key(spec.name), spec.key.hex())
    keep_secret(site.root / "broker.password", site.broker.passwords[SITE])
    site.file.write_text("\n".join(lines), "utf-8")
    load(site.file)


@contextmanager
def nemesis_site(
    root: Path,
    lanes: int,
    *,
    drive: Drive = Drive.PULSE,
    centre: tuple[str, str] | None = None,
    through: Through = straight,
) -> Iterator[Site]:
    """Yield a site whose gates are up; core is yours to start.

    `centre` is the address of a centre that knows the site, and that of its database; `through`
    leads the way to the broker's port through a proxy.
    """
    specs = specs_of(lanes, drive)
    with ExitStack() as up:
        broker = up.enter_context(mosquitto_broker(root, specs))
        port = up.enter_context(through(broker.listener.port))
        site = Site(root, broker, specs)
        write_file(site, port, centre[0] if centre else "")
        if centre:
            keys = load_keys(prepare(site.places.root))
            admit(centre[1], keys.edge, public=keys.public, compound=COMPOUND)
        for spec in specs:
            site.gates[spec.lane] = up.enter_context(gate_of(site, spec, port))
        yield site


@contextmanager
def gate_of(site: Site, spec: RelaySpec, port: int) -> Iterator[GateSimulator]:
    """Yield one running gate."""
    login = relay_login(spec.name)
    password = site.broker.passwords[login]
    address = BrokerAddress("127.0.0.1", port, login, password)
    assert spec.key is not None
    wiring = Wiring(spec.name, spec.lane, spec.drive, spec.key, PRESENCE)
    gate = GateSimulator(address, wiring, site.ledger(spec.lane), QUICK)
    gate.start()
    try:
        yield gate
    finally:
        gate.stop()
