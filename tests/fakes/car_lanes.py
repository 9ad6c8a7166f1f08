"""Lanes for cars and bicycles in memory: real decisions, real relay rules, nothing outside."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from edge.facts import Gatherer, SiteRules
from edge.inbox import Seen
from edge.lane import LaneKeeper
from edge.ports import Heard, World
from gate.barrier import Fitting
from models.card import Card
from models.event import Event, EventKind
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.observation import CardShown, Observation, PlateSeen, Sighting
from models.plate import Band, Ground, PlateKind, PlateReading
from models.registry import Resident, ResidentKind
from models.sensor import Input
from models.vehicle import Restriction, Vehicle
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from tests.fakes.compound import COMPOUND, BothClocks
from tests.fakes.memory_store import MemoryStore, Shelf
from tests.fakes.relays import STEP, FakeRelays, ManualClock

IN, OUT, BIKES = 1, 2, 3
BOTH = frozenset({Input.LOOP, Input.BEAM})
RADAR = frozenset({Input.RADAR})
PLATE = "京A12345"


def reading(text: str = PLATE, band: Band = Band.ACCEPT) -> PlateReading:
    return PlateReading(text, PlateKind.ORDINARY, Ground.BLUE, 0.97, band, frames=3)


class CarLanes:
    """Lane 1 lets cars in and lane 2 lets them out, each with loop, beam and radar; 3 is bikes'."""

    def __init__(self, *, passback: bool = True) -> None:
        self.clock = ManualClock()
        self.clocks = BothClocks(self.clock)
        self.shelf = Shelf()
        key = RelayKey(bytes(range(32)))
        ways = {IN: Direction.ENTRY, OUT: Direction.EXIT, BIKES: Direction.ENTRY}
        self.relays = FakeRelays(
            tuple(
                Wiring(f"gate-{n}", n, Drive.OPEN_CLOSE, key, presence=BOTH, felt=RADAR)
                for n in ways
            ),
            self._hear,
            self.clock,
        )
        self.lanes = {number: _lane(number, way) for number, way in ways.items()}
        self.passback = passback
        self.start("boot")
        self.settle(1.5)

    def start(self, boot: str) -> None:
        """Start core: it knows what the shelf has and nothing else."""
        self.store = MemoryStore(self.shelf, self.clocks.now(), boot=boot)
        rules = SiteRules(COMPOUND, ZoneInfo("Asia/Shanghai"), self.lanes, dict, self.passback)
        world = World(
            self.clocks,
            Gatherer(rules, self.store),
            self.store,
            self.relays,
            lambda *_: None,
            lambda _: None,
            counted=frozenset({IN, OUT}),
        )
        fitting = Fitting(Drive.OPEN_CLOSE, BOTH, 3.0, RADAR)
        self.keepers = {
            number: LaneKeeper(lane, f"gate-{number}", fitting, world)
            for number, lane in self.lanes.items()
        }

    def settle(self, seconds: float = 1.0) -> None:
        until = self.clock() + seconds
        while self.clock() < until:
            self.turn()

    def turn(self, seconds: float = STEP) -> None:
        """Let that much time pass at once, and each lane turn once."""
        self.clock.advance(seconds - STEP)
        self.relays.turn(STEP)
        for keeper in self.keepers.values():
            while (item := keeper.inbox.take(0.0)) is not None:
                keeper.handle(item)
            keeper.tick()

    def vehicle(self, plate: str = PLATE, until: date | None = None) -> Vehicle:
        one = Vehicle(f"v{len(self.shelf.vehicles)}", plate, Home(3, 1, 502), until)
        self.shelf.vehicles[plate] = one
        return one

    def keep_out(self, plate: str = PLATE, **more: object) -> None:
        one = Restriction("x1", plate, "法院裁定", "wang", "zhao", date(2099, 1, 1))
        self.shelf.restrictions.append(replace(one, **more))  # type: ignore[arg-type]

    def card_holder(self, number: str) -> Resident:
        now = self.clocks.now()
        person = self.store.add_resident("李雷", Home(3, 1, 502), ResidentKind.OWNER, None, now)
        person = replace(person, allowed=frozenset({Credential.CARD}))
        self.shelf.people[person.resident_id] = person
        self.shelf.cards[number] = Card(number, person.resident_id, "蓝", None)
        return person

    def see(
        self, lane: int, text: str = PLATE, band: Band = Band.ACCEPT, track: int = 1
    ) -> PlateSeen:
        """Let the lane's camera tell a plate once."""
        way = Direction.EXIT if lane == OUT else Direction.ENTRY
        at = Sighting(lane, way, self.clock() - 0.1, "cam")
        seen = PlateSeen(at, reading(text, band), track, nearing=True)
        self.put(seen)
        return seen

    def card(self, lane: int, number: str) -> None:
        way = Direction.EXIT if lane == OUT else Direction.ENTRY
        self.put(CardShown(Sighting(lane, way, self.clock() - 0.1, "reader"), number))

    def put(self, seen: Observation) -> None:
        self.keepers[seen.at.lane].inbox.put(Seen(seen, b"jpeg"))

    def watch(self, lane: int, seconds: float, text: str = PLATE, **more: object) -> None:
        """Let the lane's camera tell a plate once a second for some time, as vision does."""
        for _ in range(round(seconds)):
            self.see(lane, text, **more)  # type: ignore[arg-type]
            self.settle(1.0)

    def arrive(self, lane: int) -> None:
        """Let a car stand where it is felt."""
        self.relays.gates[f"gate-{lane}"].stand()
        self.settle(0.3)

    def drive(self, lane: int) -> bool:
        """Let the car go through; False where the barrier is not open for it."""
        gate = self.relays.gates[f"gate-{lane}"]
        gate.leave()
        went = gate.walk()
        self.settle(0.6)
        return went

    def opened(self) -> int:
        return sum(entry.action == "open" for entry in self.relays.ledger)

    def decisions(self) -> list[Event]:
        rows = self.store.events(0, 1000)
        return [row for row in rows if row.kind is EventKind.DECISION]

    def said(self) -> list[tuple[str, str]]:
        return [(row.answer, row.reason) for row in self.decisions()]

    def passages(self, lane: int) -> list[str]:
        """Return what the journal tells of who went through a lane."""
        rows = self.store.events(0, 1000)
        return [row.reason for row in rows if (row.kind, row.lane) == (EventKind.PASSAGE, lane)]

    def alerts(self) -> list[Event]:
        return [row for row in self.store.events(0, 1000) if row.kind is EventKind.ALERT]

    def _hear(self, heard: Heard) -> None:
        if hasattr(self, "keepers"):
            self.keepers[heard.lane].inbox.put(heard)


def _lane(number: int, way: Direction) -> Lane:
    bikes = number == BIKES
    return Lane(
        number,
        f"{number}号",
        LaneKind.EBIKE if bikes else LaneKind.VEHICLE,
        frozenset({way}),
        Drive.OPEN_CLOSE,
        frozenset({Credential.CARD, Credential.PASS if bikes else Credential.PLATE}),
    )
