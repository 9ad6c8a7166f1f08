"""Stays, example by example: who is inside, what heals, what is full, whose spaces are taken."""

from datetime import UTC, datetime, timedelta

import pytest

from gate.counting import Count, Untold, untold
from gate.occupancy import (
    Book,
    Counted,
    Happening,
    Passed,
    SeenGone,
    Unwatched,
    all_taken,
    forget,
    is_full,
    room,
    told,
)
from models.lane import Direction
from models.stay import Counts, Ended, Ending, Guest, StayZone, Subject

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
YARD = StayZone("yard", frozenset({1}), spaces=2, loops=frozenset({1, 3}), out_by=frozenset({3}))
A = Subject("京A12345", Guest.RESIDENT, "3-1-502")
A_BY_CARD = Subject("resident:0a", Guest.RESIDENT, "3-1-502")
B = Subject("沪B67890", Guest.VISITOR)


def way(seq: int, who: Subject | None, *, lane: int = 1, out: bool = False) -> Passed:
    """Return one who passed."""
    direction = Direction.EXIT if out else Direction.ENTRY
    return Passed(seq, AT + timedelta(minutes=seq), lane, direction, who)


def book_of(*happenings: Happening, zone: StayZone = YARD) -> tuple[Book, list[tuple[Ending, str]]]:
    """Return the book after `happenings`, and how whose stay ended."""
    book, ended = told(Book(zone.name), zone, happenings)
    return book, [(one.how, one.who.key) for one in ended]


def test_a_car_comes_in_and_leaves() -> None:
    assert book_of(way(1, A))[0].number == 1
    book, ended = book_of(way(1, A), way(2, A, out=True))
    assert (book.number, ended) == (0, [(Ending.LEFT, A.key)])


def test_who_comes_in_twice_had_left_among_those_without_a_name() -> None:
    book, ended = book_of(way(1, A), way(2, B), way(3, None, out=True), way(4, A))
    assert (book.number, ended) == (2, [(Ending.HEALED, A.key)])
    assert set(book.inside) == {A.key, B.key}
    assert book.inside[A.key].came == 4


def test_who_comes_in_twice_had_left_while_nobody_counted() -> None:
    book, ended = book_of(way(1, A), Unwatched(2, 1), way(3, A))
    assert (book.number, book.strangers, ended) == (1, 0, [(Ending.HEALED, A.key)])


def test_a_name_seen_twice_is_no_less_than_two_loops() -> None:
    book, _ = book_of(way(1, A), way(2, A))
    assert (book.number, book.strangers) == (2, 1)


def test_without_loops_a_second_coming_is_one_car() -> None:
    bare = StayZone("bare", frozenset({1}))
    assert book_of(way(1, A), way(2, A), zone=bare)[0].number == 1


def test_leaving_without_having_come_is_noted_and_never_below_nought() -> None:
    book, ended = book_of(way(1, A, out=True))
    assert (book.number, ended) == (0, [(Ending.UNPAIRED, A.key)])


def test_a_resident_who_came_in_the_dark_takes_nobody_elses_place_along() -> None:
    book, ended = book_of(way(1, B), Unwatched(2, 1), way(3, A, out=True))
    assert (book.number, ended) == (1, [(Ending.UNPAIRED, A.key)])


def test_in_by_card_and_out_by_plate_is_one_stay() -> None:
    book, ended = book_of(way(1, A_BY_CARD), way(2, A, out=True))
    assert (book.number, ended) == (0, [(Ending.LEFT, A_BY_CARD.key)])


def test_another_car_of_the_household_keeps_its_own_stay() -> None:
    second = Subject("京A54321", Guest.RESIDENT, "3-1-502")
    book, ended = book_of(way(1, A), way(2, second, out=True))
    assert set(book.inside) == {A.key}
    assert ended == [(Ending.UNPAIRED, second.key)]


def test_the_ramp_of_the_garage_leads_out_of_the_yard() -> None:
    assert book_of(way(1, A), way(2, A, lane=3))[0].number == 0
    assert book_of(way(1, A, lane=3, out=True))[0].number == 1
    assert book_of(way(1, A, lane=9))[0].number == 0


def test_a_guard_finds_a_car_gone() -> None:
    gone = SeenGone(9, AT, YARD.name, A.key)
    book, ended = book_of(way(1, A), way(2, B), way(3, None, out=True), gone)
    assert (book.number, set(book.inside), ended) == (1, {B.key}, [(Ending.SEEN_GONE, A.key)])
    assert book_of(gone) == (Book(YARD.name), [])
    assert book_of(way(1, A), SeenGone(9, AT, "garage", A.key))[0].number == 1


@pytest.mark.parametrize("number", [0, 1, 2, 7])
def test_a_guards_count_is_the_number(number: int) -> None:
    book, _ = book_of(way(1, A), way(2, B), Counted(3, YARD.name, number))
    assert (book.number, len(book.inside)) == (number, 2)
    assert book_of(Counted(3, "garage", number))[0].number == 0


def test_people_are_counted_and_never_listed() -> None:
    hall = StayZone("hall", frozenset({1}), loops=frozenset({1}), counts=Counts.PEOPLE)
    book, ended = book_of(way(1, A), way(2, B), way(3, A, out=True), zone=hall)
    assert (book.number, dict(book.inside), ended) == (1, {}, [])


def test_names_end_and_still_count() -> None:
    book, _ = book_of(way(1, A), way(2, B))
    book, ended = forget(book, [book.inside[A.key]], (7, AT))
    assert (book.number, set(book.inside)) == (2, {B.key})
    assert ended == (Ended("yard", A, ended[0].stay, Ending.FORGOTTEN, 7, AT),)


def test_free_spaces_and_full_zones() -> None:
    one, two = (book_of(*(way(n, None) for n in range(many)))[0] for many in (1, 3))
    assert room(one, YARD).free == 1
    assert room(two, YARD).free == 0
    assert not is_full([room(one, YARD)])
    assert is_full([room(one, YARD), room(two, YARD)])
    assert room(two, StayZone("open", frozenset({1}))).free is None


def test_a_households_spaces() -> None:
    stays = book_of(way(1, A))[0].inside.values()
    assert all_taken(stays, "3-1-502", "京A54321", 1)
    assert not all_taken(stays, "3-1-502", A.key, 1), "its own place is not another's"
    assert not all_taken(stays, "3-1-601", "京A54321", 1)
    assert not all_taken(stays, "3-1-502", "京A54321", 2)
    assert not all_taken(stays, "3-1-502", "京A54321", None)


def test_a_visitors_car_takes_no_space_of_its_hosts() -> None:
    visitor = Subject("沪B67890", Guest.VISITOR, "3-1-502")
    stays = book_of(way(1, visitor))[0].inside.values()
    assert not all_taken(stays, "3-1-502", A.key, 1)


def test_what_no_row_tells_of() -> None:
    assert untold(Count("e", 3), Count("e", 5)) == Untold(2, unwatched=False)
    assert untold(Count("e", 3), Count("e", 3)) == Untold(0, unwatched=False)
    assert untold(Count("e", 3), Count("f", 2)) == Untold(2, unwatched=True)
    assert untold(Count("e", 3), Count("e", 2)) == Untold(2, unwatched=True)
    assert untold(None, Count("e", 9)) == Untold(0, unwatched=True)


def test_a_book_that_cannot_be_is_not_made() -> None:
    with pytest.raises(ValueError, match="cannot be"):
        Book("yard", loose=1)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"lanes": frozenset()}, "no way in"),
        ({"out_by": frozenset({1})}, "both into it and out of it"),
        ({"spaces": -1}, "write how many there are"),
    ],
)
def test_a_zone_that_cannot_be_is_not_made(wrong: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"name": "yard", "lanes": frozenset({1}), **wrong}
    with pytest.raises(ValueError, match=words):
        StayZone(**given)  # type: ignore[arg-type]
