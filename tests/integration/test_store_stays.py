"""The stay ledger in a real store: written with its event, made again from the journal, erased."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge.store.store import Store
from gate.counting import Count
from models.decision import Decision, Reason, Verdict
from models.errors import InputError
from models.home import Home
from models.lane import Direction
from models.observation import GuardPressed, GuardReason
from models.registry import ResidentKind
from models.sighting import Sighting
from models.stay import Ending, Guest, StayZone
from tests.fakes import store_words as say
from tests.fakes.car_stays import done, drive
from tests.fakes.store_site import quick_folder
from tests.fakes.store_words import NOW, POLICY

YARD = StayZone("yard", frozenset({1, 2}), spaces=3, loops=frozenset({1}))
HOME = Home(3, 1, 502)
PLATE, OTHER = "京A12345", "沪B67890"


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as path:
        yield path


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with Store.open(folder / "state", NOW, ballast=0) as opened:
        opened.stays.keep([YARD])
        yield opened


def inside(store: Store) -> list[str]:
    """Return who is listed, the longest first."""
    return [one.who.key for one in store.stays.books().stays]


def number(store: Store) -> int:
    """Return how many are inside."""
    return store.stays.rooms()[0].inside


def register(store: Store, resident: str | None = None) -> None:
    """Put a car on the register."""
    store.garage.add_vehicle(PLATE, HOME, None, NOW, by="desk", resident=resident)


def test_a_stay_is_written_with_the_passage(store: Store) -> None:
    register(store)
    drive(store, PLATE)
    (stay,) = store.stays.books().stays
    assert (stay.who.key, stay.who.guest, stay.who.home) == (PLATE, Guest.RESIDENT, str(HOME))
    drive(store, PLATE, Direction.EXIT, at=60)
    assert (inside(store), number(store)) == ([], 0)
    (over,) = store.stays.past(NOW.utc - timedelta(days=1))
    assert (over.how, over.who.key) == (Ending.LEFT, PLATE)
    assert over.at - over.stay.since == timedelta(seconds=60)  # type: ignore[union-attr]


def test_who_turned_back_is_not_inside(store: Store) -> None:
    drive(store, PLATE, passed=False)
    assert number(store) == 0


def test_where_no_loop_counts_an_opening_counts_once(store: Store) -> None:
    seq = drive(store, PLATE, lane=2)
    store.outcome(done(say.wish(2)), seq, 10, NOW)
    assert (inside(store), number(store)) == ([PLATE], 1)


def test_a_car_let_in_by_hand_is_the_one_that_was_refused(store: Store) -> None:
    refused = drive(store, PLATE, passed=False)
    intent = say.wish(1)
    pressed = GuardPressed(
        Sighting(1, Direction.ENTRY, NOW.mono), "wei", GuardReason.VISITOR_CONFIRMED, "", refused
    )
    seq = store.record(
        pressed,
        say.facts(1),
        Decision(Verdict.OPEN, Reason.GUARD),
        NOW,
        intent=intent,
        crop=None,
        policy=POLICY,
        who="wei",
        home=None,
    )
    store.outcome(done(intent), seq, 10, NOW)
    store.passage(seq, passed=True, now=NOW)
    (stay,) = store.stays.books().stays
    assert (stay.who.key, stay.who.guest) == (PLATE, Guest.VISITOR)


def test_the_books_are_what_the_journal_says(store: Store) -> None:
    register(store)
    drive(store, PLATE)
    drive(store, OTHER, lane=2)
    drive(store, "粤C00001", Direction.EXIT)
    drive(store, PLATE, at=30)
    store.through(1, [(Direction.ENTRY, None)], None, NOW)
    store.stays.counted("yard", 5, "wei", NOW)
    store.stays.seen_gone("yard", OTHER, "wei", NOW)
    before, past = store.stays.books(), store.stays.past(NOW.utc - timedelta(days=1))
    assert (before.of("yard").number, inside(store)) == (5, [PLATE])
    assert {one.how for one in past} == {Ending.HEALED, Ending.UNPAIRED, Ending.SEEN_GONE}
    assert store.stays.rebuild() == 1
    assert store.stays.books() == before
    assert set(store.stays.past(NOW.utc - timedelta(days=1))) == set(past)


def test_other_zones_are_read_out_of_the_whole_journal(store: Store, folder: Path) -> None:
    drive(store, PLATE)
    drive(store, OTHER, lane=2)
    store.close()
    with Store.open(folder / "state", NOW, ballast=0) as again:
        again.stays.keep([YARD])
        assert inside(again) == [PLATE, OTHER]
        again.stays.keep([StayZone("back", frozenset({2}))])
        assert inside(again) == [OTHER]


def test_the_relays_count_is_written_with_the_passage(store: Store) -> None:
    assert store.told_count(1) is None
    store.through(1, [], Count("aa", 7), NOW)
    drive(store, PLATE)
    assert store.told_count(1) == Count("aa", 8)
    drive(store, OTHER, passed=False)
    assert store.told_count(1) == Count("aa", 8)
    store.through(1, [(Direction.ENTRY, None), (Direction.EXIT, None)], None, NOW)
    assert store.told_count(1) == Count("aa", 10)


def test_what_went_either_way_leaves_a_lane_unwatched(store: Store) -> None:
    store.through(1, [(None, None)], None, NOW)
    assert number(store) == 0
    assert store.stays.books().of("yard").gap > 0


def test_a_failed_row_leaves_no_stay(store: Store) -> None:
    with pytest.raises(InputError, match="not listed"):
        store.stays.seen_gone("yard", PLATE, "wei", NOW)
    with pytest.raises(InputError, match="no stay zone"):
        store.stays.counted("moon", 3, "wei", NOW)
    with pytest.raises(InputError, match="no count"):
        store.stays.counted("yard", -1, "wei", NOW)
    assert number(store) == 0


def test_an_erased_car_still_counts_and_has_no_name_anywhere(store: Store, folder: Path) -> None:
    register(store)
    drive(store, PLATE)
    drive(store, OTHER, lane=2)
    store.garage.remove_vehicle(PLATE, NOW, by="wei")
    assert (inside(store), number(store)) == ([OTHER], 2)
    store.stays.rebuild()
    assert (inside(store), number(store)) == ([OTHER], 2)
    store.close()
    everything = b"".join(one.read_bytes() for one in (folder / "state").glob("register.db*"))
    assert PLATE.encode() not in everything


def test_an_erased_resident_takes_their_visitors_names_along(store: Store) -> None:
    someone = store.add_resident("Zhang San", HOME, ResidentKind.OWNER, None, NOW)
    register(store, someone.resident_id)
    drive(store, PLATE)
    store.remove_resident(someone.resident_id, NOW)
    assert (inside(store), number(store)) == ([], 1)


def test_names_end_after_ninety_days(store: Store) -> None:
    drive(store, PLATE)
    drive(store, OTHER, at=60)
    drive(store, OTHER, Direction.EXIT, at=90)
    store.keep_house(NOW.after(89 * 86400.0))
    assert inside(store) == [PLATE]
    store.keep_house(NOW.after(91 * 86400.0))
    assert (inside(store), number(store)) == ([], 1)
    assert store.stays.past(NOW.utc - timedelta(days=1)) == ()
