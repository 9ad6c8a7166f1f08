"""The whole story in memory: what the demo plays, and what a lane does when the world fails."""

import pytest

import edge.lane
from gate.barrier import State
from models.command import Report
from models.errors import StoreFault
from models.event import EventKind
from models.lane import Direction
from models.signal import Signal
from tests.fakes.compound import Compound, Said


def test_the_demo_story() -> None:
    site = Compound()
    person = site.resident()
    token = site.token()

    assert site.show(site.face(1, person)).answer == "opened"
    site.settle(8)
    assert site.show(site.face(1, None)).reason == "unknown_face"
    said = site.show(site.code(token))
    assert (said.answer, said.reason) == ("opened", "visitor")
    site.walk("gate-2")
    assert site.show(site.code(token, direction=Direction.EXIT)).answer == "opened"
    site.walk("gate-2")
    used = site.show(site.code(token))
    assert (used.answer, used.reason) == ("refused", "used")
    assert site.show(site.code(site.token(hours=0.5, number=8))).reason == "expired"
    assert site.show(site.code(site.token(forged=True, number=9))).reason == "forged"
    assert site.show(site.press(1)).answer == "opened"

    assert len(site.actuations()) == len(set(site.actuations())) == 4
    rows = [row for row in site.store.events(0, 100) if row.kind is EventKind.DECISION]
    assert [row.answer for row in rows].count("opened") == 4
    assert all(row.outcome == "done" for row in rows if row.answer == "opened")
    assert all(row.ms is not None and row.ms > 0 for row in rows if row.answer == "opened")


def test_screens_are_told_and_go_idle_again() -> None:
    site = Compound()
    site.show(site.face(1, site.resident()))
    site.settle(10)
    site.show(site.face(1, None))
    assert [(lane, signal) for lane, signal, _ in site.shown] == [
        (1, Signal.GRANTED),
        (1, None),
        (1, Signal.REFUSED),
    ]
    assert site.relays.signals == [(1, Signal.GRANTED), (1, Signal.REFUSED)]


def test_every_actuation_was_recorded_before() -> None:
    site = Compound()
    recorded: list[int] = []
    send = site.relays.send

    def watch(command: object) -> None:
        recorded.append(len(site.store.events(0, 100)))
        send(command)  # type: ignore[arg-type]

    site.relays.send = watch  # type: ignore[method-assign, assignment]
    person = site.resident()
    before = len(site.store.events(0, 100))
    site.show(site.face(1, person))
    assert recorded == [before + 1]


def test_no_disk_no_arm_but_the_guard_still_opens_and_it_is_recorded_later() -> None:
    site = Compound()
    person = site.resident()
    site.shelf.broken = True
    assert site.show(site.face(1, person)) == Said("refused", "not_recorded", 0)
    assert site.show(site.code(site.token())) == Said("refused", "not_recorded", 0)
    assert site.actuations() == []
    assert site.show(site.press(1)) == Said("opened", "guard", 0)
    assert len(site.actuations()) == 1
    assert site.keepers[1].unrecorded == 1
    assert site.keepers[1].fault
    site.shelf.broken = False
    site.settle(3)
    assert site.keepers[1].unrecorded == 0
    late = [row for row in site.store.events(0, 100) if row.kind is EventKind.LATE]
    assert [(row.lane, row.answer) for row in late] == [(1, "opened")]
    assert site.keepers[1].fault == ""


def test_a_slow_disk_keeps_no_guard_from_opening() -> None:
    site = Compound()

    def slow(*_words: object, **_more: object) -> int:
        site.clock.advance(2.0)
        message = "the card does not answer"
        raise StoreFault(message)

    site.store.record = slow  # type: ignore[method-assign]
    site.shelf.broken = True
    assert site.show(site.press(1)) == Said("opened", "guard", 0)
    asked: list[str] = []
    site.store.next_seq = lambda *_: asked.append("waited") or 1  # type: ignore[method-assign, func-returns-value]
    assert site.show(site.press(1)) == Said("opened", "guard", 0)
    assert asked == [], "a disk that is known to be bad is not waited for"
    assert len(site.actuations()) == 2


def test_the_first_press_on_a_disk_that_begins_to_stall_opens_in_time() -> None:
    site = Compound()

    def stall(*_words: object, wait: float, **_more: object) -> int:
        site.clock.advance(wait)
        message = f"the disk did not answer within {wait} s"
        raise StoreFault(message)

    site.store.record = stall  # type: ignore[method-assign]
    assert site.show(site.press(1, age=2.0)) == Said("opened", "guard", 0)
    assert len(site.actuations()) == 1
    late = [row for row in site.store.events(0, 100) if row.kind is EventKind.LATE]
    assert len(late) == 1


def test_a_close_that_waited_for_the_disk_is_not_sent() -> None:
    site = Compound()
    site.show(site.code(site.token()))
    note = site.store.note

    def slow(*words: object, **more: object) -> int:
        site.clock.advance(1.0)
        return note(*words, **more)  # type: ignore[arg-type]

    site.store.note = slow  # type: ignore[method-assign]
    site.settle(20)
    assert site.actuations("close") == []
    site.store.note = note  # type: ignore[method-assign]
    site.settle(8)
    assert len(site.actuations("close")) == 1


def test_a_report_that_comes_late_is_written_and_the_pass_is_spent() -> None:
    site = Compound()
    token = site.token()
    kept: list[Report] = []
    hear = site.keepers[2].inbox.put
    site.keepers[2].inbox.put = (  # type: ignore[method-assign]
        lambda item: kept.append(item) is None if isinstance(item, Report) else hear(item)  # type: ignore[func-returns-value]
    )
    assert site.show(site.code(token)).answer == "timed_out"
    hear(kept[0])
    site.settle(1)
    site.keepers[2].inbox.put = hear  # type: ignore[method-assign]
    site.walk("gate-2")
    assert site.show(site.code(token)).reason == "used"
    row = next(row for row in site.store.events(0, 100) if row.kind is EventKind.DECISION)
    assert row.outcome == "done"


def test_guards_late_press_opens_nothing_even_without_disk() -> None:
    site = Compound()
    site.shelf.broken = True
    assert site.show(site.press(1, age=3.5)).answer == "refused"
    assert site.actuations() == []


def test_relay_away_spends_no_use() -> None:
    site = Compound()
    token = site.token()
    site.relays.gates["gate-2"].unplug()
    site.settle(4)
    assert site.show(site.code(token)).answer == "away"
    site.settle(90)
    site.relays.gates["gate-2"].plug()
    site.settle(3)
    assert site.show(site.code(token)).answer == "opened"


def test_nobody_passed_so_the_same_pass_opens_the_same_lane_once_more() -> None:
    site = Compound()
    token = site.token()
    assert site.show(site.code(token)).answer == "opened"
    site.settle(10)
    assert site.keepers[2].barrier.state is State.CLOSED
    again = site.show(site.code(token))
    assert (again.answer, again.reason) == ("opened", "visitor")
    site.walk("gate-2")
    assert site.show(site.code(token)).reason == "used"


def test_arm_stays_open_over_somebody_and_closes_behind_them() -> None:
    site = Compound()
    site.show(site.code(site.token()))
    site.settle(1)
    site.relays.gates["gate-2"].stand()
    site.settle(60)
    assert site.actuations("close") == []
    assert site.keepers[2].barrier.state is State.OPEN
    site.relays.gates["gate-2"].leave()
    site.settle(6)
    assert len(site.actuations("close")) == 1
    assert site.keepers[2].barrier.state is State.CLOSED


def test_fire_opens_and_holds_until_a_named_guard_resets() -> None:
    site = Compound()
    site.relays.gates["gate-2"].fire(on=True)
    site.settle(2)
    assert site.keepers[2].barrier.state is State.HELD_FIRE
    site.relays.gates["gate-2"].fire(on=False)
    site.settle(30)
    assert site.actuations("close") == []


def test_one_subject_in_view_opens_once() -> None:
    site = Compound()
    person = site.resident()
    for _ in range(25):
        site.keepers[1].inbox.put(edge.lane.Seen(site.face(1, person)))
        site.settle(0.1)
    assert len(site.actuations()) == 1


def test_same_person_opens_again_after_the_gate_has_closed() -> None:
    site = Compound()
    person = site.resident()
    site.keepers[1].inbox.put(edge.lane.Seen(site.face(1, person)))
    site.settle(10)
    site.keepers[1].inbox.put(edge.lane.Seen(site.face(1, person)))
    site.settle(1)
    assert len(site.actuations()) == 2


def test_unanswered_command_is_a_time_out_and_never_sent_again() -> None:
    site = Compound()
    person = site.resident()
    sent: list[object] = []
    site.relays.send = sent.append  # type: ignore[method-assign, assignment]
    said = site.show(site.face(1, person))
    assert said.answer == "timed_out"
    site.settle(5)
    assert len(sent) == 1
    assert site.shown[0][1] is Signal.WAIT


def test_restart_commands_nothing_and_reports_what_was_open_as_unknown() -> None:
    site = Compound()
    site.relays.send = lambda _command: None  # type: ignore[method-assign]
    site.keepers[1].inbox.put(edge.lane.Seen(site.face(1, site.resident())))
    site.work()
    site.store.close()
    after = Compound(site.shelf)
    after.settle(5)
    assert after.relays.ledger == []
    row = next(row for row in after.store.events(0, 100) if row.kind is EventKind.DECISION)
    assert row.outcome == "unknown"


def test_withdrawn_face_seen_with_an_older_gallery_opens_nothing() -> None:
    site = Compound()
    person = site.resident()
    seen = site.face(1, person)
    site.store.withdraw_face(person.resident_id, site.clocks.now())
    assert site.show(seen).answer == "refused"
    assert site.actuations() == []


@pytest.mark.parametrize("text", ["", "x", "KH1:", "KH1:'; DROP TABLE pass;--", "A" * 5000])
def test_rubbish_codes_have_reasons_and_never_reach_the_register(text: str) -> None:
    site = Compound()
    asked: list[str] = []
    site.store.pass_state = asked.append  # type: ignore[method-assign, assignment]
    said = site.show(site.code(text))
    assert said.answer == "refused"
    assert said.reason in {"malformed", "too_long", "wrong_alphabet"}
    assert asked == []


def test_a_record_that_took_too_long_opens_nothing() -> None:
    site = Compound()
    person = site.resident()
    record = site.store.record

    def slow(*words: object, **more: object) -> int:
        site.clock.advance(3.0)
        return record(*words, **more)  # type: ignore[arg-type]

    site.store.record = slow  # type: ignore[method-assign]
    assert site.show(site.face(1, person)).answer == "timed_out"
    assert site.actuations() == []
