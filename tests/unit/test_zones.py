"""The zones' loop over a panel that behaves: light first, chargers never by accident."""

import threading

import pytest

from edge.ailment import Ailment
from edge.zone_sockets import RECORD_WITHIN
from edge.zones import Admitted, ArmWish, Moved
from models.command import Position
from models.event import EventKind
from models.load import Cause, Power
from models.moment import Trust
from models.sensor import Input, Reading
from models.zone import Why
from tests.fakes.garage import CHARGER, HALL, RAMP, Garage

WATCHED = RAMP.model_copy(update={"inputs": frozenset({"camera:cam1"})})
PATH = HALL.model_copy(update={"daylight": "sun"})
HOURS = HALL.model_copy(update={"daylight": "18:00-06:30"})


def loop(garage: Garage, *, active: bool) -> None:
    at = garage.clock.mono
    garage.keeper.handle(Reading("gate-3", 3, Position.CLOSED, {Input.LOOP: active}, at))
    garage.keeper.tick()


def why(garage: Garage, zone: str = "hall") -> str:
    return {each.id: each.why for each in garage.keeper.view.zones}[zone]


def at_eight(garage: Garage) -> Garage:
    """Live until just after the charger's hours have begun."""
    garage.live(1795, 5.0)
    garage.live(10)
    return garage


def load(garage: Garage) -> tuple[Power, Cause]:
    stands = garage.keeper._sockets.loads["c1"]
    return stands.power, stands.cause


def test_an_admitted_car_finds_its_zones_lit_at_the_next_turn_and_dark_behind_it() -> None:
    garage = Garage()
    loop(garage, active=False)
    for _ in range(12):
        garage.live(1)
        loop(garage, active=False)
    assert garage.panel.levels == {"ramp": 0, "hall": 20, "c1": 0}
    garage.keeper.handle(Admitted(3))
    garage.keeper.tick()
    assert garage.panel.levels == {"ramp": 100, "hall": 100, "c1": 0}
    assert why(garage, "ramp") == Why.ADMITTED
    for _ in range(30):
        garage.live(1)
        loop(garage, active=False)
    assert garage.panel.levels == {"ramp": 0, "hall": 20, "c1": 0}


def test_what_was_lost_on_the_way_is_said_again() -> None:
    garage = Garage((HALL,))
    garage.live(20)
    garage.panel.levels["hall"] = 0
    garage.live(2)
    assert garage.panel.levels["hall"] == 20


def test_a_camera_that_sees_something_move_lights_its_zone_and_a_dead_one_too() -> None:
    garage = Garage((WATCHED.model_copy(update={"next": ()}),))
    for _ in range(12):
        garage.keeper.handle(Moved("cam1", 30.0, live=True))
        garage.live(1)
    assert why(garage, "ramp") == Why.REST
    garage.keeper.handle(Moved("cam1", 0.4, live=True))
    garage.live(1)
    assert why(garage, "ramp") == Why.MOTION
    garage.keeper.handle(Moved("cam1", 0.4, live=False))
    garage.live(1)
    assert why(garage, "ramp") == Why.SENSOR_AWAY


def test_a_broker_that_is_away_leaves_light_and_no_current() -> None:
    garage = at_eight(Garage((HALL,)))
    assert load(garage)[0] is Power.ON
    garage.panel.plugged = False
    view = garage.live(20)
    assert garage.panel.levels == {"ramp": 100, "hall": 100, "c1": 0}
    assert why(garage) == Why.RELAY_AWAY
    assert {each.ailment for each in view.troubles} == {Ailment.ZONE_FAIL_LIT, Ailment.LOAD_CUT}
    garage.panel.plugged = True
    garage.live(60)
    assert load(garage) == (Power.CUT, Cause.LOST)
    assert garage.panel.levels["c1"] == 0


@pytest.mark.parametrize(("table", "hour"), [(PATH, 12), (HOURS, 12)])
def test_by_day_a_path_is_dark_and_with_a_doubted_clock_it_is_not(table: object, hour: int) -> None:
    garage = Garage((table,))  # type: ignore[arg-type]
    garage.clock.utc = garage.clock.utc.replace(hour=hour - 8)
    garage.live(20)
    assert why(garage) == Why.DAY
    garage.clock.trust = Trust.UNKNOWN
    garage.live(2)
    assert why(garage) == Why.DIM
    garage.panel.inputs["pir"] = True
    garage.live(1)
    assert why(garage) == Why.MOTION


def test_the_charger_comes_on_with_its_hours_once_its_row_is_on_the_disk() -> None:
    garage = at_eight(Garage())
    assert load(garage) == (Power.ON, Cause.SCHEDULE)
    assert garage.panel.levels["c1"] == 100
    assert len(garage.panel.armed) == 1
    assert [note.reason for note in garage.shelf.notes] == ["load_on", "load_seen"]


def test_no_disk_no_current() -> None:
    garage = Garage()
    garage.shelf.broken = True
    at_eight(garage)
    assert load(garage) == (Power.OFF, Cause.MISSED)
    assert garage.panel.armed == []


def test_smoke_cuts_at_once_even_without_a_disk_and_the_row_comes_later() -> None:
    garage = at_eight(Garage())
    garage.shelf.broken = True
    garage.panel.inputs["smoke"] = True
    garage.live(1)
    assert garage.panel.levels["c1"] == 0
    garage.live(10)
    garage.shelf.broken = False
    garage.live(5)
    rows = [note for note in garage.shelf.notes if note.kind is EventKind.FAULT]
    assert [(note.reason, note.text) for note in rows] == [("load_cut_smoke", CHARGER.name)]


def test_a_cut_outlives_a_restart_and_a_guard_ends_it() -> None:
    garage = at_eight(Garage())
    garage.panel.amps["c1"] = 11.0
    garage.live(3)
    garage.panel.amps["c1"] = 0.0
    garage.new_keeper()
    garage.live(100)
    assert load(garage) == (Power.CUT, Cause.OVER_CURRENT)
    said: list[str] = []
    garage.keeper.handle(ArmWish("c1", "小王", said.append))
    garage.live(2)
    assert said == ["armed"]
    assert load(garage) == (Power.ON, Cause.GUARD)
    (armed,) = [note for note in garage.shelf.notes if note.reason == "load_armed"]
    assert (armed.kind, armed.who, armed.text) == (EventKind.ADMIN, "小王", CHARGER.name)
    garage.keeper.handle(ArmWish("c1", "小王", said.append))
    garage.keeper.handle(ArmWish("c9", "小王", said.append))
    assert said == ["armed", "armed_already", "no_load"]


def test_nobody_arms_into_smoke_or_without_a_disk() -> None:
    garage = Garage()
    garage.live(2)
    said: list[str] = []
    garage.panel.inputs["smoke"] = True
    garage.live(1)
    garage.keeper.handle(ArmWish("c1", "小王", said.append))
    garage.panel.inputs["smoke"] = False
    garage.live(1)
    garage.shelf.broken = True
    garage.keeper.handle(ArmWish("c1", "小王", said.append))
    garage.live(RECORD_WITHIN + 2)
    assert said == ["not_safe", "not_recorded"]
    assert garage.panel.armed == []


def test_a_restart_takes_over_a_charger_that_is_on() -> None:
    garage = at_eight(Garage())
    garage.new_keeper()
    garage.live(5)
    assert load(garage) == (Power.ON, Cause.SCHEDULE)
    assert len(garage.panel.armed) == 1


@pytest.mark.parametrize("wrong", ["doubted", "years behind"])
def test_a_restart_without_the_time_keeps_nothing_on(wrong: str) -> None:
    garage = at_eight(Garage())
    if wrong == "doubted":
        garage.clock.trust = Trust.UNKNOWN
    else:
        garage.clock.utc = garage.clock.utc.replace(year=2020)
    garage.new_keeper()
    garage.live(5)
    assert load(garage) == (Power.OFF, Cause.MISSED)
    assert garage.panel.levels["c1"] == 0


def test_a_restart_within_the_hours_arms_nothing_that_was_off() -> None:
    garage = Garage()
    garage.live(5)
    garage.clock.advance(3600)
    garage.new_keeper()
    garage.live(100)
    assert garage.panel.armed == []


def test_energy_is_kept_each_minute_metered_where_a_meter_tells() -> None:
    garage = Garage((HALL,))
    garage.live(20)
    garage.panel.watts["hall"] = 36.0
    garage.live(700)
    used = garage.shelf.rows["2026-11-21", "hall"]
    assert used.metered == pytest.approx(36 * 640 / 3.6e6, rel=0.15)
    assert used.estimated > 0
    assert used.baseline == pytest.approx(200 * 660 / 3.6e6, rel=0.15)
    assert used.saved > 0


def test_energy_waits_for_the_disk_and_is_counted_once() -> None:
    garage = Garage((HALL,))
    garage.shelf.broken = True
    garage.live(200)
    assert garage.shelf.rows == {}
    garage.shelf.broken = False
    garage.live(100)
    garage.keeper._meter.close(garage.clock.now(), 1.0)
    used = garage.shelf.rows["2026-11-21", "hall"]
    assert used.baseline == pytest.approx(200 * 299 / 3.6e6, rel=0.01)


def test_a_clock_that_is_set_moves_no_energy() -> None:
    garage = Garage((HALL,))
    garage.live(30)
    garage.clock.utc = garage.clock.utc.replace(year=2031)
    garage.live(30)
    garage.clock.utc = garage.clock.utc.replace(year=2026)
    garage.clock.trust = Trust.FLOOR
    garage.live(30)
    garage.clock.trust = Trust.TRUSTED
    garage.live(100)
    garage.keeper._meter.close(garage.clock.now(), 1.0)
    total = sum(used.baseline for used in garage.shelf.rows.values())
    assert total == pytest.approx(200 * 189 / 3.6e6, rel=0.01)


def test_the_thread_turns_and_ends() -> None:
    garage = Garage()
    stop = threading.Event()
    thread = threading.Thread(target=garage.keeper.run, args=(stop,))
    thread.start()
    while garage.keeper.turns < 2:
        garage.keeper.put(Admitted(3))
    stop.set()
    thread.join()
    assert why(garage, "ramp") in (Why.SENSOR_AWAY, Why.ADMITTED)
