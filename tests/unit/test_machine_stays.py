"""Stays as a state machine: cars, loops, relays and cuts of the power, against what is true.

The world knows which cars are inside. The ledger under test, gate/occupancy.py, sees only journal
rows; whatever is not in the journal is lost at a crash, and the relays' counters bring it back.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gate import counting
from gate import occupancy as product
from gate.counting import Count, Untold
from gate.occupancy import (
    Book,
    Counted,
    Happening,
    Passed,
    SeenGone,
    Unwatched,
    forget,
    room,
    told,
)
from models.lane import Direction
from models.stay import Ended, Ending, Guest, Stay, StayZone, Subject
from tests.fuzz.machine import Pace, found_out

PACE = Pace(stories=30, steps=30)
LONG = Pace(stories=1450, steps=400)
BEGAN = datetime(2026, 3, 1, tzinfo=UTC)
YARD = StayZone("yard", frozenset({1, 2}), spaces=4, loops=frozenset({1, 2}))
IN, OUT = 1, 2
PLATES = ["京A11111", "京B22222", "沪C33333", "粤D44444D", "苏E55555"]
HOMES = dict(zip(PLATES, ["3-1-502", "3-1-502", "3-1-601", None, None], strict=True))
CARS = st.sampled_from(PLATES)
READ = st.sampled_from(["read", "read", "read", "unread", "misread", "card"])


def subject(plate: str, read: str) -> Subject | None:
    """Return whom the gate takes the car for."""
    match read:
        case "unread":
            return None
        case "misread":
            return Subject(f"{plate[:-1]}X", Guest.UNKNOWN)
        case "card" if HOMES[plate] is not None:
            return Subject(f"resident:{plate[-1]}", Guest.RESIDENT, HOMES[plate])
    guest = Guest.VISITOR if HOMES[plate] is None else Guest.RESIDENT
    return Subject(plate, guest, HOMES[plate])


class StayMachine(RuleBasedStateMachine):
    """Cars come and go, read and misread; core dies; relays lose their counts; guards look."""

    @initialize()
    def build(self) -> None:
        # The world.
        self.inside: set[str] = set()
        self.sure = True
        """Whether the loops have been watched since the ledger last knew the number."""
        self.relays = {IN: Count("e1", 0), OUT: Count("e1", 0)}
        # What outlives a crash.
        self.journal: list[Happening] = []
        self.counts = dict(self.relays)
        # What does not.
        self.book = Book(YARD.name)
        self.seq = 0

    @rule(plate=CARS, read=READ, crash=st.sampled_from([False, False, False, True]))
    def come_or_go(self, plate: str, read: str, crash: bool) -> None:
        lane = OUT if plate in self.inside else IN
        self.drive(lane, plate)
        if crash:
            self.core_dies()
        else:
            self.tell(lane, subject(plate, read))

    @rule(first=CARS, second=CARS)
    def tailgate(self, first: str, second: str) -> None:
        if first == second or (first in self.inside) is not (second in self.inside):
            return
        lane = OUT if first in self.inside else IN
        self.drive(lane, first)
        self.drive(lane, second)
        self.tell(lane, subject(first, "read"))
        self.tell(lane, None)

    @rule()
    def core_dies(self) -> None:
        """Lose all that is not in the journal; read the relays' counts again."""
        live = self.book
        self.book, _ = told(Book(YARD.name), YARD, self.journal)
        assert self.book == live, "a book is what its rows say"
        for lane in (IN, OUT):
            self.read_again(lane)

    @rule(lane=st.sampled_from([IN, OUT]))
    def relay_dies(self, lane: int) -> None:
        """Lose a relay's count: who has passed, if anybody, nobody can say any more."""
        self.sure = False
        self.relays[lane] = Count(f"{self.relays[lane].epoch}+", 0)
        self.read_again(lane)

    @rule(plate=CARS)
    def pass_in_the_dark(self, plate: str) -> None:
        """Drive through a gate that stands open while nothing has power."""
        self.inside ^= {plate}
        for lane in (IN, OUT):
            self.relay_dies(lane)

    @rule(off=st.sampled_from([0, 0, 0, 1, -1]))
    def guard_counts(self, off: int) -> None:
        number = max(0, len(self.inside) + off)
        self.sure = number == len(self.inside)
        self.write(Counted(self.next(), YARD.name, number))

    @rule(plate=CARS)
    def guard_finds_it_gone(self, plate: str) -> None:
        if plate not in self.inside:
            self.write(SeenGone(self.next(), self.now, YARD.name, plate))

    @rule()
    def drive_elsewhere(self) -> None:
        before = self.book
        self.write(Passed(self.next(), self.now, 9, Direction.ENTRY, None))
        assert self.book == before

    @invariant()
    def as_many_as_there_are(self) -> None:
        if self.sure:
            assert self.book.number == len(self.inside)
        assert self.book.number >= 0
        assert room(self.book, YARD).free in range(YARD.spaces + 1)  # type: ignore[operator]

    @invariant()
    def forgetting_names_changes_no_number(self) -> None:
        later, ended = forget(self.book, self.book.inside.values(), (self.seq, self.now))
        assert later.number == self.book.number
        assert not later.inside
        assert len(ended) == len(self.book.inside)

    @property
    def now(self) -> datetime:
        """The time, which moves a minute with each row."""
        return BEGAN + timedelta(minutes=self.seq)

    def next(self) -> int:
        """Return the number of the next row."""
        self.seq += 1
        return self.seq

    def drive(self, lane: int, plate: str) -> None:
        """Let a car through; the loop counts it, whoever is writing."""
        self.inside ^= {plate}
        count = self.relays[lane]
        self.relays[lane] = replace(count, number=count.number + 1)

    def tell(self, lane: int, who: Subject | None) -> None:
        """Write the row of one who passed, and up to where the journal tells of everybody."""
        way = Direction.ENTRY if lane == IN else Direction.EXIT
        self.counts[lane] = replace(self.counts[lane], number=self.counts[lane].number + 1)
        self.write(Passed(self.next(), self.now, lane, way, who))

    def read_again(self, lane: int) -> None:
        """Write what the relay's count says and no row does."""
        found = counting.untold(self.counts[lane], self.relays[lane])
        if found.unwatched:
            self.counts[lane] = Count(self.relays[lane].epoch, 0)
            self.write(Unwatched(self.next(), lane))
        for _ in range(found.passed):
            self.tell(lane, None)

    def write(self, what: Happening) -> None:
        """Put a row into the journal and its meaning into the book."""
        self.journal.append(what)
        before, after = self.book, product.step(self.book, YARD, what)
        self.book, ended = after
        self.hold(before, ended)

    def hold(self, before: Book, ended: tuple[Ended, ...]) -> None:
        """Hold what ended against the names that were there."""
        for one in ended:
            if one.how is Ending.UNPAIRED:
                assert one.stay is None
            else:
                assert one.stay is not None
                assert before.inside[one.stay.who.key] == one.stay


def test_no_story_of_stays_loses_count() -> None:
    PACE.run(StayMachine)


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_no_long_story_of_stays_loses_count(capsys: pytest.CaptureFixture[str]) -> None:
    LONG.run_long(StayMachine, capsys)


def _believes_names(book: Book, old: Stay) -> Book:
    return replace(book, loose=min(book.loose, len(book.inside) - 1), inside=_rest(book, old))


def _rest(book: Book, old: Stay) -> dict[str, Stay]:
    return {key: one for key, one in book.inside.items() if one != old}


def _away_as_if_here(book: Book, stay: Stay) -> Book:
    return replace(book, strangers=book.strangers + 1, inside=_rest(book, stay), loose=0)


def _counts_strangers_twice(book: Book) -> Book:
    return replace(book, strangers=max(0, book.strangers - 1))


_entered = product._in

MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "believes a name more than the loop": lambda patch: patch.setattr(
        product, "_healed", _believes_names
    ),
    "takes a named exit for nothing": lambda patch: patch.setattr(
        product, "_away", _away_as_if_here
    ),
    "keeps who left without a name": lambda patch: patch.setattr(
        product, "_one_less", _counts_strangers_twice
    ),
    "forgets strangers": lambda patch: patch.setattr(
        product,
        "_in",
        lambda book, what, who: (book, ()) if who is None else _entered(book, what, who),
    ),
    "reads no count again after a crash": lambda patch: patch.setattr(
        counting, "untold", lambda _told, _heard: Untold(0, unwatched=False)
    ),
    "believes itself more than a guard's count": lambda patch: patch.setattr(
        product, "_counted", lambda book, _what: book
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_the_machine_finds_a_ledger_that(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    found_out(StayMachine, PACE)
