"""The story holds what was asked for, in that order, and cannot contradict itself."""

import dataclasses

import pytest

from edge.demo.story import AROUND_CARS, CUT, DARK, LIT, Prop, story, told_again
from models.decision import Reason


def test_the_steps_come_in_their_order_with_their_outcomes() -> None:
    assert [(step.name, step.lane, step.expected) for step in story()] == [
        ("photo_from_phone", 1, "accepted"),
        ("resident_face", 1, "opened"),
        ("stranger_face", 1, "refused:unknown_face"),
        ("print_refused", 2, "refused:not_live"),
        ("pass_from_phone", 1, "opened"),
        ("pass_in", 2, "opened"),
        ("pass_out", 2, "opened"),
        ("pass_used", 2, "refused:used"),
        ("pass_expired", 2, "refused:expired"),
        ("pass_forged", 2, "refused:forged"),
        ("pass_revoked", 2, "refused:revoked"),
        ("pass_offline", 1, "opened"),
        ("guard_open", 2, "opened"),
        ("car_in", 3, "opened"),
        ("lights_on", 3, "lit"),
        ("lights_off", 3, "dark"),
        ("car_out", 3, "opened"),
        ("car_stranger", 3, "asked:unknown_plate"),
        ("plate_in_hand", 3, "refused:no_vehicle"),
        ("charger_cut", 3, "cut"),
        ("face_withdrawn", 1, "refused:unknown_face"),
    ]


def test_every_refusal_is_a_reason_of_the_house() -> None:
    reasons = [step.expected.partition(":")[2] for step in story() if ":" in step.expected]
    assert all(step.prop in AROUND_CARS for step in story() if step.expected in {LIT, DARK, CUT})
    assert {Reason(reason) for reason in reasons} == {
        Reason.UNKNOWN_FACE,
        Reason.USED,
        Reason.EXPIRED,
        Reason.FORGED,
        Reason.NOT_LIVE,
        Reason.NO_VEHICLE,
        Reason.UNKNOWN_PLATE,
        Reason.REVOKED,
    }


def test_the_visitor_leaves_before_coming_once_too_often() -> None:
    shown = [(step.direction, step.expected) for step in story() if step.prop is Prop.VISITOR]
    assert shown == [("entry", "opened"), ("exit", "opened"), ("entry", "refused:used")]


def test_nobody_walks_through_a_refusal() -> None:
    stranger, resident = story()[2], story()[1]
    with pytest.raises(ValueError, match="walk through"):
        dataclasses.replace(stranger, people=1)
    with pytest.raises(ValueError, match="walk through"):
        dataclasses.replace(resident, people=0)


def test_a_show_sends_a_photo_once_and_keeps_the_face() -> None:
    first, later = ({step.name for step in told_again(telling)} for telling in (1, 2))
    everything = {step.name for step in story()}
    assert everything - first == {"face_withdrawn"}
    assert everything - later == {"face_withdrawn", "photo_from_phone"}
