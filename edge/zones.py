"""The zones' loop: one thread that is the single writer of every lamp's and socket's state.

hear -> step -> tell the panels -> count. `handle` and `tick` are that thread's two steps and can
be called without it. What is told to a panel is its whole state: it is told at once when it
changes, and again each second, for only the newest counts and what was lost is made good.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo

from config.zones import LoadTable, ZoneTable
from edge import wire
from edge.ailment import Ailment, Trouble
from edge.panel_table import load_rule, split, tariff, zone_rule
from edge.ports import Clock
from edge.zone_meter import Meter
from edge.zone_ports import Panels, ZoneLedger
from edge.zone_sockets import Sockets
from gate.daylight import is_dark
from gate.lights import FRESH, Lights, admit, hear, lights, step
from gate.schedules import window
from models.load import Power, Signs
from models.moment import Moment, Trust
from models.panel import Panel
from models.sensor import Input, Reading
from models.zone import FAILED

TURN = 0.2
SAY_EVERY = 1.0
MOVES_FOR = 1.5
"""Seconds for which a camera's last movement counts as now; it is told of once a second."""
CLOSE_WITHIN = 3.0
ROOM = 500


@dataclass(frozen=True, slots=True)
class Admitted:
    """A lane has let somebody in."""

    lane: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A camera is heard; `ago` is seconds since something moved before it, below 0 for never."""

    camera: str
    ago: float
    live: bool


@dataclass(frozen=True, slots=True)
class ArmWish:
    """A named guard arms a load; `answer` is called once with a word."""

    load: str
    guard: str
    answer: Callable[[str], None]


Item = Panel | Reading | Admitted | Moved | ArmWish


@dataclass(frozen=True, slots=True)
class Shape:
    """What the site file says of zones and loads, and where the site lies."""

    zones: tuple[ZoneTable, ...]
    loads: tuple[LoadTable, ...]
    zone: tzinfo
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class View:
    """How all of it stands, for whoever asks."""

    zones: tuple[wire.ZoneState, ...] = ()
    loads: tuple[wire.LoadState, ...] = ()
    troubles: tuple[Trouble, ...] = ()


class ZoneKeeper:
    """Keeps every zone and load of a site."""

    def __init__(self, shape: Shape, clock: Clock, panels: Panels, ledger: ZoneLedger) -> None:
        self.turns = 0
        self.view = View()
        self._shape = shape
        self._clock = clock
        self._panels = panels
        self._queue: deque[Item] = deque(maxlen=ROOM)
        self._turn = threading.Condition()
        self._said: dict[str, Panel] = {}
        self._told: dict[str, tuple[dict[str, int], float]] = {}
        self._lights: Lights = lights(zone_rule(each) for each in shape.zones)
        tariffs = {each.id: tariff(each) for each in shape.zones}
        self._meter = Meter(tariffs, shape.zone, ledger)
        rules = {each.id: load_rule(each) for each in shape.loads}
        names = {each.id: each.name or each.id for each in shape.loads}
        self._sockets = Sockets(rules, names, shape.zone, ledger, clock.now())
        self._names = names

    def put(self, item: Item) -> None:
        """Take something to hear; from any thread."""
        with self._turn:
            self._queue.append(item)
            self._turn.notify()

    def run(self, stop: threading.Event) -> None:
        """Turn until `stop`; then what was counted is kept. The panels let go by themselves."""
        while not stop.is_set():
            with self._turn:
                self._turn.wait_for(lambda: self._queue, TURN)
                items = tuple(self._queue)
                self._queue.clear()
            for item in items:
                self.handle(item)
            self.tick()
            self.turns += 1
        self._meter.close(self._clock.now(), CLOSE_WITHIN)

    def handle(self, item: Item) -> None:
        """Hear one thing."""
        now = self._clock.now()
        match item:
            case Panel():
                self._said[item.relay] = item
                for wired, said in item.inputs.items():
                    self._lights = hear(self._lights, f"{item.relay}/{wired}", said, item.at)
            case Reading():
                for which in (Input.LOOP, Input.BEAM):
                    name = f"lane:{item.lane}/{which}"
                    self._lights = hear(self._lights, name, item.active.get(which), item.at)
            case Admitted():
                self._lights = admit(self._lights, item.lane, now.mono)
            case Moved():
                active = 0 <= item.ago <= MOVES_FOR if item.live else None
                self._lights = hear(self._lights, f"camera:{item.camera}", active, now.mono)
            case ArmWish():
                if item.load in self._sockets.loads:
                    signs = self._signs(item.load, now)
                    self._sockets.arm(item.load, item.guard, signs, now, item.answer)
                else:
                    item.answer("no_load")

    def tick(self) -> None:
        """Let time pass: what shall shine and charge now, said to the panels, and counted."""
        now = self._clock.now()
        away = frozenset(
            each.id for each in self._shape.zones if self._panels.trouble(split(each.lamps)[0])
        )
        day = frozenset(each.id for each in self._shape.zones if not self._dark(each, now))
        self._lights = step(self._lights, now.mono, day=day, away=away)
        self._sockets.step({each.id: self._signs(each.id, now) for each in self._shape.loads}, now)
        self._tell(now.mono)
        self._meter.run({each.id: self._burns(each, now.mono) for each in self._shape.zones}, now)
        self.view = self._seen(now)

    # --- what is known -----------------------------------------------------------------------

    def _fresh(self, wire_name: str, now: float) -> tuple[Panel | None, str]:
        relay, output = split(wire_name)
        said = self._said.get(relay)
        heard = said is not None and now - said.at <= FRESH and not self._panels.trouble(relay)
        return (said if heard else None), output

    def _signs(self, load: str, now: Moment) -> Signs:
        table = next(each for each in self._shape.loads if each.id == load)
        said, output = self._fresh(table.socket, now.mono)
        if said is None:
            return Signs(there=False, smoke=self._smoke(table, now.mono))
        level = said.levels.get(output)
        on = None if level is None else level > 0
        return Signs(True, on, said.amps.get(output), self._smoke(table, now.mono))  # noqa: FBT003

    def _smoke(self, table: LoadTable, now: float) -> bool | None:
        """Return whether there is smoke: one alarm is smoke, and one silence is not "clear"."""
        heard = [self._fresh(each, now) for each in sorted(table.smoke)]
        found = [said.inputs.get(name) if said else None for said, name in heard]
        if any(found):
            return True
        return None if not found or None in found else False

    def _dark(self, table: ZoneTable, now: Moment) -> bool:
        """Return whether lamps are wanted; they are whenever that cannot be known."""
        if now.trust is not Trust.TRUSTED or table.daylight == "none":
            return True
        if table.daylight == "sun":
            return self._shape.place is None or is_dark(*self._shape.place, now.utc)
        return self._local(now) in window(table.daylight)

    def _local(self, now: Moment) -> datetime:
        return now.utc.astimezone(self._shape.zone).replace(tzinfo=None)

    def _burns(self, table: ZoneTable, now: float) -> tuple[int, float | None]:
        """Return how a zone's lamps burn and what a meter says: what they say, or were told."""
        said, output = self._fresh(table.lamps, now)
        wished = self._lights.light(table.id).level
        if said is None:
            return wished, None
        return said.levels.get(output, wished), said.watts.get(output)

    # --- what is said ------------------------------------------------------------------------

    def _tell(self, now: float) -> None:
        wanted: dict[str, dict[str, int]] = {}
        for zone in self._shape.zones:
            panel, output = split(zone.lamps)
            wanted.setdefault(panel, {})[output] = self._lights.light(zone.id).level
        for load in self._shape.loads:
            panel, output = split(load.socket)
            wanted.setdefault(panel, {})[output] = self._sockets.levels(load.id)
        for panel, levels in wanted.items():
            before, at = self._told.get(panel, ({}, float("-inf")))
            if (levels != before or now - at >= SAY_EVERY) and self._panels.set(panel, levels):
                self._told[panel] = (levels, now)

    def _seen(self, now: Moment) -> View:
        zones = tuple(self._zone(each, now.mono) for each in self._shape.zones)
        loads = tuple(self._load(each, now) for each in self._shape.loads)
        return View(zones, loads, (*self._dim(now.mono), *self._dangers(now.mono)))

    def _zone(self, table: ZoneTable, now: float) -> wire.ZoneState:
        light = self._lights.light(table.id)
        level, watts = self._burns(table, now)
        name = table.name or table.id
        metered = -1.0 if watts is None else watts
        return wire.ZoneState(table.id, name, light.level, light.why, level, metered)

    def _load(self, table: LoadTable, now: Moment) -> wire.LoadState:
        load = self._sockets.loads[table.id]
        signs = self._signs(table.id, now)
        left = max(0.0, load.off_at - now.mono) if load.armed else 0.0
        if load.armed and load.plugged is not None:
            left = min(left, max(0.0, table.longest_hours * 3600 - (now.mono - load.plugged)))
        amps = -1.0 if signs.amps is None else signs.amps
        return wire.LoadState(
            table.id, self._names[table.id], load.power, load.cause, left, amps, signs.there
        )

    def _dim(self, now: float) -> list[Trouble]:
        """Return each zone that shines because it cannot see."""
        found = []
        for name in self._lights.zones:
            light = self._lights.light(name)
            if light.why in FAILED:
                silent = ", ".join(self._lights.silent(name, now)) or "its lamps' relay"
                text = f"{silent} is not heard, so the zone stays lit"
                advice = "check its power, its wire and the network"
                found.append(Trouble(Ailment.ZONE_FAIL_LIT, f"zone {name}", text, advice))
        return found

    def _dangers(self, now: float) -> list[Trouble]:
        found = []
        for name, load in self._sockets.loads.items():
            part = f"load {name}"
            if load.power is Power.CUT:
                text = f"its socket is cut: {load.cause}"
                advice = "look at what is plugged in, then arm it on the page of lights"
                found.append(Trouble(Ailment.LOAD_CUT, part, text, advice))
            if load.defies(now):
                text = "its socket is on although it was told to go off"
                advice = "pull the plug or the fuse now, then have the relay replaced"
                found.append(Trouble(Ailment.LOAD_STUCK, part, text, advice))
        return found
