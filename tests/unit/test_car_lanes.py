"""Cars at their lanes, in memory: let in and out by their plates, and by nothing held in a hand."""

from dataclasses import replace
from datetime import date

import pytest

from models.plate import Band
from tests.fakes.car_lanes import BIKES, IN, OUT, CarLanes

STRANGER = "粤B99999"


def test_a_car_comes_in_and_goes_out_again_by_its_plate() -> None:
    site = CarLanes()
    site.vehicle()
    site.arrive(IN)
    site.see(IN)
    site.settle(1.0)
    assert site.drive(IN)
    site.settle(8.0)
    site.arrive(OUT)
    site.see(OUT)
    site.settle(1.0)
    assert site.drive(OUT)
    site.settle(8.0)
    assert site.said() == [("opened", "resident"), ("opened", "resident")]
    assert [row.who for row in site.decisions()] == ["京A12345", "京A12345"]
    assert site.opened() == 2


def test_a_plate_held_in_a_hand_opens_nothing_and_is_told_once() -> None:
    site = CarLanes()
    site.vehicle()
    site.watch(IN, 12)
    site.watch(OUT, 12)
    assert site.said() == [("refused", "no_vehicle")] * 2
    assert site.opened() == 0


def test_a_plate_that_was_read_before_its_car_was_felt_waits_for_it() -> None:
    site = CarLanes()
    site.vehicle()
    site.see(IN)
    site.settle(1.0)
    assert site.opened() == 0
    site.arrive(IN)
    site.settle(0.5)
    assert site.said() == [("opened", "resident")]


def test_a_car_that_comes_after_a_plate_was_held_up_is_let_in() -> None:
    site = CarLanes()
    site.vehicle()
    site.watch(IN, 5)
    site.arrive(IN)
    site.watch(IN, 1)
    assert site.said() == [("refused", "no_vehicle"), ("opened", "resident")]


def test_a_stranger_waits_for_the_guard_once_and_leaves_unasked() -> None:
    site = CarLanes()
    site.arrive(IN)
    site.watch(IN, 12, STRANGER)
    assert site.said() == [("asked", "unknown_plate")]
    assert site.decisions()[0].who == STRANGER
    assert site.decisions()[0].evidence
    site.arrive(OUT)
    site.watch(OUT, 1, STRANGER)
    assert site.said()[1:] == [("opened", "unknown_plate")]


def test_a_plate_that_cannot_be_read_for_certain_is_left_to_the_guard() -> None:
    site = CarLanes()
    site.vehicle()
    site.arrive(IN)
    site.watch(IN, 4, band=Band.ASK)
    assert site.said() == [("asked", "unreadable_plate")]


def test_a_car_without_a_word_about_its_plate_is_brought_before_the_guard() -> None:
    site = CarLanes()
    site.arrive(IN)
    site.settle(4.0)
    assert site.said() == []
    site.settle(20.0)
    assert site.said() == [("asked", "unreadable_plate")]
    site.arrive(OUT)
    site.settle(6.0)
    assert site.said()[1:] == [("opened", "unreadable_plate")]


def test_the_same_car_reopens_and_a_second_one_of_its_plate_is_brought_before_the_guard() -> None:
    site = CarLanes()
    site.vehicle()
    site.arrive(IN)
    site.watch(IN, 1)
    site.drive(IN)
    site.settle(8.0)
    site.arrive(IN)
    site.watch(IN, 1)
    assert site.said() == [("opened", "resident")] * 2
    site.drive(IN)
    site.settle(70.0)
    site.arrive(IN)
    site.watch(IN, 1)
    assert site.said()[2:] == [("asked", "already_inside")]


def test_without_anti_passback_a_car_may_come_twice() -> None:
    site = CarLanes(passback=False)
    site.vehicle()
    for _ in range(2):
        site.arrive(IN)
        site.watch(IN, 1)
        site.drive(IN)
        site.settle(70.0)
    assert site.said() == [("opened", "resident")] * 2


def test_a_car_for_which_the_arm_opened_and_that_did_not_pass_is_not_inside() -> None:
    site = CarLanes()
    site.vehicle()
    site.arrive(IN)
    site.watch(IN, 1)
    site.relays.gates["gate-1"].leave()
    site.settle(70.0)
    site.arrive(IN)
    site.watch(IN, 1)
    assert site.said() == [("opened", "resident")] * 2


def test_a_car_leaves_that_never_came_and_one_whose_right_has_ended() -> None:
    site = CarLanes()
    site.vehicle(until=date(2026, 11, 1))
    site.arrive(IN)
    site.watch(IN, 1)
    site.arrive(OUT)
    site.watch(OUT, 1)
    site.vehicle(STRANGER)
    site.drive(OUT)
    site.settle(8.0)
    site.arrive(OUT)
    site.watch(OUT, 1, STRANGER, track=2)
    assert site.said() == [("asked", "ended"), ("opened", "ended"), ("opened", "unpaired")]


def test_a_car_that_is_kept_out_is_let_in_by_no_card_of_its_driver_either() -> None:
    site = CarLanes()
    site.vehicle()
    site.keep_out()
    holder = site.card_holder("c" * 64)
    assert holder.allowed
    site.arrive(IN)
    site.watch(IN, 1)
    site.card(IN, "c" * 64)
    site.settle(1.0)
    assert site.said() == [("asked", "restricted")] * 2
    site.relays.gates["gate-1"].leave()
    site.settle(3.0)
    site.card(IN, "c" * 64)
    site.settle(1.0)
    assert site.said()[2:] == [("opened", "resident")]
    site.arrive(OUT)
    site.watch(OUT, 1)
    assert site.said()[3:] == [("opened", "restricted")]


def test_what_keeps_a_car_out_has_two_approvers_a_place_and_an_end() -> None:
    for wrong in ({"second": None}, {"until": date(2026, 11, 1)}, {"lanes": frozenset({9})}):
        site = CarLanes()
        site.vehicle()
        site.keep_out(**wrong)
        site.arrive(IN)
        site.watch(IN, 1)
        assert site.said() == [("opened", "resident")]


def test_cars_that_follow_through_are_counted_and_told() -> None:
    site = CarLanes()
    site.vehicle()
    site.arrive(IN)
    site.watch(IN, 1)
    site.drive(IN)
    assert site.alerts() == []
    site.relays.gates["gate-1"].walk()
    site.settle(0.6)
    site.relays.gates["gate-1"].walk()
    site.settle(10.0)
    assert [(row.reason, row.note) for row in site.alerts()] == [
        ("tailgated", f"+{n} · #{site.decisions()[0].seq}") for n in (1, 2)
    ]
    assert site.keepers[IN].tailgated == 2


def test_a_car_that_passes_once_its_relay_has_begun_anew_is_told_once() -> None:
    site = CarLanes(passback=False)
    site.vehicle()
    for _ in range(2):
        site.arrive(IN)
        site.watch(IN, 1)
        site.drive(IN)
        site.settle(70.0)
    gate = site.relays.gates["gate-1"]
    site.arrive(IN)
    site.watch(IN, 1)
    before = len(site.passages(IN))
    gate.reboot()
    gate.gate = replace(gate.gate, passages=0)
    site.settle(0.5)
    assert site.drive(IN)
    site.settle(8.0)
    assert sorted(site.passages(IN)[before:]) == ["passed", "unwatched"]


def test_a_loop_that_was_never_clear_lets_no_plate_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.car_watch.STUCK", 10.0)
    site = CarLanes()
    site.vehicle()
    site.arrive(IN)
    site.settle(35.0)
    site.watch(IN, 1)
    assert site.said()[-1] == ("asked", "no_vehicle")


def test_the_bicycle_lane_takes_cards_and_keeps_cars_out() -> None:
    site = CarLanes()
    site.card_holder("c" * 64)
    site.card(BIKES, "c" * 64)
    site.settle(1.0)
    site.card(BIKES, "d" * 64)
    site.settle(1.0)
    assert site.said() == [("opened", "resident"), ("refused", "unknown_card")]
    site.settle(8.0)
    site.arrive(BIKES)
    site.card(BIKES, "c" * 64)
    site.settle(1.0)
    assert site.said()[2:] == [("asked", "car_in_lane")]
    assert site.opened() == 1


def test_a_car_that_a_camera_sees_in_the_bicycle_lane_keeps_it_shut_for_a_while() -> None:
    site = CarLanes()
    site.card_holder("c" * 64)
    site.see(BIKES, STRANGER)
    site.settle(1.0)
    site.card(BIKES, "c" * 64)
    site.settle(6.0)
    site.card(BIKES, "c" * 64)
    site.settle(1.0)
    assert site.said() == [
        ("asked", "car_in_lane"),
        ("asked", "car_in_lane"),
        ("opened", "resident"),
    ]
