"""Both ways beside the journal, as a state machine: a real edge, a model centre, roads that fail.

Power is cut between any two writes of the store. What was told is lost nowhere, nothing is applied
that was not told or cannot be, and no letter is let go that the centre does not hold.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import ClassVar, TypeVar

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import Connection, insert

from edge.core.told_desk import ToldDesk
from edge.store import centre_tables, feed, marks
from edge.store.exchange import Exchange
from edge.store.feed import Item
from edge.store.store import Store
from edge.sync import mailbox
from edge.sync.feed import Feed, Page
from edge.sync.mailbox import LETTERS, Letter
from edge.sync.plan import Refused
from edge.sync.wire import Receipt
from tests.fakes.centre_edge import HOME, START, CentreEdge
from tests.fakes.centre_model import ModelCentre
from tests.fakes.centre_roads import ROADS
from tests.fakes.store_site import quick_folder
from tests.fuzz.machine import Pace, found_out

PACE = Pace(stories=4, steps=14)
AT = datetime(2026, 11, 22, 7, tzinfo=UTC)
T = TypeVar("T")
KEY = Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()
NUMBERS = count(1)


class PowerCut(BaseException):
    """Nothing is written from here on."""


class FeedMachine(RuleBasedStateMachine):
    """Things are told, the register changes, roads fail, power is cut, both ends start again."""

    folder: ClassVar[Path]

    @initialize()
    def install(self) -> None:
        place = self.folder / f"edge-{next(NUMBERS)}"
        shutil.copytree(self.folder / "state", place)
        self.edge = CentreEdge(place, ModelCentre(page=3))
        self.who = self.edge.somebody().resident_id
        self.edge.centre.tell("pass_key", kid=9, ed25519=KEY)
        self.told: dict[int, tuple[str, str]] = {}
        """Items that can be used: number to what they are and about what."""
        self.unusable: set[int] = set()
        self.ever_unusable: set[int] = set()
        self.letters: dict[int, bytes] = {}
        self.saved = 0

    # --- what happens ------------------------------------------------------------------------

    @rule()
    def a_pass_is_revoked(self) -> None:
        name = f"{next(NUMBERS):032x}"
        self.told[self.edge.centre.tell("revoked", pass_id=name)] = ("revoked", name)

    @rule(right=st.booleans())
    def a_pass_is_made(self, *, right: bool) -> None:
        name = f"{next(NUMBERS):032x}"
        number = self.edge.centre.tell(
            "pass_made",
            pass_id=name,
            host=self.who,
            label="",
            kind="window",
            lanes=[1] if right else [44],
            not_before=AT.isoformat(),
            expires=(AT + timedelta(days=1)).isoformat(),
            uses=2,
            kid=9,
        )
        self._note(number, ("pass", name), usable=right)

    @rule(right=st.booleans())
    def a_member_is_added(self, *, right: bool) -> None:
        name = f"{next(NUMBERS):016x}"
        number = self.edge.centre.tell(
            "member",
            resident_id=name,
            name="Wang Wu",
            home=str(HOME) if right else "9-9-999",
            kind="family",
            by=self.who,
        )
        self._note(number, ("member", name), usable=right)

    @rule()
    def what_cannot_be_is_told(self) -> None:
        self.a_pass_is_made(right=False)
        self.a_member_is_added(right=False)

    @rule()
    def the_desk_changes_the_register(self) -> None:
        self.edge.somebody(f"Li {next(NUMBERS)}")

    @rule(faults=st.lists(st.sampled_from(sorted(ROADS)), min_size=1, max_size=4))
    def road_fails(self, faults: list[str]) -> None:
        self.edge.faults.extend(ROADS[name] for name in faults)

    @rule(turns=st.integers(1, 4))
    def it_hears(self, turns: int) -> None:
        self.edge.hear(turns)

    @rule(turns=st.integers(1, 6))
    def it_speaks(self, turns: int) -> None:
        self.edge.speak(turns)

    @rule(writes=st.integers(0, 6))
    def power_is_cut(self, writes: int) -> None:
        """Let both ways go on until so many more writes are on the disk, then start again."""
        writer = self.edge.store._parts.writer
        left, submit = [writes], writer.submit

        def until_then(work: Callable[[Connection], T], **words: float) -> T:
            if not left[0]:
                raise PowerCut
            left[0] -= 1
            return submit(work, wait=words.get("wait", 60.0))

        writer.submit = until_then  # type: ignore[assignment, method-assign]
        try:
            for _ in range(3):
                self.edge.hear(1)
                self.edge.speak(3)
        except PowerCut:
            pass
        finally:
            writer.submit = submit  # type: ignore[method-assign]
        self.edge.restart()

    @rule()
    def a_wall_stores_no_letter(self) -> None:
        self.edge.faults.clear()
        self.edge.hear(1)
        self.the_desk_changes_the_register()
        self.edge.faults.append(ROADS["nothing safe"])
        self.edge.speak(3)

    @rule()
    def centre_starts_again(self) -> None:
        self.edge.centre.restart()

    @precondition(lambda self: self.edge.centre.epoch == "e1" and self.saved > 3)
    @rule()
    def another_centre_takes_over(self) -> None:
        """Its database is new: it tells only what is told from now on, and knows no letters."""
        centre = self.edge.centre
        self.edge.hear(1)
        here = self.edge.store.exchange.position().number
        self.told = {n: one for n, one in self.told.items() if n <= here}
        self.unusable = set()
        # Numbers rise with time, whichever database gives them.
        centre.newest += 1000
        centre.epoch, centre.items, centre.letters = "e2", [], {}
        centre.proof, self.saved, self.letters = 0, 0, {}
        centre.tell("pass_key", kid=9, ed25519=KEY)
        self.before = self.told
        self.told = {}

    # --- what holds --------------------------------------------------------------------------

    @invariant()
    def both_ways_keep_their_promises(self) -> None:
        if not hasattr(self, "edge"):
            return
        store, centre = self.edge.store, self.edge.centre
        here = store.exchange.position()
        if here.epoch == centre.epoch:
            assert here.number >= self.saved, "it went back"
            self.saved = here.number
            assert centre.proof <= here.number, "acknowledged before it was saved"
            self._nothing_told_is_lost(here.number)
        self._nothing_is_made_up()
        self._no_letter_is_lost()

    def _nothing_told_is_lost(self, number: int) -> None:
        waiting = {row.number for row in self.edge.store.exchange.waiting()}
        applied = self._applied()
        for at, what in self.told.items():
            if at <= number:
                assert at in waiting or what in applied, f"{what} was acknowledged and is lost"

    def _nothing_is_made_up(self) -> None:
        wanted = {*self.told.values(), *getattr(self, "before", {}).values()}
        assert self._applied() <= wanted, "something was applied that was not told"
        refused = {one["number"] for one in self.edge.letters("not_applied")}
        assert refused <= self.ever_unusable, "something usable was refused"

    def _no_letter_is_lost(self) -> None:
        exchange, held = self.edge.store.exchange, self.edge.centre.letters
        kept = {one.number: one.body for one in exchange.letters(1000)}
        for number, body in kept.items():
            assert self.letters.setdefault(number, body) == body, "a number was used twice"
        gone = self.letters.keys() - kept.keys()
        assert gone <= held.keys(), "a letter was let go that nobody holds"
        assert not self.edge.centre.conflicts

    def _applied(self) -> set[tuple[str, str]]:
        store = self.edge.store
        raw = store._parts.reads
        revoked = raw(
            lambda c: [row[0] for row in c.exec_driver_sql("SELECT pass_id FROM revoked")]
        )
        return {
            *(("revoked", name) for name in revoked),
            *(("pass", one.claims.pass_id) for one in store.passes()),
            *(("member", one.resident_id) for one in store.residents() if one.name == "Wang Wu"),
        }

    def teardown(self) -> None:
        if not hasattr(self, "edge"):
            return
        try:
            self.edge.faults.clear()
            for _ in range(20):
                self.edge.hear(2)
                self.edge.speak(10)
            self.both_ways_keep_their_promises()
            assert self.edge.store.exchange.waiting() == ()
            assert set(self.told.values()) <= self._applied(), "something waits for ever"
            refused = {one["number"] for one in self.edge.letters("not_applied")}
            assert self.unusable <= refused, "nobody was told that it cannot be used"
            assert self.edge.store.exchange.letter_backlog().waiting == 0
            there = {one["resident_id"] for one in self.edge.letters("resident_now")}
            assert there == {one.resident_id for one in self.edge.store.residents()}
        finally:
            self.edge.close()
            shutil.rmtree(self.edge.folder)

    def _note(self, number: int, what: tuple[str, str], *, usable: bool) -> None:
        if usable:
            self.told[number] = what
        else:
            self.unusable.add(number)
            self.ever_unusable.add(number)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        Store.open(made / "state", START, ballast=0, boot="1").close()
        yield made


@pytest.fixture
def machine(folder: Path) -> type[FeedMachine]:
    FeedMachine.folder = folder
    return FeedMachine


@pytest.mark.fault("F13", "F14", "F15", "F16")
def test_no_story_loses_a_word_of_either_side(machine: type[FeedMachine]) -> None:
    PACE.run(machine)


@pytest.mark.long
@pytest.mark.fault("F13", "F14", "F15", "F16")
def test_no_long_story_loses_a_word_of_either_side(
    machine: type[FeedMachine], capfd: pytest.CaptureFixture[str]
) -> None:
    PACE.longer(25).run_long(machine, capfd)


def _acknowledges_first(exchange: Exchange, epoch: str, number: int, items: Sequence[Item]) -> int:
    """Write the number in one COMMIT and the items in the next."""
    submit = exchange._parts.writer.submit
    before = exchange.position().number
    new = submit(lambda connection: _SAVE(connection, epoch, number, ()))
    fresh = [one for one in items if before < one.number <= number]

    def late(connection: Connection) -> int:
        for one in fresh:
            row = {"epoch": epoch, "number": one.number, "kind": one.kind, "body": one.body}
            connection.execute(insert(centre_tables.told), row | {"put_off": False})
        return len(fresh)

    return new + submit(late)


def _goes_back(connection: Connection, epoch: str, number: int, items: Sequence[Item]) -> int:
    marks.write(connection, feed.NUMBER, "0")
    return _SAVE(connection, epoch, number, items)


def _believes_any_page(far: Feed, epoch: str | None, after: int, wait: float) -> Page | Refused:
    page = _ASK(far, epoch, after, wait)
    if isinstance(page, Page) and page.epoch == epoch and after > 1 and not page.items:
        return Page(page.epoch, after - 1, page.newest, behind=False, items=())
    return page


def _all_is_safe(_answer: bytes, rows: Sequence[Letter]) -> Receipt:
    return Receipt(frozenset((LETTERS, one.seq) for one in rows), {})


_SAVE, _ASK = feed.save, Feed.ask

MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "acknowledges before it saves": lambda patch: patch.setattr(
        Exchange, "save", _acknowledges_first
    ),
    "goes back a version": lambda patch: (
        patch.setattr(feed, "save", _goes_back),
        patch.setattr(Feed, "ask", _believes_any_page),
    )[0],
    "applies what it has not looked at": lambda patch: patch.setattr(
        ToldDesk, "_check_pass", lambda _desk, _told: None
    ),
    "lets letters go without proof": lambda patch: patch.setattr(mailbox, "receipt", _all_is_safe),
}
_SOON = {"applies what it has not looked at", "lets letters go without proof"}
"""What a few stories find; the others are left to the long form."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name in _SOON else pytest.mark.long, id=name)
        for name in MUTANTS
    ],
)
def test_the_machine_finds_an_edge_that(
    name: str, machine: type[FeedMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    MUTANTS[name](monkeypatch)
    found_out(machine, PACE)
