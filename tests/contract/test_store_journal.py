"""What every store does with events and with what waits for the centre."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from models.command import Outcome, Refusal
from models.decision import Reason
from models.errors import InputError
from models.event import EventKind
from models.lane import Credential, Direction
from models.observation import GuardReason
from models.standing import Order, Standing
from models.visit import UseState
from tests.fakes import store_words as say
from tests.fakes.store_site import (
    KINDS,
    AnyStore,
    StoreSite,
    opened,
    quick_folder,
    resident,
    store_site,
)
from tests.fakes.store_words import NOW, POLICY


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest) -> Iterator[StoreSite]:
    with quick_folder() as folder, store_site(request.param, folder) as made:
        yield made


@pytest.fixture
def store(site: StoreSite) -> AnyStore:
    return site.store


def use_of(store: AnyStore) -> tuple[UseState, int]:
    (use,) = store.pass_state(say.claims().pass_id).uses
    return use.state, use.tries


def test_a_refusal_is_an_event_with_its_reason(store: AnyStore) -> None:
    seq = store.record(
        say.face(None),
        say.facts(),
        say.refuses(),
        NOW,
        intent=None,
        crop=b"crop of a stranger",
        policy=POLICY,
        who=None,
        home=None,
    )
    row = store.event(seq)
    assert row is not None
    assert (row.kind, row.answer, row.reason) == (EventKind.DECISION, "refused", "unknown_face")
    assert (row.lane, row.direction, row.credential) == (1, Direction.ENTRY, Credential.FACE)
    assert row.at == NOW.utc - timedelta(seconds=0.5)
    assert (row.outcome, row.ms, row.who) == (None, None, None)
    assert row.evidence
    assert store.crop(seq) == b"crop of a stranger"


def test_an_opening_is_joined_with_its_report(store: AnyStore) -> None:
    seq, intent = opened(store)
    report = store.outcome(say.answer(intent, Outcome.DONE), seq, 640, NOW)
    row = store.event(seq)
    assert row is not None
    assert (row.answer, row.outcome, row.ms) == ("opened", "done", 640)
    assert (row.who, row.home) == ("visitor of 3-1-502", "3-1-502")
    told = store.event(report)
    assert told is not None
    assert (told.kind, told.answer, told.answers) == (EventKind.REPORT, "done", seq)


def test_a_refusal_of_the_relay_names_the_rule(store: AnyStore) -> None:
    seq, intent = opened(store)
    report = store.outcome(say.answer(intent, Outcome.REFUSED, Refusal.FIRE), seq, None, NOW)
    told = store.event(report)
    assert told is not None
    assert (told.answer, told.reason) == ("refused", "fire")


def test_a_guards_opening_answers_the_refusal(store: AnyStore) -> None:
    seq = store.record(
        say.pressed("a parcel", answers=1),
        say.facts(),
        say.opens(Reason.GUARD),
        NOW,
        intent=say.wish(),
        crop=None,
        policy=POLICY,
        who="guard-wang",
        home=None,
    )
    row = store.event(seq)
    assert row is not None
    assert (row.answers, row.note, row.credential) == (1, "a parcel", Credential.GUARD)
    assert row.why is GuardReason.DELIVERY


def test_a_late_opening_keeps_its_own_time(store: AnyStore) -> None:
    then = NOW.utc - timedelta(minutes=20)
    row = store.event(store.late(say.pressed("no disk"), then, NOW))
    assert row is not None
    assert (row.kind, row.at, row.who) == (EventKind.LATE, then, "guard-wang")
    assert row.why is GuardReason.DELIVERY


def test_a_note_carries_its_words(store: AnyStore) -> None:
    row = store.event(
        store.note(EventKind.FAULT, "camera_away", NOW, lane=2, who="w", text="cam-2")
    )
    assert row is not None
    assert (row.kind, row.reason, row.lane) == (EventKind.FAULT, "camera_away", 2)
    assert (row.who, row.note) == ("w", "cam-2")


def test_a_restart_reports_what_nobody_waited_for_as_unknown(site: StoreSite) -> None:
    seq, _ = opened(site.store)
    store = site.restart()
    row = store.event(seq)
    assert row is not None
    assert row.outcome == "unknown"
    assert use_of(store) == (UseState.RETURNED, 1)
    kinds = [event.kind for event in store.events(since=seq)]
    assert kinds == [EventKind.REPORT, EventKind.START]
    again = site.restart()
    assert [event.kind for event in again.events(since=seq)] == [*kinds, EventKind.START]


def test_events_come_in_order_and_newest_first_on_demand(store: AnyStore) -> None:
    seqs = [store.note(EventKind.CALL, "call", NOW) for _ in range(5)]
    assert [row.seq for row in store.events(since=seqs[0], limit=3)] == seqs[1:4]
    assert [row.seq for row in store.events(limit=2, newest=True)] == [seqs[4], seqs[3]]
    assert {row.journal for row in store.events()} == {store.journal}
    assert store.event(seqs[-1] + 1) is None


def test_the_journal_keeps_its_id_over_a_restart(site: StoreSite) -> None:
    before = site.store.journal
    assert site.restart().journal == before


def _drain(store: AnyStore) -> None:
    while rows := store.outbox(100):
        store.acknowledge([row.key for row in rows])


def test_every_event_waits_until_acknowledged(site: StoreSite) -> None:
    _drain(site.store)
    seqs = [site.store.note(EventKind.ADMIN, "word", NOW) for _ in range(3)]
    rows = site.store.outbox(10)
    assert [row.seq for row in rows] == seqs
    assert len({row.row_hash for row in rows}) == 3
    site.store.acknowledge([rows[1].key, ("not-this-journal", seqs[0]), (site.store.journal, 99)])
    assert [row.seq for row in site.store.outbox(10)] == [seqs[0], seqs[2]]
    again = site.restart().outbox(10)
    assert [row.seq for row in again][:2] == [seqs[0], seqs[2]]
    assert [row.row_hash for row in again[:2]] == [rows[0].row_hash, rows[2].row_hash]


def test_security_and_live_events_overtake_a_backlog(store: AnyStore) -> None:
    _drain(store)
    plain = [store.note(EventKind.ADMIN, "word", NOW) for _ in range(20)]
    call = store.note(EventKind.CALL, "call", NOW)
    newest = store.note(EventKind.ADMIN, "word", NOW)
    batch = [row.seq for row in store.outbox(8)]
    assert batch == [call, newest, *plain[:6]]
    assert store.outbox(0) == ()


def test_a_poison_event_is_set_aside_and_seen(store: AnyStore) -> None:
    _drain(store)
    bad = store.note(EventKind.ADMIN, "word", NOW)
    good = store.note(EventKind.ADMIN, "word", NOW.after(5))
    store.quarantine((store.journal, bad), "the centre says: no such compound")
    assert [row.seq for row in store.outbox(10)] == [good]
    backlog = store.backlog()
    assert (backlog.waiting, backlog.quarantined) == (1, 1)
    assert backlog.oldest == NOW.utc + timedelta(seconds=5)
    ((row, why),) = store.set_aside()
    assert (row.seq, why) == (bad, "the centre says: no such compound")
    store.release(row.key)
    assert store.set_aside() == ()
    assert [one.seq for one in store.outbox(10)] == [bad, good]


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1], ids=["64", "65", "below"])
def test_a_number_that_no_file_holds_is_refused_and_nothing_of_it_is_kept(
    store: AnyStore, number: int
) -> None:
    seq = store.note(EventKind.CALL, "call", NOW)
    press = say.pressed(answers=number)
    with pytest.raises(InputError, match="too large"):
        store.record(
            press,
            say.facts(),
            say.opens(Reason.GUARD),
            NOW,
            intent=None,
            crop=None,
            policy=POLICY,
            who="guard-wang",
            home=None,
        )
    with pytest.raises(InputError, match="too large"):
        store.late(press, NOW.utc, NOW)
    assert store.note(EventKind.CALL, "call", NOW) == seq + 1


@pytest.mark.parametrize("number", [2**63, 2**64, -(2**63) - 1], ids=["64", "65", "below"])
def test_an_event_that_cannot_be_is_none(store: AnyStore, number: int) -> None:
    seq = store.note(EventKind.CALL, "call", NOW)
    assert store.event(number) is None
    assert store.crop(number) is None
    above = store.events(number, limit=2**64)
    assert [row.seq for row in above] == ([] if number > 0 else [*range(1, seq + 1)])
    key = (store.journal, number)
    store.acknowledge([key])
    store.quarantine(key, "why")
    store.release(key)
    assert store.backlog().waiting == seq


def test_what_leaves_names_nobody(store: AnyStore) -> None:
    person = resident(store)
    store.note_pass(say.claims(host=person.resident_id), "a cousin", "guard-wang", NOW)
    opened(store)
    store.record(
        say.pressed("asked Zhang San by telephone"),
        say.facts(),
        say.opens(Reason.GUARD),
        NOW,
        intent=None,
        crop=b"crop",
        policy=POLICY,
        who="guard-wang",
        home=None,
    )
    sent = b"".join(row.body for row in store.outbox(100))
    for secret in (b"Zhang", b"guard-wang", b"cousin", b"KH1:", b"TOKEN", b"crop"):
        assert secret not in sent
    assert b"3-1-502" in sent


def test_what_a_guard_orders_stands_until_a_guard_ends_it(site: StoreSite) -> None:
    store = site.store
    locked = Order(2, Standing.LOCK_DOWN, "wang", "有人翻越", NOW.utc)
    held = Order(1, Standing.HOLD_OPEN, "li", "搬家", NOW.utc)
    seq = store.stand(2, locked, "wang", NOW)
    store.stand(1, held, "li", NOW)
    row = store.event(seq)
    assert row is not None
    assert (row.kind, row.reason, row.lane) == (EventKind.ADMIN, "lock_down", 2)
    assert (row.who, row.note) == ("wang", "有人翻越")
    site.restart()
    store = site.store
    assert (store.standing(1), store.standing(2), store.standing(3)) == (held, locked, None)
    ended = store.event(store.stand(2, None, "li", NOW))
    assert ended is not None
    assert (ended.reason, ended.who, ended.note) == ("order_ended", "li", None)
    assert (store.standing(1), store.standing(2)) == (held, None)
    urgent = [one.seq for one in store.outbox(2)]
    assert seq in urgent, "it overtakes what only tells who came and went"
