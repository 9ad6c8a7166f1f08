"""The oracle finds each broken promise, and finds nothing in a good run."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.command import Action, Position
from models.event import EventKind
from models.sensor import Input
from mqtt_bridge.ledger import Entry
from mqtt_bridge.relay_core import Cause
from tests.fakes.oracle import (
    RULES,
    Centre,
    Decided,
    History,
    Row,
    Rule,
    Sets,
    Violation,
    judge,
    sets,
)

J = "a" * 32
WIRED = frozenset({Input.LOOP, Input.BEAM})
CLEAR = {Input.LOOP: False, Input.BEAM: False}


def row(
    seq: int, kind: EventKind = EventKind.DECISION, answer: str = "opened", lane: int = 1
) -> Row:
    return Row((J, seq), f"{seq:064x}", kind, lane, answer)


def entry(
    cmd_id: str | None = "c1",
    t: float = 10.2,
    action: Action = Action.OPEN,
    cause: Cause = Cause.COMMAND,
    inputs: dict[Input, bool] | None = None,
    lane: int = 1,
) -> Entry:
    felt = CLEAR if inputs is None else inputs
    return Entry(t, "gate-1", lane, action, cause, cmd_id, 1, "e" * 16, felt, Position.CLOSED)


GOOD = History(
    acknowledged=frozenset({(J, 1)}),
    journal=(
        row(1),
        row(2, EventKind.REPORT, "done"),
        row(3, EventKind.MOVE, "close"),
        row(4, answer="refused"),
    ),
    decided={"c1": Decided((J, 1), Action.OPEN, 13.0, done=True)},
    moved=frozenset({"m1"}),
    actuations=(entry(), entry("m1", 15.0, Action.CLOSE), entry(None, cause=Cause.FIRE)),
    presence={"gate-1": WIRED},
    centre=Centre(tuple((row(n).key, row(n).hash) for n in (1, 2, 3)), frozenset({(J, 4)})),
)


def closing(inputs: dict[Input, bool]) -> Entry:
    return entry("m1", 15.0, Action.CLOSE, inputs=inputs)


def moving(*more: Entry) -> History:
    return replace(GOOD, actuations=(*GOOD.actuations, *more))


def holding(*more: tuple[tuple[str, int], str]) -> Centre:
    assert GOOD.centre is not None
    return replace(GOOD.centre, holds=GOOD.centre.holds + more)


BROKEN: dict[str, tuple[Rule, History]] = {
    "an acknowledged row is gone": (
        Rule.LOST,
        replace(GOOD, acknowledged=frozenset({(J, 1), (J, 9)})),
    ),
    "a row left the outbox and never arrived": (
        Rule.DROPPED,
        replace(GOOD, centre=replace(holding(), waiting=frozenset())),
    ),
    "the centre made a row up": (Rule.UNEXPECTED, replace(GOOD, centre=holding(((J, 9), "x")))),
    "the centre kept a row twice": (
        Rule.DUPLICATED,
        replace(GOOD, centre=holding(((J, 1), row(1).hash))),
    ),
    "the centre called another history safe": (
        Rule.FORKED,
        replace(GOOD, centre=replace(holding(), holds=(((J, 1), "f" * 64), *holding().holds[1:]))),
    ),
    "a command was sent again": (
        Rule.TWICE,
        moving(entry(t=10.4)),
    ),
    "a command came out of a stalled broker": (
        Rule.LATE,
        replace(GOOD, actuations=(entry(t=13.1),)),
    ),
    "a command moved after its asker had given up": (
        Rule.LATE,
        replace(GOOD, failed={"c1": 10.1}),
    ),
    "an arm closed on somebody": (
        Rule.ONTO_SOMEONE,
        replace(GOOD, actuations=(entry(), closing({**CLEAR, Input.BEAM: True}))),
    ),
    "an arm closed though an input was silent": (
        Rule.ONTO_SOMEONE,
        replace(GOOD, actuations=(entry(), closing({Input.LOOP: False}))),
    ),
    "a gate opened for nobody": (
        Rule.UNDECIDED,
        moving(entry("stranger")),
    ),
    "a gate opened for a refusal": (
        Rule.UNDECIDED,
        replace(GOOD, decided={"c1": Decided((J, 4), Action.OPEN, 13.0, done=True)}),
    ),
    "a gate opened before its decision was kept": (
        Rule.UNDECIDED,
        replace(GOOD, decided={"c1": Decided((J, 8), Action.OPEN, 13.0)}),
    ),
    "an opening closed": (
        Rule.UNDECIDED,
        replace(GOOD, actuations=(entry("c1", action=Action.CLOSE),)),
    ),
    "a broker's receipt was taken for an opening": (
        Rule.UNMOVED,
        replace(GOOD, actuations=(entry("m1", 15.0, Action.CLOSE),)),
    ),
    "a row was changed": (Rule.CHAIN, replace(GOOD, broken="event 2: the event was changed")),
}


def test_a_good_run_breaks_nothing() -> None:
    assert judge(GOOD) == ()
    assert sets(GOOD) == Sets(
        frozenset(), frozenset(), frozenset(), frozenset({(J, 2), (J, 3), (J, 4)})
    )


@pytest.mark.parametrize("story", BROKEN)
def test_a_broken_promise_is_named_and_no_other(story: str) -> None:
    rule, history = BROKEN[story]
    found = judge(history)
    assert {violation.rule for violation in found} == {rule}
    assert all(violation.what for violation in found)


def test_every_rule_has_a_story_that_breaks_it() -> None:
    assert {rule for rule, _ in BROKEN.values()} == set(Rule) == set(RULES)


def test_an_opening_by_hand_without_a_disk_is_covered_by_its_late_row_once() -> None:
    journal = (*GOOD.journal, row(5, EventKind.LATE))
    late = replace(GOOD, journal=journal, centre=None, decided={})
    once = replace(late, actuations=(entry("by-hand"),))
    assert judge(once) == ()
    other_lane = replace(late, actuations=(entry("by-hand", lane=2),))
    assert [v.rule for v in judge(other_lane)] == [Rule.UNDECIDED]
    twice = replace(late, actuations=(entry("by-hand"), entry("by-hand-2")))
    assert [v.rule for v in judge(twice)] == [Rule.UNDECIDED]
    shut = replace(late, actuations=(entry("by-hand", action=Action.CLOSE),))
    assert [v.rule for v in judge(shut)] == [Rule.UNDECIDED]


def test_what_a_relay_does_by_itself_needs_no_decision() -> None:
    alone = (entry(None, cause=Cause.FIRE), entry(None, cause=Cause.REVERSAL))
    assert judge(replace(GOOD, actuations=(entry(), *alone))) == ()


KEYS = st.frozensets(st.tuples(st.just(J), st.integers(1, 12)), max_size=10)


@given(acknowledged=KEYS, committed=KEYS, held=KEYS)
def test_the_sets_are_those_of_a_queue(
    acknowledged: frozenset[tuple[str, int]],
    committed: frozenset[tuple[str, int]],
    held: frozenset[tuple[str, int]],
) -> None:
    history = History(
        acknowledged,
        tuple(row(seq) for _, seq in sorted(committed)),
        {},
        centre=Centre(tuple((key, row(key[1]).hash) for key in sorted(held)), frozenset()),
    )
    found = sets(history)
    assert found.lost == acknowledged - committed
    assert found.unexpected == held - committed
    assert found.recovered == committed - acknowledged
    by_rule = {violation.rule: violation for violation in judge(history)}
    assert (Rule.LOST in by_rule) == bool(found.lost)
    assert (Rule.DROPPED in by_rule) == bool(committed - held)
    assert isinstance(judge(history), tuple)
    assert all(isinstance(one, Violation) for one in judge(history))
