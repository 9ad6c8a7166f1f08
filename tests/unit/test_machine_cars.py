"""Lanes for cars as a state machine: cars and plates in hands, cut wires, absent relays, restarts.

Lanes (edge/lane.py), policy, barrier and the relays' rules are the product's own. The world knows
where a car really stands and since when. The same machine is run against broken lanes below, and
finds each of them.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from edge import car_watch, loop_count
from gate import cars as product
from gate.barrier import FRESH, Barrier
from gate.counting import Count, Untold
from models.command import Action, Position
from models.event import Event, EventKind
from models.facts import Facts
from models.observation import Observation
from models.plate import Band
from models.sensor import Input
from models.vehicle import Presence
from tests.fakes.car_lanes import IN, OUT, CarLanes
from tests.fakes.relays import FakeGate
from tests.fuzz.machine import Pace, found_out

PACE = Pace(stories=25, steps=30)
LONG = Pace(stories=1000, steps=120)
OURS, ENDED, KEPT_OUT, STRANGER = "京A12345", "京B22222", "沪C33333", "粤D44444"
LANES = st.sampled_from([IN, OUT])
PLATES = st.sampled_from([OURS, KEPT_OUT, KEPT_OUT, ENDED, STRANGER])
BANDS = st.sampled_from([Band.ACCEPT, Band.ACCEPT, Band.ACCEPT, Band.ASK])
TURN = 0.1
"""Seconds of a lane's turn."""
FELT = FRESH + 0.3
"""Seconds in which a lane may still believe what its relay said last."""
MENDED = 4.0
"""Seconds after which every relay that is there has been heard, one that began anew as well."""
LET_OUT = 45.0
"""Seconds in which a car is let out once nothing is broken; half a minute of them is not asking
twice about the same car.
"""


class CarMachine(RuleBasedStateMachine):
    """One lane in, one lane out."""

    @initialize()
    def build(self) -> None:
        self.site = CarLanes()
        self.site.vehicle(OURS)
        self.site.vehicle(ENDED, until=date(2026, 11, 1))
        self.site.vehicle(KEPT_OUT)
        self.site.keep_out(KEPT_OUT)
        self.stands: dict[int, str] = {}
        self.came = dict.fromkeys((IN, OUT), float("-inf"))
        self.left = dict.fromkeys((IN, OUT), float("-inf"))
        self.read_to = self.obeyed = self.track = self.starts = 0
        self.orders: set[str] = set()
        self.told = dict.fromkeys((IN, OUT), 0)
        """Rows that tell of somebody who went through, since the lane's relay has counted."""
        self.live(0.2)

    def gate(self, lane: int) -> FakeGate:
        return self.site.relays.gates[f"gate-{lane}"]

    def live(self, seconds: float) -> None:
        """Let time pass, and hold what the lanes write and the relays do against what is true."""
        until = self.site.clock() + seconds
        while self.site.clock() < until:
            self.site.turn(TURN)
            rows = self.site.store.events(self.read_to, 100)
            for row in rows:
                self.read_to = row.seq
                self.hold_to(row)
            self.no_relay_closes_on_a_car()

    def hold_to(self, row: Event) -> None:
        now = self.site.clock()
        match row.kind, row.lane:
            case EventKind.DECISION, lane if lane == OUT:
                if row.answer != "opened":
                    assert (row.answer, row.reason) == ("refused", "no_vehicle")
                    there = OUT in self.stands and now - self.came[OUT] > FELT
                    assert not there, "a car was kept from leaving"
            case EventKind.DECISION, lane if lane == IN and row.answer == "opened":
                there = IN in self.stands or now - self.left[IN] <= FELT
                assert there, "a plate in a hand opened"
                assert row.who == OURS, "a car without a right came in by itself"
            case EventKind.MOVE, lane if lane is not None and row.reason == Action.CLOSE:
                there = lane in self.stands and now - self.came[lane] > FELT
                assert not there, "a close on a present car"
            case EventKind.PASSAGE, lane if lane is not None:
                self.told[lane] += row.reason in ("passed", "through")

    def no_relay_closes_on_a_car(self) -> None:
        ledger = self.site.relays.ledger
        for entry in ledger[self.obeyed :]:
            if entry.action is Action.CLOSE:
                assert entry.lane not in self.stands, "closed on a present car"
            if entry.cmd_id is not None:
                assert entry.cmd_id not in self.orders, "obeyed twice"
                self.orders.add(entry.cmd_id)
        self.obeyed = len(ledger)

    @rule(seconds=st.sampled_from([0.2, 0.2, 0.5, 1.0, 2.5, 6.0]))
    def time_passes(self, seconds: float) -> None:
        self.live(seconds)

    @rule(lane=LANES, plate=PLATES)
    def car_comes(self, lane: int, plate: str) -> None:
        if lane not in self.stands:
            self.gate(lane).stand()
            self.stands[lane], self.came[lane] = plate, self.site.clock()
        self.live(0.2)

    @rule(lane=LANES, plate=PLATES, band=BANDS, after=st.sampled_from([0.1, 0.1, FELT]))
    def plate_is_read(self, lane: int, plate: str, band: Band, after: float) -> None:
        """Read the car that stands there, or one that comes just now."""
        if lane not in self.stands:
            self.car_comes(lane, plate)
        self.live(after)
        self.see(lane, self.stands[lane], band)

    @rule(lane=LANES)
    def plate_is_held_up(self, lane: int) -> None:
        if lane not in self.stands:
            self.see(lane, OURS, Band.ACCEPT)

    def see(self, lane: int, plate: str, band: Band) -> None:
        self.track += 1
        self.site.see(lane, plate, band, self.track)
        self.live(0.3)

    @rule(lane=LANES)
    def car_drives_on_or_back(self, lane: int) -> None:
        if self.stands.pop(lane, None) is not None:
            self.gate(lane).leave()
            self.gate(lane).walk()
            self.left[lane] = self.site.clock()
        self.live(0.5)

    @rule(lane=LANES)
    def ours_goes_through(self, lane: int) -> None:
        self.plate_is_read(lane, OURS, Band.ACCEPT, 0.1)
        self.live(0.5)
        self.car_drives_on_or_back(lane)

    @rule(lane=LANES, which=st.sampled_from([Input.LOOP, Input.BEAM, Input.RADAR]))
    def wire_is_cut(self, lane: int, which: Input) -> None:
        gate = self.gate(lane)
        gate.gate = replace(gate.gate, cut=gate.gate.cut | {which})
        self.live(0.2)

    @rule(lane=LANES)
    def relay_goes(self, lane: int) -> None:
        self.gate(lane).unplug()
        self.live(0.2)

    @rule(lane=LANES, anew=st.booleans())
    def relay_comes(self, lane: int, anew: bool) -> None:
        gate = self.gate(lane)
        if anew:
            # It counts from nothing; whom nobody was told of is lost, and the lane is unwatched.
            gate.reboot()
            gate.gate = replace(gate.gate, passages=0)
            self.told[lane] = 0
        gate.plug()
        self.live(0.3)

    @rule(up=st.booleans())
    def broker_goes_or_comes(self, up: bool) -> None:
        self.site.relays.broker_up = up
        self.live(0.2)

    @rule()
    def core_starts_anew(self) -> None:
        self.starts += 1
        self.site.store.close()
        self.site.start(f"boot {self.starts}")
        before = len(self.site.relays.ledger)
        self.site.turn(TURN)
        assert len(self.site.relays.ledger) == before, "a start commands nothing"
        self.live(0.2)

    @rule()
    def all_is_mended(self) -> None:
        self.site.relays.broker_up = True
        for lane in (IN, OUT):
            gate = self.gate(lane)
            gate.gate = replace(gate.gate, cut=frozenset())
            gate.plug()
        self.live(MENDED)
        for lane in (IN, OUT):
            gate = self.gate(lane)
            count = Count(gate.relay.epoch, gate.gate.passages)
            assert self.site.store.told_count(lane) == count, "somebody went through untold"
            assert self.told[lane] == count.number, "rows tell of more or fewer than went through"

    def teardown(self) -> None:
        """A car before a gate that nothing ails gets out in the end, whosever it is."""
        if not hasattr(self, "site"):
            return
        self.all_is_mended()
        self.car_comes(OUT, STRANGER)
        until = self.site.clock() + LET_OUT
        while self.gate(OUT).gate.position not in (Position.OPEN, Position.OPENING):
            assert self.site.clock() < until, "a car was never let out"
            self.see(OUT, self.stands[OUT], Band.ASK)
            self.live(0.7)


def test_no_story_of_cars_breaks_their_rules() -> None:
    PACE.run(CarMachine)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_no_long_story_of_cars_breaks_their_rules(capsys: pytest.CaptureFixture[str]) -> None:
    LONG.run_long(CarMachine, capsys)


def _lets_anybody_stay(_seen: Observation, _facts: Facts) -> bool:
    return True


def _forgets_who_is_kept_out(
    watch: car_watch.CarWatch, facts: Facts, seen: Observation, now: float
) -> Facts:
    return replace(REAL_APPLIED(watch, facts, seen, now), restriction=None)


def _there(_barrier: Barrier, _now: float) -> Presence:
    return Presence.THERE


def _clear_unless_felt(barrier: Barrier, now: float) -> Presence:
    felt = REAL_PRESENCE(barrier, now)
    return Presence.CLEAR if felt is Presence.UNKNOWN else felt


REAL_APPLIED = car_watch.CarWatch.applied
REAL_PRESENCE = car_watch.vehicle_presence
MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "tell of nobody who went while core was away": lambda patch: patch.setattr(
        loop_count, "untold", lambda _told, _heard: Untold(0, unwatched=False)
    ),
    "count whom they let in once more": lambda patch: patch.setattr(
        loop_count.LoopCount, "ended", lambda _count, _seq, _passed, _epoch: None
    ),
    "close on a present car": lambda patch: patch.setattr(
        Barrier, "occupied", lambda _barrier, _now: False
    ),
    "ask strangers who leave": lambda patch: patch.setattr(
        product, "nobody_leaves", _lets_anybody_stay
    ),
    "take a cut wire on the way out for nobody": lambda patch: patch.setattr(
        car_watch, "vehicle_presence", _clear_unless_felt
    ),
    "open for a plate in a hand": lambda patch: patch.setattr(
        car_watch, "vehicle_presence", _there
    ),
    "let in who is kept out": lambda patch: patch.setattr(
        car_watch.CarWatch, "applied", _forgets_who_is_kept_out
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_finds_lanes_that(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    found_out(CarMachine, PACE)
