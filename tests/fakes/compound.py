"""A whole site in memory: real lanes, real decisions, real relay rules, nothing outside."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.core.status import LaneShape
from edge.facts import Gatherer, SiteRules
from edge.inbox import Seen, Stand
from edge.lane import LaneKeeper
from edge.ports import Heard, World
from gate.barrier import Fitting
from gate.passes import mint
from models.home import Home
from models.lane import Credential, Direction, Drive, Lane, LaneKind, Liveness
from models.moment import Moment
from models.observation import (
    FaceFault,
    FaceSeen,
    GuardPressed,
    GuardReason,
    Observation,
    PassShown,
    Sighting,
)
from models.registry import Consent, Resident, ResidentKind
from models.sensor import Input
from models.signal import Signal
from models.standing import Order, Standing
from models.template import Template
from models.visit import Claims, PassKind
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from tests.fakes.memory_store import MemoryStore, Shelf
from tests.fakes.relays import FakeRelays, ManualClock

START = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
COMPOUND = "00112233"
WAYS = frozenset({Credential.FACE, Credential.PASS})


@dataclass
class BothClocks:
    """Moments of the hand-moved clock."""

    mono: ManualClock

    def now(self) -> Moment:
        return Moment(START + timedelta(seconds=self.mono() - 1000.0), self.mono())


@dataclass(frozen=True)
class Said:
    """What came of an observation."""

    answer: str
    reason: str
    seq: int


class Compound:
    """Two pedestrian lanes: lane 1 a pulse gate in, lane 2 an arm both ways."""

    def __init__(self, shelf: Shelf | None = None, liveness: Liveness = Liveness.OFF) -> None:
        self.clock = ManualClock()
        self.clocks = BothClocks(self.clock)
        self.shelf = shelf or Shelf()
        self.store = MemoryStore(self.shelf, self.clocks.now())
        self.desk_key = Ed25519PrivateKey.generate()
        self.forger = Ed25519PrivateKey.generate()
        self.shown: list[tuple[int, Signal | None, str]] = []
        self.announced: list[int] = []
        self.relays = FakeRelays(
            (_wiring("gate-1", 1, Drive.PULSE), _wiring("gate-2", 2, Drive.OPEN_CLOSE)),
            self._hear,
            self.clock,
        )
        lanes = {
            1: _lane(1, Drive.PULSE, frozenset({Direction.ENTRY}), liveness),
            2: _lane(2, Drive.OPEN_CLOSE, frozenset(Direction), liveness),
        }
        keys = {1: self.desk_key.public_key()}
        rules = SiteRules(COMPOUND, ZoneInfo("Asia/Shanghai"), lanes, lambda: keys)
        world = World(
            self.clocks,
            Gatherer(rules, self.store),
            self.store,
            self.relays,
            lambda lane, signal, word, _seq: self.shown.append((lane, signal, word)),
            self.announced.append,
        )
        self.shapes = {
            1: LaneShape("gate-1", ("cam1",), kiosk=False, demo=False),
            2: LaneShape("gate-2", ("cam2",), kiosk=False, demo=False),
        }
        both = frozenset({Input.LOOP, Input.BEAM})
        self.keepers = {
            1: LaneKeeper(lanes[1], "gate-1", Fitting(Drive.PULSE, frozenset(), 5.0), world),
            2: LaneKeeper(lanes[2], "gate-2", Fitting(Drive.OPEN_CLOSE, both, 3.0), world),
        }
        self.settle(1.5)

    def settle(self, seconds: float = 1.0) -> None:
        """Let time pass, the lanes turning all the while."""
        until = self.clock() + seconds
        while self.clock() < until:
            self.relays.turn(0.02)
            self.work()

    def work(self) -> None:
        for keeper in self.keepers.values():
            while (item := keeper.inbox.take(0.0)) is not None:
                keeper.handle(item)
            keeper.tick()

    def show(self, seen: Observation, crop: bytes | None = None) -> Said:
        """Hand one observation to its lane and return what came of it."""
        said: list[Said] = []
        heard = lambda answer, reason, seq: said.append(Said(answer, reason, seq))  # noqa: E731
        self.keepers[seen.at.lane].inbox.put(Seen(seen, crop, heard))
        self.settle(0.8)
        assert len(said) == 1, "every observation with an asker is answered exactly once"
        return said[0]

    def order(self, lane: int, what: Standing | None, age: float = 0.1) -> tuple[str, str, bool]:
        """Let guard wang order something to stand, or end what stands; return what came of it."""
        said: list[tuple[str, str, bool]] = []
        now = self.clocks.now()
        order = Order(lane, what, "wang", "有人翻越", now.utc) if what else None
        answer = lambda *words: said.append(words)  # noqa: E731
        self.keepers[lane].inbox.put(Stand(order, "wang", now.mono - age, answer))
        self.settle(0.8)
        assert len(said) == 1
        return said[0]

    def resident(self, name: str = "李雷") -> Resident:
        now = self.clocks.now()
        person = self.store.add_resident(name, Home(3, 1, 502), ResidentKind.OWNER, None, now)
        consent = Consent("2026-11", now.utc, "desk", "wang")
        self.store.enrol(person.resident_id, consent, (Template("e", b"v"),), now)
        return person

    def at(self, lane: int, direction: Direction = Direction.ENTRY, age: float = 0.1) -> Sighting:
        return Sighting(lane, direction, self.clock() - age)

    def face(self, lane: int, person: Resident | None, age: float = 0.1) -> FaceSeen:
        fault = FaceFault.UNKNOWN if person is None else None
        named = None if person is None else person.resident_id
        return FaceSeen(self.at(lane, age=age), named, fault, 0.8, self.store.gallery_version, 1)

    def code(self, token: str, lane: int = 2, direction: Direction = Direction.ENTRY) -> PassShown:
        return PassShown(self.at(lane, direction), token)

    def press(self, lane: int, age: float = 0.1) -> GuardPressed:
        return GuardPressed(self.at(lane, age=age), "wang", GuardReason.DELIVERY)

    def token(
        self, *, hours: float = 2.0, forged: bool = False, number: int = 7, host: str = "a1" * 8
    ) -> str:
        begin = self.clocks.now().utc.replace(microsecond=0) - timedelta(hours=1)
        claims = Claims(
            pass_id=f"{number:032x}",
            host=host,
            compound=COMPOUND,
            lanes=frozenset(),
            not_before=begin,
            expires=begin + timedelta(hours=hours),
            uses=1,
            kind=PassKind.SINGLE,
            kid=1,
        )
        return mint(claims, self.forger if forged else self.desk_key)

    def walk(self, relay: str) -> None:
        """Have somebody walk through, and let the gate close again."""
        self.settle(0.5)
        assert self.relays.gates[relay].walk()
        self.settle(8.0)

    def actuations(self, action: str = "open") -> list[str | None]:
        return [entry.cmd_id for entry in self.relays.ledger if entry.action == action]

    def _hear(self, heard: Heard) -> None:
        if hasattr(self, "keepers"):
            self.keepers[heard.lane].inbox.put(heard)


def _lane(number: int, drive: Drive, ways: frozenset[Direction], liveness: Liveness) -> Lane:
    return Lane(number, f"{number}号门", LaneKind.PEDESTRIAN, ways, drive, WAYS, liveness)


def _wiring(name: str, lane: int, drive: Drive) -> Wiring:
    presence = frozenset({Input.LOOP, Input.BEAM}) if drive is Drive.OPEN_CLOSE else frozenset()
    return Wiring(name, lane, drive, RelayKey(bytes(range(32))), presence=presence)
