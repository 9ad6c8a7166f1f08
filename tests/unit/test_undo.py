"""Each of the desk has one last change, for ten minutes, and takes it back once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from edge.core.undo import LASTS, Change, LastChanges
from models.errors import InputError
from models.moment import Moment

NOW = Moment(datetime(2026, 5, 1, tzinfo=UTC), 100.0)


def _change(what: str = "resident_changed", person: str = "", vehicle: str = "") -> Change:
    return Change(what, "about", lambda _now, _by: "", person, vehicle)


def test_only_the_last_change_is_remembered_and_its_time_runs_from_it() -> None:
    kept = LastChanges()
    kept.keep("chen", _change("card_removed"), NOW)
    kept.keep("chen", _change("vehicle_changed"), NOW.after(60))
    found = kept.last("chen", NOW.after(LASTS + 59))
    assert found is not None
    assert (found[0].what, found[1]) == ("vehicle_changed", 1)
    assert kept.last("chen", NOW.after(LASTS + 60)) is None
    assert kept.last("wang", NOW) is None


def test_a_change_is_taken_back_once_however_many_press_at_once() -> None:
    kept = LastChanges()
    kept.keep("chen", _change(), NOW)

    def take(_number: int) -> bool:
        try:
            kept.take("chen", NOW)
        except InputError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(32))) == 1


def test_what_cannot_be_taken_back_stands_in_the_way_of_what_was_before() -> None:
    kept = LastChanges()
    kept.keep("chen", _change(), NOW)
    kept.keep("chen", Change("resident_removed", ""), NOW)
    found = kept.last("chen", NOW)
    assert found is not None
    assert (found[0].what, found[1]) == ("resident_removed", 0)
    with pytest.raises(InputError, match="cannot be undone") as caught:
        kept.take("chen", NOW)
    assert caught.value.word == "for_good"


def test_whoever_is_erased_is_forgotten_in_everybodys_changes() -> None:
    kept = LastChanges()
    kept.keep("chen", _change(person="lin"), NOW)
    kept.keep("wang", _change(vehicle="car"), NOW)
    kept.keep("li", _change(person="ann"), NOW)
    kept.forget("lin")
    kept.forget("car")
    assert [by for by in ("chen", "wang", "li") if kept.last(by, NOW)] == ["li"]


def test_a_crowd_of_names_does_not_grow_without_end() -> None:
    kept = LastChanges()
    for number in range(200):
        kept.keep(f"u{number}", _change(), NOW)
    assert sum(kept.last(f"u{number}", NOW) is not None for number in range(200)) == 64
    assert kept.last("u199", NOW) is not None
