"""Gate machines of one compound on one broker that splits, loses, doubles and mixes up."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge.store.store import Store
from edge.uses_shared import SharedUses, Sharing
from gate.access import POLICY, decide
from models.command import Action, Intent, Outcome, Position, Report
from models.decision import Decision
from models.errors import RelayFault
from models.lane import Direction
from models.moment import Moment
from models.observation import PassShown, Sighting
from models.visit import Claims
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.link import Ear
from mqtt_bridge.seal import RelayKey
from tests.fakes import store_words as say
from tests.fakes.store_site import quick_folder

KEY = RelayKey(bytes(range(32)))
COMPOUND = "00112233"


@dataclass
class Wire:
    """One machine's connection; what is said on it reaches every other that is whole."""

    bus: "Bus"
    ear: Ear
    whole: bool = True

    @property
    def connected(self) -> bool:
        return self.whole

    def start(self) -> None:
        self.ear.joined()

    def stop(self) -> None:
        self.whole = False

    def publish(self, message: Message) -> None:
        if not self.whole:
            fault = "the broker is away"
            raise RelayFault(fault)
        self.bus.said.append(message)
        if self.bus.loses > 0:
            self.bus.loses -= 1
            return
        for wire in self.bus.wires:
            if wire.whole:
                wire.ear.heard(message)

    def split(self) -> None:
        self.whole = False
        self.ear.left()

    def heal(self) -> None:
        if not self.whole:
            self.whole = True
            self.ear.joined()


@dataclass
class Bus:
    """A broker in this process, and all that was ever said on it."""

    wires: list[Wire] = field(default_factory=list)
    said: list[Message] = field(default_factory=list)
    loses: int = 0

    def connect(self, sharing: Sharing, ear: Ear, clock: Callable[[], float]) -> Wire:
        del sharing, clock
        self.wires.append(Wire(self, ear))
        return self.wires[-1]


@dataclass
class Box:
    """One gate machine with a store of its own and two lanes of its own."""

    site: "Compound"
    number: int
    store: Store
    shared: SharedUses
    wire: Wire
    told: list[int] = field(default_factory=list)

    def show(
        self, claims: Claims, way: Direction = Direction.ENTRY, *, opens: bool = True
    ) -> Decision:
        """Let this box decide on a pass, with a relay that does or does not open."""
        answer, opening = self.begin(claims, way)
        if opening is not None:
            self.end(opening, Outcome.DONE if opens else Outcome.TIMED_OUT)
        return answer

    def begin(
        self, claims: Claims, way: Direction = Direction.ENTRY
    ) -> tuple[Decision, tuple[Intent, int] | None]:
        """Let this box decide on a pass, and send its relay a command if it is to open."""
        now, lane = self.site.now, self.number
        known = self.store.pass_state(claims.pass_id)
        facts = replace(
            say.facts(lane, claims=claims, uses=known.uses),
            compound=claims.compound,
            revoked=known.revoked,
            earlier=known.earlier,
        )
        seen = PassShown(Sighting(lane, way, now.mono), "KH1:...")
        answer = decide(seen, facts, now)
        intent = None
        if answer.use is not None:
            name, seq = next(self.site.ids), self.store.next_seq("gate", 0)
            intent = Intent(name, lane, "gate", Action.OPEN, seq, now.mono + 1)
        event = self.store.record(
            seen, facts, answer, now,
            intent=intent, crop=None, policy=POLICY, who=None, home=None,
        )  # fmt: skip
        return answer, None if intent is None else (intent, event)

    def end(self, opening: tuple[Intent, int], outcome: Outcome) -> None:
        """Let the relay answer."""
        (intent, event), now = opening, self.site.now
        position = Position.OPENING if outcome is Outcome.DONE else Position.UNKNOWN
        report = Report(intent.cmd_id, "gate", self.number, outcome, position, now.mono)
        self.store.outcome(report, event, 5, now)

    def doubles(self) -> int:
        """Return how many passes this box has told its guard of as used twice."""
        return sum(row.reason == "double_use" for row in self.store.events(limit=100_000))

    def restart(self) -> None:
        """Let the program end and begin again; what it had not told is told later."""
        folder = self.store.folder.root
        self.store.close()
        self.site.bus.wires.remove(self.wire)
        made = _box(self.site, self.number, folder)
        self.store, self.shared, self.wire = made.store, made.shared, made.wire


@dataclass
class Compound:
    """Several boxes of one compound, and their one clock."""

    folder: Path
    bus: Bus = field(default_factory=Bus)
    boxes: list[Box] = field(default_factory=list)
    now: Moment = say.NOW
    ids: Iterator[str] = field(default_factory=lambda: (f"{n:032x}" for n in range(1, 10**9)))

    def settle(self, turns: int = 3) -> None:
        """Let time pass until everybody who can hear each other has."""
        for _ in range(turns):
            self.now = self.now.after(31.0)
            self.turn()
            self.now = self.now.after(1.5)
            self.turn()

    def turn(self) -> None:
        for box in self.boxes:
            box.shared.turn(self.now)


@dataclass
class _Clock:
    site: Compound

    def now(self) -> Moment:
        return self.site.now


def _box(site: Compound, number: int, folder: Path) -> Box:
    store = Store.open(folder, site.now, ballast=0, boot="boot")
    told: list[int] = []
    sharing = Sharing(COMPOUND, KEY, BrokerAddress())
    shared = SharedUses(sharing, store.uses, _Clock(site), told.append, site.bus.connect)
    wire = site.bus.wires[-1]
    wire.start()
    return Box(site, number, store, shared, wire, told)


@contextmanager
def compound(boxes: int = 2) -> Iterator[Compound]:
    """Open a compound of several boxes; closed at the end."""
    with quick_folder() as folder, ExitStack() as ends:
        site = Compound(folder)
        for number in range(1, boxes + 1):
            site.boxes.append(_box(site, number, folder / f"box-{number}"))
        ends.callback(lambda: [box.store.close() for box in site.boxes])
        yield site
