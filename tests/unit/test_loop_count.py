"""What a lane's loops count is told, whoever opened, and after a crash too."""

import pytest

from edge.loop_count import LoopCount
from edge.unwritten import Unwritten
from gate.barrier import State
from gate.counting import Count
from models.command import Position
from models.event import Event, EventKind
from models.lane import Direction
from models.sensor import Reading
from tests.fakes import store_words as say
from tests.fakes.memory_shelf import Shelf
from tests.fakes.memory_store import MemoryStore
from tests.fakes.store_words import BOOT, NOW

E1, E2 = "1" * 16, "2" * 16


class Site:
    """A lane's counter and the journal that it writes."""

    def __init__(self, shelf: Shelf | None = None, lane: int = 1) -> None:
        self.shelf = shelf or Shelf()
        self.store = MemoryStore(self.shelf, NOW, boot=BOOT)
        self.count = LoopCount(say.lane(lane), self.store, Unwritten(self.store, lambda _seq: None))

    def read(self, number: int, epoch: str = E1, state: State = State.OPEN) -> None:
        reading = Reading("g1", 1, Position.OPEN, {}, 1.0, number, epoch)
        self.count.read(reading, state, NOW)

    @property
    def rows(self) -> list[tuple[str, Direction | None, int | None]]:
        every: tuple[Event, ...] = self.store.events(limit=1000)
        return [
            (one.reason, one.direction, one.answers)
            for one in every
            if one.kind is EventKind.PASSAGE
        ]


@pytest.fixture
def site() -> Site:
    site = Site()
    site.read(5)
    return site


def test_a_new_lane_begins_unwatched_and_then_counts(site: Site) -> None:
    assert site.rows == [("unwatched", None, None)]
    site.read(5)
    assert len(site.rows) == 1
    assert site.store.told_count(1) == Count(E1, 5)


def test_who_follows_goes_the_way_of_the_opening(site: Site) -> None:
    site.count.opened(40, Direction.EXIT)
    site.count.ended(40, True, E1)
    site.read(7)
    assert site.rows[1:] == [("through", Direction.EXIT, None)]


def test_an_opening_whose_passage_nobody_told_gets_the_next_one(site: Site) -> None:
    site.count.opened(40, Direction.ENTRY)
    site.count.opened(41, Direction.EXIT)
    site.read(8)
    assert site.rows[1:] == [
        ("through", Direction.ENTRY, 40),
        ("through", Direction.EXIT, 41),
        ("through", Direction.EXIT, None),
    ]
    site.read(8)
    assert len(site.rows) == 4


def test_a_closed_barrier_ends_what_was_opened(site: Site) -> None:
    site.count.opened(40, Direction.ENTRY)
    site.read(5, state=State.CLOSED)
    site.read(6)
    # Both ways lead through this lane, so nobody can say which it was.
    assert site.rows[1:] == [("unwatched", None, None)]


def test_after_a_crash_the_relay_tells_what_was_not_written(site: Site) -> None:
    site.store.close()
    again = Site(site.shelf)
    again.count.opened(40, Direction.ENTRY)
    again.read(7)
    assert again.rows[1:] == [("through", Direction.ENTRY, 40), ("through", Direction.ENTRY, None)]
    assert again.store.told_count(1) == Count(E1, 7)


def test_a_relay_that_began_anew_leaves_the_lane_unwatched(site: Site) -> None:
    site.count.opened(40, Direction.ENTRY)
    site.read(1, E2)
    assert site.rows[1:] == [("unwatched", None, None), ("through", Direction.ENTRY, 40)]
    assert site.store.told_count(1) == Count(E2, 1)


def test_who_passed_after_the_relay_began_anew_is_told_once(site: Site) -> None:
    site.count.opened(40, Direction.ENTRY)
    site.count.ended(40, True, E2)
    site.read(2, E2)
    assert site.rows[1:] == [("unwatched", None, None), ("through", Direction.ENTRY, None)]
    assert site.store.told_count(1) == Count(E2, 2)
    site.read(3, E2)
    assert len(site.rows) == 4


def test_a_relay_that_counts_nobody_tells_nothing() -> None:
    site = Site()
    site.read(9, epoch="")
    assert site.rows == []
