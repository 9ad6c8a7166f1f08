"""What every store does with numeric codes and the lock of a lane's keypad."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gate.access import decide
from gate.pin_lock import FIRST_WAIT
from models.decision import Decision, Reason, Verdict
from models.errors import InputError
from models.event import EventKind
from models.lane import Credential, Direction
from models.moment import Moment
from models.pin import PinEntered
from models.sighting import Sighting
from tests.fakes import store_words as say
from tests.fakes.store_site import KINDS, AnyStore, StoreSite, quick_folder, store_site
from tests.fakes.store_words import NOW

AUNT, UNCLE = "01" * 16, "02" * 16
NUMBER = "493817"
WRONG = "000000"


@pytest.fixture(params=KINDS)
def site(request: pytest.FixtureRequest) -> Iterator[StoreSite]:
    with quick_folder() as folder, store_site(request.param, folder) as made:
        for pass_id in (AUNT, UNCLE):
            made.store.note_pass(say.claims(pass_id), "a guest", "guard-wang", NOW)
        yield made


@pytest.fixture
def store(site: StoreSite) -> AnyStore:
    return site.store


def typed(
    store: AnyStore,
    digits: str,
    now: Moment = NOW,
    way: Direction = Direction.ENTRY,
    guard: str = "",
) -> Decision:
    """Let a lane decide on a number and record it, with no relay to open; return the answer."""
    pin = store.pins.hash(digits)
    seen = PinEntered(Sighting(1, way, now.mono), pin, guard)
    known = store.pin(0 if guard else 1, pin, now.mono)
    facts = replace(say.facts(claims=known.claims), pin_locked=known.locked)
    with_keypad = replace(facts.lane, credentials=frozenset({Credential.PIN}))
    facts = replace(facts, lane=with_keypad)
    answer = decide(seen, facts, now)
    store.record(
        seen, facts, answer, now, intent=None, crop=None, policy="3", who=None, home=None, wait=5
    )
    return answer


def alerts(store: AnyStore) -> int:
    return sum(row.kind is EventKind.ALERT for row in store.events(newest=True))


def test_a_number_stands_for_its_pass(store: AnyStore) -> None:
    store.pins.note(AUNT, NUMBER)
    known = store.pin(1, store.pins.hash("493 817"), NOW.mono)
    assert known.claims == say.claims(AUNT)
    assert known.state is not None
    assert known.state.label == "a guest"
    assert store.pin(1, store.pins.hash(WRONG), NOW.mono).claims is None
    assert typed(store, NUMBER).reason is Reason.VISITOR


def test_two_live_passes_never_share_a_number(store: AnyStore) -> None:
    store.pins.note(AUNT, NUMBER)
    store.pins.note(AUNT, NUMBER)
    with pytest.raises(InputError, match="another pass"):
        store.pins.note(UNCLE, NUMBER)
    store.revoke_pass(AUNT, NOW)
    store.pins.note(UNCLE, NUMBER)
    known = store.pin(1, store.pins.hash(NUMBER), NOW.mono)
    assert known.claims == say.claims(UNCLE)


def test_the_number_of_a_pass_that_is_over_is_free_again(store: AnyStore) -> None:
    store.pins.note(AUNT, NUMBER)
    ends = say.claims(AUNT).expires
    for pass_id, begins in (("03" * 16, ends - timedelta(seconds=1)), ("04" * 16, ends)):
        later = replace(say.claims(pass_id), not_before=begins, expires=ends + timedelta(days=1))
        store.note_pass(later, "a later guest", "guard-wang", NOW)
    with pytest.raises(InputError, match="another pass"):
        store.pins.note("03" * 16, NUMBER)
    store.pins.note("04" * 16, NUMBER)


def test_a_pass_has_one_number(store: AnyStore) -> None:
    store.pins.note(AUNT, NUMBER)
    store.pins.note(AUNT, "111222")
    assert store.pin(1, store.pins.hash(NUMBER), NOW.mono).claims is None
    assert store.pin(1, store.pins.hash("111222"), NOW.mono).claims is not None


@pytest.mark.parametrize("digits", ["12345", "1234567", "12345a", "١٢٣٤٥٦", ""])
def test_what_is_no_number_is_refused(store: AnyStore, digits: str) -> None:
    with pytest.raises(InputError, match="6 digits"):
        store.pins.note(AUNT, digits)


def test_a_pass_must_be_known_before_its_number(store: AnyStore) -> None:
    with pytest.raises(InputError, match="not known"):
        store.pins.note("0f" * 16, NUMBER)


def test_five_wrong_numbers_pause_the_keypad_and_tell_the_guard_once(site: StoreSite) -> None:
    store = site.store
    store.pins.note(AUNT, NUMBER)
    for turn in range(5):
        assert typed(store, WRONG, NOW.after(turn)).reason is Reason.UNKNOWN_PIN
    assert alerts(store) == 1
    answer = typed(store, NUMBER, NOW.after(5))
    assert (answer.verdict, answer.reason) == (Verdict.ASK_GUARD, Reason.PIN_LOCKED)
    # Closing the program and opening it again ends no pause, and another lane has its own.
    store = site.restart()
    assert store.pin(1, store.pins.hash(NUMBER), NOW.mono + 4 + FIRST_WAIT - 1).locked
    assert not store.pin(2, store.pins.hash(NUMBER), NOW.mono + 5).locked
    assert typed(store, NUMBER, NOW.after(4 + FIRST_WAIT)).verdict is Verdict.OPEN
    assert alerts(store) == 1


def test_a_power_cut_makes_the_pause_begin_again(site: StoreSite) -> None:
    for turn in range(5):
        typed(site.store, WRONG, NOW.after(turn))
    store = site.restart("another-boot")
    assert store.pin(1, store.pins.hash(WRONG), FIRST_WAIT - 1).locked
    assert not store.pin(1, store.pins.hash(WRONG), FIRST_WAIT).locked


def test_a_guard_is_not_paused_and_pauses_nobody(store: AnyStore) -> None:
    store.pins.note(AUNT, NUMBER)
    for turn in range(6):
        assert typed(store, WRONG, NOW.after(turn), guard="wang").reason is Reason.UNKNOWN_PIN
    assert typed(store, NUMBER, NOW.after(6)).verdict is Verdict.OPEN
    for turn in range(7, 12):
        typed(store, WRONG, NOW.after(turn))
    assert typed(store, NUMBER, NOW.after(12)).reason is Reason.PIN_LOCKED
    assert typed(store, NUMBER, NOW.after(13), guard="wang").verdict is Verdict.OPEN


def test_on_the_way_out_nobody_is_refused_and_nothing_counted(store: AnyStore) -> None:
    for turn in range(6):
        answer = typed(store, WRONG, NOW.after(turn), Direction.EXIT)
        assert (answer.verdict, answer.reason) == (Verdict.OPEN, Reason.UNKNOWN_PIN)
        assert answer.tell_guard
    assert not store.pin(1, store.pins.hash(WRONG), NOW.mono + 6).locked


def test_the_number_itself_is_kept_nowhere(site: StoreSite) -> None:
    site.store.pins.note(AUNT, NUMBER)
    typed(site.store, NUMBER)
    typed(site.store, "271828")
    rows = repr(site.store.events(newest=True, limit=200))
    assert NUMBER not in rows
    assert "271828" not in rows
