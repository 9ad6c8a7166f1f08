"""The desk marks somebody, and what was decided by that is decided alike when it is replayed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from edge import wire
from edge.core.desk import Desk
from edge.core.office import Office
from edge.places import Places
from edge.store.replay import replay
from edge.store.store import Store
from gate.access import POLICY, decide
from models.decision import Decision, Reason, Verdict
from models.facts import Facts
from models.lane import Liveness
from models.moment import Moment
from models.observation import Alive, Observation
from tests.fakes import store_words as say
from tests.fakes.desk_asker import Asker, StillClock
from tests.fakes.store_site import enrolled, on_disk, quick_folder
from tests.fakes.store_words import NOW


class _Eyes:
    def __init__(self) -> None:
        self.refreshed = 0

    def refresh(self) -> None:
        self.refreshed += 1


@dataclass
class _Site:
    store: Store
    folder: Path
    eyes: _Eyes
    desk: Desk
    announced: list[int]

    def ask(self, message: wire.AnyMessage) -> wire.AnyMessage:
        asker = Asker()
        self.desk.hear(asker, message)
        return asker.told[-1]


@pytest.fixture
def site() -> Iterator[_Site]:
    with quick_folder() as folder, on_disk(folder / "state") as store:
        eyes, announced = _Eyes(), list[int]()
        office = Office(
            clock=StillClock(),
            store=store,
            keepers={},
            eyes=eyes,  # type: ignore[arg-type] # only refreshed here
            places=Places(folder),
            keys=dict,
            announce=announced.append,
            changed=lambda: None,
        )
        yield _Site(store, folder / "state", eyes, Desk(office), announced)


def _decided(store: Store, seen: Observation, facts: Facts) -> tuple[int, Reason]:
    decision = decide(seen, facts, NOW)
    intent = say.wish() if decision.verdict is Verdict.OPEN else None
    seq = store.record(
        seen, facts, decision, NOW, intent=intent, crop=None, policy=POLICY, who=None, home=None
    )
    return seq, decision.reason


def test_the_desk_marks_and_vision_and_the_log_hear_of_it(site: _Site) -> None:
    person = enrolled(site.store)
    assert site.ask(wire.SecondFactor(1, person.resident_id, True, "chen")) == wire.Done(1)
    listed = site.ask(wire.Residents(2))
    assert isinstance(listed, wire.ResidentsAre)
    assert [row.second_factor for row in listed.rows] == [True]
    (row,) = site.store.events(newest=True, limit=1)
    assert (row.reason, row.note, site.announced) == ("second_factor_on", "chen", [row.seq])
    assert site.eyes.refreshed == 1
    nobody = site.ask(wire.SecondFactor(3, "0" * 16, True, "chen"))
    assert isinstance(nobody, wire.Failed)
    assert "no resident" in nobody.text


def test_face_and_second_factor_are_decided_alike_again(site: _Site) -> None:
    person = enrolled(site.store)
    site.store.mark_second_factor(person.resident_id, True, "chen", NOW)
    known = site.store.resident(person.resident_id)
    bare = say.facts(resident=known)
    facts = replace(bare, lane=replace(bare.lane, liveness=Liveness.CHALLENGE))
    face = replace(say.face(person.resident_id), alive=Alive.PASSIVE)
    first, reason = _decided(site.store, face, facts)
    assert reason is Reason.SECOND_FACTOR
    own = replace(facts, resident=None, claims=say.claims(host=person.resident_id), confirms=first)
    second, reason = _decided(site.store, say.shown(), own)
    assert reason is Reason.VISITOR
    answers = {one.seq: one.answers for one in site.store.events(limit=50)}
    assert (answers[first], answers[second]) == (None, first)
    again = replay(site.folder, decide, POLICY)
    assert (again.agreed, again.differ) == (2, ())
    unmarked = replay(site.folder, _without_the_mark, POLICY)
    assert [one.seq for one in unmarked.differ] == [first]


def _without_the_mark(seen: Observation, facts: Facts, now: Moment) -> Decision:
    person = facts.resident
    unmarked = None if person is None else replace(person, second_factor=False)
    return decide(seen, replace(facts, resident=unmarked), now)
