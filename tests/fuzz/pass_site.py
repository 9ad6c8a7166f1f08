"""Three lanes on a real store with a real issuer; the clock and the relays do as they are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.facts import Gatherer, SiteRules
from edge.inbox import Seen
from edge.issuer import desk
from edge.issuer.order import Order
from edge.lane import LaneKeeper
from edge.ports import World
from edge.store.store import Store
from gate.barrier import Fitting
from gate.pass_keys import key_set
from gate.passes import PublicKey
from models.command import Command, Outcome, Position, Refusal, Report
from models.errors import RelayFault
from models.lane import Credential, Direction, Drive, Lane, LaneKind
from models.moment import Moment
from models.observation import PassShown, Sighting
from models.sensor import Input, Reading
from models.signal import Signal
from models.visit import PassKind, Weekly
from tests.fakes.store_site import quick_folder

COMPOUND = "00112233"
START = Moment(datetime(2026, 11, 21, 8, tzinfo=UTC), 5000.0)
USES = {PassKind.WINDOW: 2, PassKind.PRINTED: 2, PassKind.RECURRING: 2}
"""The uses of those kinds that have several."""
OPEN_HOURS = Weekly(frozenset({5}), 7 * 60, 10 * 60)
"""Saturday, the day of START, from seven to ten."""
WAYS = {
    1: frozenset({Direction.ENTRY}),
    2: frozenset({Direction.ENTRY, Direction.EXIT}),
    3: frozenset({Direction.EXIT}),
}
DOORS = tuple((number, way) for number, ways in WAYS.items() for way in sorted(ways))


@dataclass
class Relays:
    """Relays that note what they are sent; away or cut off when told so."""

    there: bool = True
    cut: bool = False
    sent: list[Command] = field(default_factory=list)

    def last_seq(self, relay: str) -> int | None:
        del relay
        return 0 if self.there else None

    def send(self, command: Command) -> None:
        self.sent.append(command)
        if self.cut:
            message = "the broker went away"
            raise RelayFault(message)

    def signal(self, lane: int, signal: Signal) -> None:
        """Show nothing."""


@dataclass
class PassSite:
    """One site whose store outlives it; every story uses passes of its own."""

    folder: Path
    store: Store
    keys: dict[int, PublicKey]
    now: Moment = START
    relays: Relays = field(default_factory=Relays)
    keepers: dict[int, LaneKeeper] = field(default_factory=dict)
    passages: dict[int, int] = field(default_factory=lambda: dict.fromkeys(WAYS, 0))

    def begin(self, now: Moment) -> None:
        """Begin a new story: new lanes, relays that are there, and a clock at `now`."""
        self.now, self.relays = now, Relays()
        self.passages = dict.fromkeys(WAYS, 0)
        lanes = {
            number: Lane(
                number,
                f"lane {number}",
                LaneKind.PEDESTRIAN,
                ways,
                Drive.PULSE,
                frozenset({Credential.PASS}),
            )
            for number, ways in WAYS.items()
        }
        rules = SiteRules(COMPOUND, ZoneInfo("UTC"), lanes, lambda: self.keys)
        world = World(
            clock=_Clock(self),
            gather=Gatherer(rules, self.store),
            ledger=self.store,
            relays=self.relays,
            show=lambda _lane, _signal, _reason, _seq: None,
            announce=lambda _seq: None,
        )
        fitting = Fitting(Drive.PULSE, frozenset({Input.BEAM}), 5.0)
        self.keepers = {
            number: LaneKeeper(lane, f"gate-{number}", fitting, world)
            for number, lane in lanes.items()
        }
        for number in self.keepers:
            self.read(number, Position.CLOSED)

    def restart(self, boot: str) -> None:
        """Close the store, open it again in start `boot` of the machine, and begin anew."""
        self.store.close()
        self.store = Store.open(self.folder, self.now, ballast=0, boot=boot)
        self.begin(self.now)

    def show(self, token: str, lane: int, way: Direction) -> list[tuple[str, str]]:
        """Hold a code to a lane's reader; return the list that its answer comes to."""
        said: list[tuple[str, str]] = []
        at = Sighting(lane, way, self.now.mono, "cam")
        self.keepers[lane].handle(
            Seen(PassShown(at, token), None, lambda word, why, _seq: said.append((word, why)))
        )
        return said

    def report(self, command: tuple[str, int], outcome: Outcome) -> None:
        """Let a relay answer a command."""
        cmd_id, lane = command
        done = outcome is Outcome.DONE
        why = None if done else Refusal.DEADLINE
        position = Position.OPENING if done else Position.UNKNOWN
        report = Report(cmd_id, f"gate-{lane}", lane, outcome, position, self.now.mono, why)
        self.keepers[lane].handle(report)

    def read(self, lane: int, position: Position) -> None:
        """Let a relay say where its barrier is, with nobody below."""
        clear = {Input.BEAM: False}
        passages = self.passages[lane]
        reading = Reading(f"gate-{lane}", lane, position, clear, self.now.mono, passages)
        self.keepers[lane].handle(reading)

    def issue(
        self, begins: timedelta, lasts: timedelta, lanes: frozenset[int], kind: PassKind
    ) -> str:
        """Return a pass that the desk signs now, good from `begins` after now for `lasts`."""
        start = self.now.utc.replace(microsecond=0) + begins
        uses = USES.get(kind, 1)
        weekly = OPEN_HOURS if kind is PassKind.RECURRING else None
        order = Order("a1" * 8, start, start + lasts, lanes, uses, kind, weekly=weekly)
        return desk.issue(self.folder.parent / "issuer", order).token

    def tick(self) -> None:
        for keeper in self.keepers.values():
            keeper.tick()


@dataclass
class _Clock:
    site: PassSite

    def now(self) -> Moment:
        return self.site.now


@contextmanager
def pass_site() -> Iterator[PassSite]:
    """Open a store and an issuer's desk; closed at the end."""
    with quick_folder() as folder:
        issuer = folder / "issuer"
        desk.create(issuer, COMPOUND)
        keys = key_set(desk.public_keys(issuer), COMPOUND)
        site = PassSite(
            folder / "state", Store.open(folder / "state", START, ballast=0, boot="0"), keys
        )
        try:
            yield site
        finally:
            site.store.close()
