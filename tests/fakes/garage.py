"""A garage in memory: zones, loads, a panel that behaves, and a shelf that keeps things."""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from config.zones import LoadTable, ZoneTable
from edge.zone_ports import EnergyRow, LoadNote
from edge.zones import Shape, View, ZoneKeeper
from gate.energy import Spent
from models.errors import StoreFault
from models.moment import Moment, Trust
from models.panel import KEEP, Panel
from mqtt_bridge.panel_track import HOLD

CHINA = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2026, 11, 21, 19, 30, tzinfo=CHINA).astimezone(UTC)
RAMP = ZoneTable(
    id="ramp",
    name="坡道",
    lamps="garage/ramp",
    watts=100,
    inputs=frozenset({"lane:3/loop"}),
    lit_by=frozenset({3}),
    next=("hall",),
    min_on=5,
    hold=20,
    price=1,
)
HALL = ZoneTable(
    id="hall",
    name="车库",
    lamps="garage/hall",
    watts=200,
    inputs=frozenset({"garage/pir"}),
    min_on=5,
    hold=20,
    dim=20,
    price=1,
)
CHARGER = LoadTable(
    id="c1",
    name="1号充电位",
    socket="garage/c1",
    hours=("20:00-06:00",),
    longest_hours=4,
    max_amps=10,
    smoke=frozenset({"garage/smoke"}),
)


@dataclass
class GarageClock:
    """Both clocks, moved by hand."""

    utc: datetime = EVENING
    mono: float = 1000.0
    trust: Trust = Trust.TRUSTED

    def now(self) -> Moment:
        return Moment(self.utc, self.mono, self.trust)

    def advance(self, seconds: float) -> None:
        self.utc += timedelta(seconds=seconds)
        self.mono += seconds


@dataclass
class GaragePanel:
    """The panel's outputs as they really are; it falls to rest when nobody speaks to it."""

    clock: GarageClock
    levels: dict[str, int] = field(default_factory=lambda: {"ramp": 100, "hall": 100, "c1": 0})
    inputs: dict[str, bool] = field(default_factory=lambda: {"pir": False, "smoke": False})
    amps: dict[str, float] = field(default_factory=lambda: {"c1": 0.0})
    watts: dict[str, float] = field(default_factory=dict)
    plugged: bool = True
    stuck: bool = False
    told_at: float = 1000.0
    armed: list[float] = field(default_factory=list)
    """When the socket went from off to on."""

    def set(self, panel: str, levels: Mapping[str, int]) -> bool:
        assert panel == "garage"
        if not self.plugged:
            return False
        self.told_at = self.clock.mono
        for output, level in levels.items():
            if level == KEEP:
                continue
            if output == "c1" and level > 0 and not self.levels["c1"]:
                self.armed.append(self.clock.mono)
            self.levels[output] = level
        return True

    def trouble(self, panel: str) -> str:
        assert panel == "garage"
        return "" if self.plugged else "is away"

    def live(self) -> Panel | None:
        """Return what the panel says now; None while nobody hears it."""
        if self.clock.mono - self.told_at > HOLD:
            self.rest()
        if self.stuck:
            self.levels["c1"] = 100
        if not self.plugged:
            return None
        return Panel(
            "garage",
            self.clock.mono,
            dict(self.levels),
            dict(self.inputs),
            dict(self.watts),
            dict(self.amps),
        )

    def rest(self) -> None:
        """Fall to rest, as without a word or after a power cut."""
        self.levels = {"ramp": 100, "hall": 100, "c1": 0}


@dataclass
class GarageShelf:
    """What is kept of the garage; a broken one keeps nothing and says so."""

    rows: dict[tuple[str, str], Spent] = field(default_factory=dict)
    notes: list[LoadNote] = field(default_factory=list)
    states: str = ""
    broken: bool = False

    def add_energy(self, rows: Sequence[EnergyRow]) -> "Future[int]":
        end = self._end()
        if not self.broken:
            for day, zone, used in rows:
                key = (day.isoformat(), zone)
                self.rows[key] = self.rows.get(key, Spent()) + used
        return end

    def keep_loads(self, states: str, note: LoadNote, now: Moment) -> "Future[int]":
        del now
        end = self._end()
        if not self.broken:
            self.states = states
            self.notes.append(note)
        return end

    def loads(self) -> str:
        return self.states

    def _end(self) -> "Future[int]":
        end: Future[int] = Future()
        if self.broken:
            end.set_exception(StoreFault("the disk takes nothing"))
        else:
            end.set_result(1)
        return end


class Garage:
    """The keeper under test between its fakes."""

    def __init__(self, zones: tuple[ZoneTable, ...] = (RAMP, HALL)) -> None:
        self.clock = GarageClock()
        self.panel = GaragePanel(self.clock)
        self.shelf = GarageShelf()
        self.shape = Shape(zones, (CHARGER,), CHINA, (29.7, 120.2))
        self.keeper = self.new_keeper()

    def new_keeper(self) -> ZoneKeeper:
        """Return a keeper that has just been started, and knows what the shelf has."""
        self.keeper = ZoneKeeper(self.shape, self.clock, self.panel, self.shelf)
        return self.keeper

    def live(self, seconds: float, step: float = 1.0) -> View:
        """Let time pass, the panel speaking at each step."""
        for _ in range(round(seconds / step)):
            self.clock.advance(step)
            self.turn()
        return self.keeper.view

    def turn(self) -> None:
        """Let the panel speak and the keeper turn once."""
        said = self.panel.live()
        if said is not None:
            self.keeper.handle(said)
        self.keeper.tick()


def ailing_garage(what: str) -> View:
    """Return what the zones say when a sensor is silent, there is smoke, or a socket is stuck."""
    garage = Garage((HALL,))
    garage.live(3)
    match what:
        case "silent":
            del garage.panel.inputs["pir"]
        case "smoke":
            garage.panel.inputs["smoke"] = True
        case "stuck":
            garage.panel.stuck = True
    return garage.live(10)
