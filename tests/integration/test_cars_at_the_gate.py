"""Cars and cards through the real core, broker and relays: in, out, in a hand, and replayed."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config.load import load
from config.settings import Settings
from edge import wire
from edge.broker_process import broker_passwords
from edge.channel import Client, connect
from edge.jobs import BROKER, CORE
from edge.places import Places, keep_secret
from edge.store.replay import replay
from edge.store.verify import verify
from edge.supervisor import Supervisor
from gate.access import POLICY, decide
from models.command import Action
from models.event import Event, EventKind
from models.lane import Credential, Direction, Drive
from models.observation import PlateSeen, Sighting
from models.plate import Band, Ground, PlateKind, PlateReading
from models.sensor import Input
from mqtt_bridge import reader
from mqtt_bridge.access import reader_login, relay_login
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.ledger import read_ledger
from mqtt_bridge.link import Errand, Link
from mqtt_bridge.reader import ReaderSpec
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.sim_gate import Timing
from mqtt_bridge.simulator import GateSimulator
from tests.fakes.mosquitto import free_port
from tests.fakes.running_site import wait_until

IN, OUT, SHED = 1, 2, 3
PLATE, NUMBER = "京A12345", "04A2B3C4D5"
PRESENCE = frozenset({Input.LOOP, Input.BEAM})
LANE = """
[[relay]]
name = "gate-{0}"
[[lane]]
number = {0}
name = "{0}号车行"
kind = "vehicle"
directions = ["{1}"]
relay = "gate-{0}"
drive = "open_close"
open_for = 1
presence = ["loop", "beam"]
vehicle = ["radar"]
credentials = ["plate", "pass"]
"""
SITE = """
[site]
compound = "00112233"
state = "s"
[broker]
embedded = true
port = {}
[[relay]]
name = "gate-3"
[[lane]]
number = 3
name = "车棚"
kind = "shed"
relay = "gate-3"
drive = "hold"
credentials = ["card", "pass"]
[[reader]]
name = "shop-bought"
lane = 3
"""


@dataclass
class Site:
    """A running site with three simulated gates, and what stands in for its vision process."""

    settings: Settings
    root: Path
    client: Client
    vision: Client
    gates: dict[int, GateSimulator]
    tracks: int = 0
    ledgers: dict[int, Path] = field(default_factory=dict)

    def ask(self, message: Callable[[int], wire.AnyMessage]) -> wire.Done:
        return self.client.ask(message(self.client.ref()), wire.Done)

    def rows(self) -> list[Event]:
        page = self.client.ask(wire.Rows(self.client.ref(), 0, 200), wire.RowsAre).rows
        return [row for row in page if row.kind is EventKind.DECISION]

    def see(self, lane: int) -> None:
        """Tell core of a plate as vision would, of this very moment."""
        way = Direction.EXIT if lane == OUT else Direction.ENTRY
        at = Sighting(lane, way, time.monotonic(), "cam")
        reading = PlateReading(PLATE, PlateKind.ORDINARY, Ground.BLUE, 0.97, Band.ACCEPT, 3)
        self.vision.tell(wire.SawPlate(PlateSeen(at, reading, self.tracks, nearing=True), b"jpeg"))

    def until(self, deed: Callable[[], None]) -> Event:
        """Do something again and again until a decision comes of it, and its outcome if any."""
        before = len(self.rows())

        def answered() -> bool:
            deed()
            time.sleep(0.25)
            row = next(iter(self.rows()[before:]), None)
            return row is not None and (row.outcome is not None or row.answer != "opened")

        wait_until(answered, 20, "an answer")
        return self.rows()[before]

    def pass_through(self, lane: int) -> Event:
        """Let a car come, be read until something is said of it, and go through."""
        gate = self.gates[lane]
        self.tracks += 1
        gate.stand()
        row = self.until(lambda: self.see(lane))
        wait_until(lambda: gate.state.position == "open", 10, "an open arm")
        gate.leave()
        assert gate.walk()
        return row

    def openings(self, lane: int) -> int:
        entries = read_ledger(self.ledgers[lane])
        return sum(entry.action is Action.OPEN for entry in entries)


@contextmanager
def running(root: Path) -> Iterator[Site]:
    port = free_port()
    file = root / "site.toml"
    lanes = "".join(LANE.format(n, way) for n, way in ((IN, "entry"), (OUT, "exit")))
    file.write_text(SITE.format(port) + lanes, "utf-8")
    places = Places(root / "s")
    for number in (IN, OUT, SHED):
        keep_secret(places.relay_key(f"gate-{number}"), f"{number:064x}")
    settings = load(file)
    supervisor = Supervisor((BROKER, CORE), settings, places.root)
    supervisor.start()
    try:
        with ExitStack() as stack:
            known = broker_passwords(settings, places)
            ledgers = {number: root / f"ledger-{number}" for number in (IN, OUT, SHED)}
            gates = {}
            for number, ledger in ledgers.items():
                login = relay_login(f"gate-{number}")
                address = BrokerAddress("127.0.0.1", port, login, known[login])
                drive = Drive.HOLD if number == SHED else Drive.OPEN_CLOSE
                key = RelayKey.parse(f"{number:064x}")
                felt = frozenset() if number == SHED else frozenset({Input.RADAR})
                wiring = Wiring(f"gate-{number}", number, drive, key, PRESENCE, felt=felt)
                gate = GateSimulator(address, wiring, ledger, Timing(travel=0.2, stay=1.0))
                gate.start()
                stack.callback(gate.stop)
                gates[number] = gate
            client = Client(connect(places.core_socket, "cli"), lambda _: None)
            stack.callback(client.close)
            vision = Client(connect(places.core_socket, "vision"), lambda _: None)
            stack.callback(vision.close)
            site = Site(settings, places.root, client, vision, gates, ledgers=ledgers)
            wait_until(lambda: all(one.state.connected for one in gates.values()), 20, "relays")
            yield site
    finally:
        supervisor.stop()


def test_a_day_at_the_gate(tmp_path: Path) -> None:
    with running(tmp_path) as site:
        site.ask(lambda ref: wire.AddVehicle(ref, "京A·12345", "3-1-502", None, "wang"))
        resident = site.ask(
            lambda ref: wire.AddResident(
                ref, "李雷", "3-1-502", "owner", None, (), None, "wang", None
            )
        ).text
        card = site.ask(
            lambda ref: wire.AddCard(ref, "04:a2:b3:c4:d5", resident, "蓝", None, "wang")
        ).text

        in_hand = site.until(lambda: site.see(IN))
        assert (in_hand.answer, in_hand.reason) == ("refused", "no_vehicle")
        sealed = site.until(lambda: site.gates[SHED].swipe(NUMBER))
        assert (sealed.answer, sealed.reason, sealed.who) == ("opened", "resident", "李雷")
        came = site.pass_through(IN)
        with plain_reader(site) as say:
            plain = site.until(lambda: say(NUMBER))
        assert (plain.answer, plain.credential) == ("opened", Credential.CARD)
        left = site.pass_through(OUT)
        for row in (came, left):
            assert (row.answer, row.reason, row.outcome) == ("opened", "resident", "done")
            assert (row.credential, row.who, row.home) == (Credential.PLATE, PLATE, "3-1-502")
            assert row.evidence
        site.ask(lambda ref: wire.RemoveCard(ref, card, "wang"))
        gone = site.until(lambda: site.gates[SHED].swipe(NUMBER))
        assert (gone.answer, gone.reason) == ("refused", "unknown_card")
        assert {lane: site.openings(lane) for lane in site.gates} == {IN: 1, OUT: 1, SHED: 2}

        said = site.ask(lambda ref: wire.RemoveVehicle(ref, PLATE, "wang"))
        assert said.text == "erased, with the personal part of 4 events"
        assert PLATE not in {row.who for row in site.rows()}
    result = replay(site.root, decide, POLICY)
    assert (result.agreed, result.erased, result.differ) == (3, 3, ())
    assert verify(site.root).broken == 0
    kept = b"".join(path.read_bytes() for path in site.root.rglob("*") if path.is_file())
    assert NUMBER.encode() not in kept


@contextmanager
def plain_reader(site: Site) -> Iterator[Callable[[str], None]]:
    """Yield what says a card as a shop-bought reader does, and something that is no card."""
    spec = ReaderSpec("shop-bought", SHED, Direction.ENTRY)
    login = reader_login(spec.name)
    password = broker_passwords(site.settings, Places(site.root))[login]
    address = BrokerAddress("127.0.0.1", site.settings.broker.port, login, password)
    link = Link(address, Errand("reader", ()), Deaf(), time.monotonic)

    def say(number: str) -> None:
        link.publish(Message(spec.topic, b"{}"))
        link.publish(reader.said(spec, number))

    link.start()
    try:
        wait_until(lambda: link.connected, 20, "a reader's connection")
        yield say
    finally:
        link.stop()


class Deaf:
    """Hears nothing: a reader only speaks."""

    def joined(self) -> None:
        return

    def left(self) -> None:
        return

    def turned(self) -> None:
        return

    def heard(self, message: Message) -> None:
        raise AssertionError(message)
