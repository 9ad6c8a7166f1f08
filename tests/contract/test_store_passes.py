"""What every store does with passes, their uses and command numbers."""

from collections.abc import Iterator

import pytest

from edge.store.words import UseTaken
from models.command import Outcome
from models.errors import InputError
from models.event import EventKind
from models.lane import Direction
from models.visit import UseState
from tests.fakes import store_words as say
from tests.fakes.store_site import KINDS, AnyStore, StoreSite, opened, quick_folder, store_site
from tests.fakes.store_words import NOW


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


def test_an_issued_pass_is_listed_until_revoked(store: AnyStore) -> None:
    store.note_pass(say.claims("01" * 16), "an uncle", "guard-wang", NOW)
    store.note_pass(say.claims("02" * 16), "an aunt", "guard-wang", NOW.after(60))
    store.revoke_pass("01" * 16, NOW)
    store.revoke_pass("01" * 16, NOW)
    assert [(one.label, one.revoked) for one in store.passes()] == [
        ("an aunt", False),
        ("an uncle", True),
    ]
    assert store.passes()[1].claims == say.claims("01" * 16)
    assert store.pass_state("01" * 16).label == "an uncle"
    with pytest.raises(InputError, match="before"):
        store.note_pass(say.claims("01" * 16), "again", "guard-wang", NOW)


def test_a_pass_of_another_issuer_can_be_revoked(site: StoreSite) -> None:
    assert not site.store.pass_state("cc" * 16).revoked
    site.store.revoke_pass("cc" * 16, NOW)
    assert site.restart().pass_state("cc" * 16).revoked


def test_a_use_is_spent_by_an_opening(store: AnyStore) -> None:
    seq, intent = opened(store)
    assert use_of(store) == (UseState.OPEN, 1)
    (use,) = store.pass_state(say.claims().pass_id).uses
    assert (use.number, use.lane, use.at_mono) == (1, 1, NOW.mono)
    assert use.direction is Direction.ENTRY
    store.outcome(say.answer(intent, Outcome.DONE), seq, 640, NOW)
    assert use_of(store) == (UseState.SPENT, 1)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.DONE])
def test_a_use_is_given_back_by_anything_else_and_tried_again(
    store: AnyStore, outcome: Outcome
) -> None:
    seq, intent = opened(store)
    store.outcome(say.answer(intent, outcome), seq, None, NOW)
    assert use_of(store) == (UseState.RETURNED, 1)
    seq, intent = opened(store)
    assert use_of(store) == (UseState.OPEN, 2)
    store.outcome(say.answer(intent, Outcome.DONE), seq, None, NOW)
    assert use_of(store) == (UseState.SPENT, 2)


def test_a_use_is_given_back_when_nobody_passed(store: AnyStore) -> None:
    seq, intent = opened(store)
    store.outcome(say.answer(intent, Outcome.DONE), seq, None, NOW)
    passage = store.passage(seq, False, NOW)
    assert use_of(store) == (UseState.RETURNED, 1)
    row = store.event(passage)
    assert row is not None
    assert (row.kind, row.answer, row.answers, row.lane) == (EventKind.PASSAGE, "nobody", seq, 1)


def test_a_passage_keeps_a_use_spent(store: AnyStore) -> None:
    seq, intent = opened(store)
    store.outcome(say.answer(intent, Outcome.DONE), seq, None, NOW)
    store.passage(seq, True, NOW)
    assert use_of(store) == (UseState.SPENT, 1)


def test_a_late_done_of_an_earlier_try_spends_the_use(store: AnyStore) -> None:
    first, intent = opened(store)
    store.outcome(say.answer(intent, Outcome.TIMED_OUT), first, None, NOW)
    opened(store)
    store.outcome(say.answer(intent, Outcome.DONE), first, None, NOW)
    assert use_of(store)[0] is UseState.SPENT


def test_a_late_failure_of_an_earlier_try_gives_nothing_back(store: AnyStore) -> None:
    first, intent = opened(store)
    store.outcome(say.answer(intent, Outcome.TIMED_OUT), first, None, NOW)
    opened(store)
    store.outcome(say.answer(intent, Outcome.REFUSED), first, None, NOW)
    assert use_of(store) == (UseState.OPEN, 2)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.DONE])
def test_a_failure_of_a_later_try_gives_nothing_back_that_an_earlier_one_spent(
    store: AnyStore, outcome: Outcome
) -> None:
    first, intent = opened(store)
    store.outcome(say.answer(intent, Outcome.TIMED_OUT), first, None, NOW)
    second, again = opened(store)
    store.outcome(say.answer(intent, Outcome.DONE), first, None, NOW)
    store.outcome(say.answer(again, outcome), second, None, NOW)
    assert use_of(store) == (UseState.SPENT, 2)


def test_a_restart_gives_nothing_back_that_an_earlier_try_spent(site: StoreSite) -> None:
    first, intent = opened(site.store)
    site.store.outcome(say.answer(intent, Outcome.TIMED_OUT), first, None, NOW)
    opened(site.store)
    site.store.outcome(say.answer(intent, Outcome.DONE), first, None, NOW)
    assert use_of(site.restart()) == (UseState.SPENT, 2)


def test_a_done_is_never_taken_back(store: AnyStore) -> None:
    seq, intent = opened(store)
    store.outcome(say.answer(intent, Outcome.DONE), seq, 500, NOW)
    for _ in range(2):
        store.outcome(say.answer(intent, Outcome.TIMED_OUT), seq, None, NOW)
        assert use_of(store) == (UseState.SPENT, 1)
    row = store.event(seq)
    assert row is not None
    assert (row.outcome, row.ms) == ("done", 500)


@pytest.mark.parametrize(("use", "lane"), [(1, 1), (1, 2)])
def test_one_use_is_taken_once(store: AnyStore, use: int, lane: int) -> None:
    opened(store)
    before = store.events(limit=1000)
    with pytest.raises(UseTaken):
        opened(store, use, lane)
    assert store.events(limit=1000) == before
    assert use_of(store) == (UseState.OPEN, 1)


def test_a_returned_use_is_never_tried_at_another_lane(store: AnyStore) -> None:
    seq, intent = opened(store)
    store.outcome(say.answer(intent, Outcome.AWAY), seq, None, NOW)
    with pytest.raises(UseTaken):
        opened(store, lane=2)


def test_a_use_of_an_earlier_boot_has_no_monotonic_time(site: StoreSite) -> None:
    seq, intent = opened(site.store)
    site.store.outcome(say.answer(intent, Outcome.DONE), seq, None, NOW)
    (same_boot,) = site.restart().pass_state(say.claims().pass_id).uses
    assert same_boot.at_mono == NOW.mono
    (other_boot,) = site.restart("another-boot").pass_state(say.claims().pass_id).uses
    assert other_boot.at_mono is None


def test_command_numbers_rise_above_everything_before(site: StoreSite) -> None:
    store = site.store
    assert store.next_seq("relay-1", 41) == 42
    assert store.next_seq("relay-1", 7) == 43
    assert store.next_seq("relay-2", 0) == 1
    given = [store.next_seq("relay-1", 0) for _ in range(200)]
    assert given == sorted(set(given))
    assert site.restart().next_seq("relay-1", 0) > given[-1]
