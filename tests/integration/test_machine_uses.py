"""Uses between gate machines, as a state machine: splits, losses, restarts, and what is found.

Real: stores, gathering of what is known, decisions, what is said and how it is merged. The broker
is one in this process that splits, loses, says again and mixes up.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from random import Random
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from edge import uses_shared
from edge.store import passes, uses
from models.decision import Verdict
from models.lane import Direction
from models.visit import UNLIMITED, Claims, PassKind
from tests.fakes import store_words as say
from tests.fakes.use_bus import Box, Compound, compound
from tests.fuzz.machine import Pace, found_out

PACE = Pace(stories=6, steps=12)
IDS = count(1)
BOXES = st.integers(0, 2)
KINDS = [
    (PassKind.SINGLE, 1),
    (PassKind.WINDOW, 2),
    (PassKind.PRINTED, 2),
    (PassKind.WINDOW, UNLIMITED),
]


Seen = tuple[tuple[int, int], tuple[Direction, bool]]
"""A use: its lane and number, its direction, and whether a barrier opened for it."""


class UsesMachine(RuleBasedStateMachine):
    """Visitors come to three boxes that hear each other, or do not."""

    site: ClassVar[Compound]

    @initialize()
    def new_visitors(self) -> None:
        self.visits = [self._visit(*kind) for kind in KINDS]
        self.opened: dict[tuple[int, int, Direction], int] = {}
        self.together = False
        self.before = [box.doubles() for box in self.site.boxes]

    def teardown(self) -> None:
        if hasattr(self, "visits"):
            self.everybody_hears()

    def _visit(self, kind: PassKind, allowed: int) -> Claims:
        one = replace(say.claims(f"{next(IDS):032x}"), kind=kind, uses=allowed)
        return replace(one, expires=one.not_before + timedelta(days=365))

    @rule(box=BOXES, which=st.integers(0, 3), way=st.sampled_from(Direction), opens=st.booleans())
    def come(self, box: int, which: int, way: Direction, opens: bool) -> None:
        claims = self.visits[which]
        before = self._ways(which, Direction.ENTRY)
        answer = self.site.boxes[box].show(claims, way, opens=opens)
        if answer.verdict is Verdict.OPEN and answer.use is not None:
            if opens:
                key = (box, which, way)
                self.opened[key] = self.opened.get(key, 0) + 1
            if way is Direction.ENTRY and self.together and claims.uses != UNLIMITED:
                assert before < claims.uses, "a pass that other gates had let in"
        if self.together:
            self.site.turn()
            self.site.turn()

    @rule(which=st.integers(0, 2), boxes=st.permutations(range(3)), lost=st.booleans())
    def come_to_gates_that_hear_nobody(self, which: int, boxes: list[int], lost: bool) -> None:
        """Show one pass everywhere while no machine hears another; then all hear of it."""
        for box in boxes:
            self.split(box)
        for box in boxes:
            self.come(box, which, Direction.ENTRY, opens=True)
        for box in boxes:
            self.heal(box, 2 if lost else 0)
        self.everybody_hears()

    @rule(box=BOXES)
    def split(self, box: int) -> None:
        self.site.boxes[box].wire.split()
        self.together = False

    @rule(box=BOXES, losing=st.integers(0, 4))
    def heal(self, box: int, losing: int) -> None:
        self.site.bus.loses = losing
        self.site.boxes[box].wire.heal()
        self.site.turn()
        self.together = False

    @rule(box=BOXES)
    def program_ends(self, box: int) -> None:
        self.site.boxes[box].restart()
        self.together = False

    @rule(box=BOXES, chance=st.integers(0, 99))
    def said_again_in_another_order(self, box: int, chance: int) -> None:
        messages = list(self.site.bus.said)[-20:]
        Random(chance).shuffle(messages)
        for message in messages:
            self.site.boxes[box].shared.heard(message)
        self.site.turn()

    @rule()
    def everybody_hears(self) -> None:
        """Mend the broker: all know all, and whose gate let a pass in twice tells its guard."""
        self.site.bus.loses = 0
        for box in self.site.boxes:
            box.wire.heal()
        self.site.settle()
        self.together = True
        for which, claims in enumerate(self.visits):
            views = [self._view(box, claims) for box in self.site.boxes]
            assert views[0] == views[1] == views[2]
            for way in Direction:
                assert sum(seen == (way, True) for _, seen in views[0]) == self._ways(which, way)
        for number, box in enumerate(self.site.boxes):
            assert box.doubles() - self.before[number] == self._concern(number)

    def _view(self, box: Box, claims: Claims) -> list[Seen]:
        """Return every use that a box knows of; each box has a lane of its own."""
        known = box.store.pass_state(claims.pass_id)
        assert known.earlier == passes.NONE_EARLIER
        return sorted(((use.lane, use.number), (use.direction, use.opened)) for use in known.uses)

    def _ways(self, which: int, way: Direction) -> int:
        return sum(n for (_, one, its), n in self.opened.items() if (one, its) == (which, way))

    def _concern(self, box: int) -> int:
        """Return how many passes a box let in that were let in too often."""
        return sum(
            self.opened.get((box, which, Direction.ENTRY), 0) > 0
            and claims.uses != UNLIMITED
            and self._ways(which, Direction.ENTRY) > claims.uses
            for which, claims in enumerate(self.visits)
        )


@pytest.fixture
def machine() -> Iterator[type[UsesMachine]]:
    with compound(3) as site:

        class Here(UsesMachine):
            """The machine at this test's own compound."""

        Here.site = site
        yield Here


def test_no_story_of_split_gates_breaks_their_rules(machine: type[UsesMachine]) -> None:
    PACE.run(machine)


@pytest.mark.long
def test_no_long_story_of_split_gates_breaks_their_rules(machine: type[UsesMachine]) -> None:
    PACE.longer(20).run(machine)


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "does not notice double uses": lambda patch: patch.setattr(uses, "overdrawn", lambda *_: False),
    "never asks for what was lost": lambda patch: patch.setattr(
        uses_shared.SharedUses, "_compare", lambda *_: None
    ),
    "keeps nothing of what others tell": lambda patch: patch.setattr(
        uses, "merge", lambda *_: None
    ),
    "believes that all is known after a gap": lambda patch: patch.setattr(
        uses_shared.SharedUses,
        "_merge",
        lambda self, told, now: self._store.merge(told.journal, told.shared(), told.upto, now),
    ),
    "never tells that a barrier opened": lambda patch: patch.setattr(
        passes, "tell", lambda *_: None
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if name.startswith("does not") else pytest.mark.long)
        for name in MUTANTS
    ],
)
def test_the_machine_finds_gates_that(
    name: str, machine: type[UsesMachine], monkeypatch: pytest.MonkeyPatch
) -> None:
    MUTANTS[name](monkeypatch)
    found_out(machine, PACE)
