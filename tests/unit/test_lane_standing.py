"""A guard's standing orders at a lane: a lock-down, and the barrier held open."""

import pytest

from edge.inbox import Release, Seen
from edge.lane import GUARD_WAITS, RECORD_WITHIN
from edge.store.numbers import RESERVING
from gate.barrier import State
from models.event import EventKind
from models.lane import Direction
from models.standing import Standing
from tests.fakes.compound import Compound, Said

LOCK, HOLD = Standing.LOCK_DOWN, Standing.HOLD_OPEN


def admin_rows(site: Compound, lane: int) -> list[tuple[str, str | None, str | None]]:
    return [
        (row.reason, row.who, row.note)
        for row in site.store.events(0, 200)
        if row.kind is EventKind.ADMIN and row.lane == lane
    ]


def test_a_lock_down_lets_nobody_through_but_by_a_guards_hand() -> None:
    site = Compound()
    person, token = site.resident(), site.token()
    assert site.order(1, LOCK) == site.order(2, LOCK) == ("ordered", "guard", True)
    assert site.show(site.face(1, person)).reason == "locked_down"
    assert site.show(site.code(token)).reason == "locked_down"
    out = site.show(site.code(token, direction=Direction.EXIT))
    assert (out.answer, out.reason) == ("refused", "locked_down")
    assert site.actuations() == []
    assert site.show(site.press(1)).answer == "opened"
    site.order(1, None)
    assert site.keepers[1].order is None
    assert site.show(site.face(1, person)).answer == "opened"
    assert admin_rows(site, 1) == [
        ("lock_down", "wang", "有人翻越"),
        ("order_ended", "wang", None),
    ]


def test_a_lock_down_is_never_over_a_fire() -> None:
    site = Compound()
    token = site.token()
    site.order(2, LOCK)
    site.relays.gates["gate-2"].fire(on=True)
    site.settle(2)
    assert site.keepers[2].barrier.state is State.HELD_FIRE
    assert site.show(site.code(token, direction=Direction.EXIT)).answer == "opened"
    site.relays.gates["gate-2"].fire(on=False)
    site.settle(2)
    stranger = site.code(site.token(number=9), direction=Direction.EXIT)
    assert site.show(stranger).answer == "opened", "no guard has looked since the fire"
    site.keepers[2].inbox.put(Release("wang", lambda: None))
    site.settle(10)
    assert site.show(site.code(token, direction=Direction.EXIT)).reason == "locked_down"


def test_a_held_barrier_stays_open_and_closes_behind_the_last_one_once_it_is_ended() -> None:
    site = Compound()
    assert site.order(2, HOLD)[0] == "ordered"
    assert site.keepers[2].barrier.state is State.HELD_GUARD
    site.walk("gate-2")
    site.settle(60)
    assert site.actuations("close") == []
    assert len(site.actuations("open")) == 1
    site.relays.gates["gate-2"].stand()
    site.settle(1.5)
    site.order(2, None)
    site.settle(30)
    assert site.actuations("close") == []
    site.relays.gates["gate-2"].leave()
    site.settle(6)
    assert len(site.actuations("close")) == 1
    assert site.keepers[2].barrier.state is State.CLOSED


def test_each_opening_of_a_hold_is_on_record() -> None:
    site = Compound()
    site.order(1, HOLD)
    site.settle(30)
    opened = site.actuations()
    assert len(opened) > 2, "this gate closes itself"
    moved = [row.note for row in site.store.events(0, 200) if row.kind is EventKind.MOVE]
    assert set(opened) <= set(moved)


@pytest.mark.parametrize("what", Standing)
def test_an_order_outlives_a_restart_which_itself_commands_nothing(what: Standing) -> None:
    site = Compound()
    site.order(2, what)
    site.store.close()
    after = Compound(site.shelf)
    order = after.keepers[2].order
    assert order is not None
    assert (order.what, order.guard, order.why) == (what, "wang", "有人翻越")
    assert after.keepers[1].order is None
    assert after.relays.ledger == []
    if what is LOCK:
        assert after.show(after.code(after.token())).reason == "locked_down"
    else:
        assert after.keepers[2].barrier.state is State.HELD_GUARD
        after.settle(10)
        assert len(after.actuations()) == 1, "it read that the arm is shut, and opened it"


def test_an_order_that_took_too_long_to_get_here_changes_nothing() -> None:
    site = Compound()
    assert site.order(2, HOLD, age=3.5) == ("refused", "stale", True)
    assert site.order(2, HOLD, age=-0.5) == ("refused", "stale", True)
    assert site.keepers[2].order is None
    assert site.actuations() == []
    assert admin_rows(site, 2) == []
    site.order(2, LOCK)
    assert site.order(2, None, age=30.0)[0] == "order_ended", "an end may be late: it opens nothing"


def test_an_order_without_a_disk_stands_at_once_and_is_recorded_later() -> None:
    site = Compound()
    person = site.resident()
    site.shelf.broken = True
    assert site.order(1, LOCK) == ("ordered", "guard", False)
    assert site.show(site.face(1, person)) == Said("refused", "not_recorded", 0)
    site.shelf.broken = False
    site.settle(3)
    assert site.show(site.face(1, person)).reason == "locked_down"
    assert admin_rows(site, 1) == [("lock_down", "wang", "有人翻越")]
    assert site.store.standing(1) is not None


def test_a_new_order_takes_the_place_of_the_old_one() -> None:
    site = Compound()
    site.order(2, HOLD)
    site.settle(2)
    site.order(2, LOCK)
    site.settle(10)
    assert site.keepers[2].barrier.state is State.CLOSED, "nobody was below"
    assert site.show(site.code(site.token())).reason == "locked_down"
    site.order(2, HOLD)
    assert site.keepers[2].barrier.state is State.HELD_GUARD


def test_a_guards_press_does_not_wait_behind_the_cameras() -> None:
    site = Compound()
    for track in range(5):
        site.keepers[1].inbox.put(Seen(site.code(f"KH1:{track}", lane=1)))
    site.keepers[1].inbox.put(Seen(site.press(1)))
    first = site.keepers[1].inbox.take(0.0)
    while not isinstance(first, Seen):
        first = site.keepers[1].inbox.take(0.0)
    assert first.observation.guard == "wang"  # type: ignore[union-attr]


def test_a_guard_in_line_behind_a_decision_that_waits_for_the_disk_is_not_too_late() -> None:
    lane = Compound().keepers[1].lane
    assert lane.max_age > RESERVING + RECORD_WITHIN + GUARD_WAITS
    assert GUARD_WAITS <= 0.5
