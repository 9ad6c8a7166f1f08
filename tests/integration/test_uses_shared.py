"""Uses of passes between gate machines: counted once, whoever hears whom and when."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from edge.neighbours import QUIET, Company, Neighbours
from models.command import Outcome
from models.decision import Reason, Verdict
from models.lane import Direction
from models.visit import Claims, PassKind
from mqtt_bridge.broker import Message
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.uses import MAX_PAYLOAD, MOST_MACHINES, Told, heard, said
from tests.fakes import store_words as say
from tests.fakes.use_bus import COMPOUND, KEY, Compound, compound


@pytest.fixture
def site() -> Iterator[Compound]:
    with compound() as made:
        yield made


def visit(number: int = 1, kind: PassKind = PassKind.SINGLE, uses: int = 1) -> Claims:
    one = replace(say.claims(f"{number:032x}"), kind=kind, uses=uses)
    return replace(one, expires=one.not_before + timedelta(hours=12))


def test_a_pass_that_was_used_at_one_gate_is_used_at_the_other(site: Compound) -> None:
    north, south = site.boxes
    assert north.show(visit()).verdict is Verdict.OPEN
    site.turn()
    site.turn()
    assert south.show(visit()).reason is Reason.USED
    out = south.show(visit(), Direction.EXIT)
    assert (out.verdict, out.reason) == (Verdict.OPEN, Reason.VISITOR)
    site.turn()
    site.turn()
    assert north.show(visit(), Direction.EXIT).reason is Reason.USED
    assert north.doubles() == south.doubles() == 0


def test_a_gate_that_hears_nobody_goes_on_and_the_double_use_is_found(site: Compound) -> None:
    north, south = site.boxes
    site.turn()
    south.wire.split()
    assert north.show(visit()).verdict is Verdict.OPEN
    site.settle()
    assert south.show(visit()).verdict is Verdict.OPEN
    assert south.show(visit(2)).verdict is Verdict.OPEN
    south.wire.heal()
    site.settle()
    assert (north.doubles(), south.doubles()) == (1, 1)
    assert len(north.told) == len(south.told) == 1
    # It is said once, however often it is heard of.
    for message in list(site.bus.said):
        for box in site.boxes:
            box.shared.heard(message)
    site.settle()
    assert (north.doubles(), south.doubles()) == (1, 1)
    assert north.show(visit(2)).reason is Reason.USED


def test_two_gates_asked_in_the_same_moment_find_out_when_the_second_opens(
    site: Compound,
) -> None:
    north, south = site.boxes
    site.turn()
    first, second = north.begin(visit())[1], south.begin(visit())[1]
    assert first is not None
    assert second is not None
    north.end(first, Outcome.DONE)
    site.settle()
    assert north.doubles() == south.doubles() == 0
    south.end(second, Outcome.DONE)
    site.settle()
    assert (north.doubles(), south.doubles()) == (1, 1)
    assert len(north.told) == len(south.told) == 1


def test_a_use_whose_gate_did_not_open_is_no_double_use(site: Compound) -> None:
    north, south = site.boxes
    site.turn()
    south.wire.split()
    assert north.show(visit(), opens=False).verdict is Verdict.OPEN
    assert south.show(visit()).verdict is Verdict.OPEN
    south.wire.heal()
    site.settle()
    assert north.doubles() == south.doubles() == 0


def test_what_was_lost_on_the_way_is_found_again(site: Compound) -> None:
    north, south = site.boxes
    site.turn()
    site.bus.loses = 3
    north.show(visit())
    north.shared.turn(site.now)
    site.settle()
    north.show(visit(2))
    site.settle()
    assert south.show(visit()).reason is Reason.USED
    assert south.show(visit(2)).reason is Reason.USED


def test_many_uses_go_over_in_pieces_that_brokers_take(site: Compound) -> None:
    north, south = site.boxes
    south.wire.split()
    for number in range(1, 36):
        north.show(visit(number))
    site.settle()
    south.wire.heal()
    site.settle()
    assert [south.show(visit(number)).reason for number in range(1, 36)] == [Reason.USED] * 35
    assert max(len(message.payload) for message in site.bus.said) <= MAX_PAYLOAD


def test_a_box_that_was_away_is_told_after_its_restart(site: Compound) -> None:
    north, south = site.boxes
    south.show(visit(3))
    south.restart()
    north.show(visit())
    site.settle()
    assert south.show(visit()).reason is Reason.USED
    assert north.show(visit(3)).reason is Reason.USED


def test_only_machines_of_the_compound_are_believed(site: Compound) -> None:
    north, south = site.boxes
    site.turn()
    site.bus.said.clear()
    north.show(visit())
    north.shared.turn(site.now)
    genuine = site.bus.said[-1]
    told = heard(KEY, COMPOUND, genuine)
    assert isinstance(told, Told)
    stranger = replace(told, journal="ee" * 16, uses=(told.uses[0],))
    other_key = said(RelayKey(bytes(32)), COMPOUND, stranger)
    kept = replace(said(KEY, COMPOUND, stranger), retained=True)
    fresh = visit(9)
    forged = Message(genuine.topic, genuine.payload.replace(b'"number":1', b'"number":2'))
    south.wire.split()
    with compound() as elsewhere:
        box = elsewhere.boxes[0]
        for message in (other_key, kept, forged, Message(genuine.topic, b"x" * 5000)):
            box.shared.heard(message)
        elsewhere.settle()
        assert box.show(visit()).verdict is Verdict.OPEN
        assert box.show(fresh).verdict is Verdict.OPEN


def test_a_delivery_goes_in_again_at_another_gate_within_its_hour(site: Compound) -> None:
    north, south = site.boxes
    courier = visit(4, PassKind.DELIVERY)
    assert north.show(courier).verdict is Verdict.OPEN
    site.settle(2)
    assert south.show(courier).verdict is Verdict.OPEN
    site.now = site.now.after(3600.0)
    site.settle(2)
    assert south.show(courier).reason is Reason.USED
    assert north.doubles() == south.doubles() == 0


def test_a_pass_that_is_used_every_day_is_told_in_brief(site: Compound) -> None:
    north, south = site.boxes
    nanny = visit(5, PassKind.WINDOW, 60)
    for _ in range(20):
        for way in Direction:
            assert north.show(nanny, way).verdict is Verdict.OPEN
            site.now = site.now.after(30.0)
    site.settle()
    assert south.show(nanny).verdict is Verdict.OPEN
    for box in site.boxes:
        site.settle(1)
        known = box.store.pass_state(nanny.pass_id)
        assert len(known.uses) == 25
        assert known.uses[0].number == 1
        assert (known.earlier.ways_in, known.earlier.ways_out) == (8, 8)
    for number in range(21, 60):
        assert south.show(nanny).use == number - 19
    assert south.show(nanny).reason is Reason.USED


def test_a_broker_that_is_away_is_told_until_it_is_back(site: Compound) -> None:
    north, south = site.boxes
    site.settle()
    assert north.shared.company() == south.shared.company() == Company()
    south.wire.split()
    assert south.shared.company() == Company(away="the broker at 127.0.0.1:1883 does not let us in")
    assert north.shared.company() == Company()
    # Whoever was away as long as we were says so in its own time.
    site.now = site.now.after(QUIET + 1)
    south.wire.heal()
    assert south.shared.company() == Company()
    site.settle()
    assert north.shared.company() == south.shared.company() == Company()


def test_a_machine_that_falls_silent_is_named_until_it_is_heard_again(site: Compound) -> None:
    north, south = site.boxes
    site.settle()
    south.wire.split()
    site.settle(2)
    assert north.shared.company() == Company()
    site.settle(2)
    assert north.shared.company() == Company(silent=(south.store.uses.edge,))
    south.restart()
    site.settle()
    assert north.shared.company() == Company()


def test_a_machine_that_has_heard_nobody_says_so() -> None:
    with compound(boxes=1) as site:
        (only,) = site.boxes
        site.settle(1)
        assert only.shared.company() == Company()
        site.now = site.now.after(QUIET)
        only.shared.heard(site.bus.said[-1])
        site.turn()
        assert only.shared.company() == Company(alone=True), "its own words are nobody else's"


def test_only_so_many_machines_are_remembered() -> None:
    heard_of = Neighbours()
    heard_of.joined(0.0)
    for number in range(MOST_MACHINES + 3):
        heard_of.heard(f"{number:032x}", float(number))
    silent = heard_of.company("the broker", 10 * QUIET).silent
    assert silent == tuple(f"{number:032x}" for number in range(3, MOST_MACHINES + 3))
