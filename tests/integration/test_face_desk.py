"""The desk about faces: a mistake is learnt from the row's picture, a look-alike is named."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edge import wire
from edge.core.desk import Desk
from edge.core.eyes import Encoded
from edge.core.office import Office
from edge.places import Places
from edge.store.store import Store
from models.decision import Reason
from models.errors import RecogniserFault
from models.moment import Moment
from models.registry import Resident
from models.template import Template
from tests.fakes import store_words as say
from tests.fakes.desk_asker import Asker, StillClock
from tests.fakes.store_site import CROP, enrolled, on_disk, quick_folder, seen_at_gate
from tests.fakes.store_words import NOW, POLICY, TODAY

_LEARNING = ("learning_allowed", "face_learnt", "learning_withdrawn")
_SEEN = Template("sface-1", b"THE-FACE-IN-THE-PICTURE!" * 20)


class _Eyes:
    """Sees one face in every picture; may be away."""

    def __init__(self) -> None:
        self.alike: tuple[str, ...] = ()
        self.asked: list[tuple[tuple[str | bytes, ...], tuple[bytes, ...]]] = []
        self.whose: list[str] = []
        self.refreshed = 0
        self.away = False

    def check(self, photo: bytes) -> None:
        self.encode((photo,))

    def encode(
        self, photos: tuple[str | bytes, ...], crops: tuple[bytes, ...] = (), resident: str = ""
    ) -> Encoded:
        if self.away:
            message = "the vision process is not answering"
            raise RecogniserFault(message, part="vision")
        self.asked.append((photos, crops))
        self.whose.append(resident)
        return Encoded((_SEEN,) * (len(photos) + len(crops)), 0, self.alike)

    def refresh(self) -> None:
        self.refreshed += 1


class _Site:
    """A desk over a store on a disk."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.eyes, self.asker = store, _Eyes(), Asker()
        self.announced: list[int] = []
        office = Office(
            clock=StillClock(),
            store=store,
            keepers={},
            eyes=self.eyes,
            places=Places(folder),
            keys=dict,
            announce=self.announced.append,
            changed=lambda: None,
        )
        self._desk = Desk(office)

    def ask(self, message: wire.AnyMessage) -> wire.AnyMessage:
        self._desk.hear(self.asker, message)
        return self.asker.told[-1]

    def seen_later(self, person: Resident) -> int:
        """Record that someone was let in a minute from now."""
        later = Moment(NOW.utc + timedelta(minutes=1), NOW.mono)
        return self.store.record(
            say.face(person.resident_id),
            say.facts(resident=person),
            say.opens(Reason.RESIDENT),
            later,
            intent=None,
            crop=CROP,
            policy=POLICY,
            who=person.name,
            home=str(person.home),
        )

    def learnt(self) -> list[bytes]:
        return [one.vector for _, _, one in self.store.gallery(TODAY).rows if one.is_learnt]

    def against(self, person: Resident) -> list[bytes]:
        rows = self.store.gallery(TODAY).rows
        return [one.vector for who, _, one in rows if who == person.resident_id and one.is_anothers]


@pytest.fixture
def site() -> Iterator[_Site]:
    with quick_folder() as folder, on_disk(folder / "state") as store:
        yield _Site(store, folder)


def test_the_face_in_the_rows_picture_is_kept_against_whom_the_row_names(site: _Site) -> None:
    person = enrolled(site.store)
    seq = seen_at_gate(site.store, person)
    assert site.ask(wire.NotThatPerson(1, seq, "guard-wang")) == wire.Done(1)
    assert site.eyes.asked == [((), (CROP,))]
    assert site.against(person) == [_SEEN.vector]
    assert site.eyes.refreshed == 1
    (row,) = site.store.events(newest=True, limit=1)
    assert site.announced == [row.seq]


def test_nothing_is_kept_while_nobody_can_look(site: _Site) -> None:
    person = enrolled(site.store)
    seq = seen_at_gate(site.store, person)
    site.eyes.away = True
    said = site.ask(wire.NotThatPerson(1, seq, "guard-wang"))
    assert isinstance(said, wire.Failed)
    assert "not answering" in said.text
    assert site.against(person) == []


@pytest.mark.parametrize("seq", [0, -1, 2**53, 77])
def test_a_row_that_is_not_there_is_refused_in_words(site: _Site, seq: int) -> None:
    said = site.ask(wire.NotThatPerson(1, seq, "guard-wang"))
    assert isinstance(said, wire.Failed)
    assert "row" in said.text
    assert site.eyes.asked == []


def test_whoever_enrols_is_told_of_a_look_alike(site: _Site) -> None:
    other = enrolled(site.store)
    site.eyes.alike = (other.resident_id,)
    request = wire.AddResident(
        1, "Li Si", "3-1-502", "owner", None, ("photo.jpg",), "2026-01", "guard-wang", None
    )
    said = site.ask(request)
    assert isinstance(said, wire.Done)
    assert f"looks like {other.name}" in said.note
    new = next(one for one in site.store.residents() if one.name == "Li Si")
    site.eyes.alike = (new.resident_id,)
    again = wire.EnrolFace(2, new.resident_id, ("photo.jpg",), "2026-01", "guard-wang", None)
    assert site.ask(again) == wire.Done(2)


_AGREES = "2026-06"


def test_a_confirmed_passage_is_learnt_once_the_resident_agrees(site: _Site) -> None:
    person = enrolled(site.store)
    seq = seen_at_gate(site.store, person)
    refused = site.ask(wire.ThatPerson(1, seq, "guard-wang"))
    assert isinstance(refused, wire.Failed)
    assert "has not agreed" in refused.text
    assert site.eyes.asked == [], "not even looked at"
    agrees = wire.AllowLearning(2, person.resident_id, _AGREES, "guard-wang", None)
    assert site.ask(agrees) == wire.Done(2)
    later = site.seen_later(person)
    assert site.ask(wire.ThatPerson(3, later, "guard-wang")) == wire.Done(3)
    assert (site.eyes.asked, site.eyes.whose) == ([((), (CROP,))], [person.resident_id])
    assert site.learnt() == [_SEEN.vector]
    assert site.ask(wire.EndLearning(4, person.resident_id, "guard-wang")) == wire.Done(4)
    assert site.learnt() == []
    assert site.announced == [row.seq for row in site.store.events() if row.reason in _LEARNING]
    assert site.eyes.refreshed == 3


def test_learning_needs_a_version_of_the_text_and_who_took_it(site: _Site) -> None:
    person = enrolled(site.store)
    for consent, by in (("", "guard-wang"), (_AGREES, "")):
        said = site.ask(wire.AllowLearning(1, person.resident_id, consent, by, None))
        assert isinstance(said, wire.Failed)
        assert "consent" in said.text
    assert site.store.lessons.learners() == frozenset()


def test_the_list_of_residents_says_who_agreed(site: _Site) -> None:
    person, other = enrolled(site.store), enrolled(site.store)
    site.ask(wire.AllowLearning(1, person.resident_id, _AGREES, "guard-wang", "guardian-zhao"))
    said = site.ask(wire.Residents(2))
    assert isinstance(said, wire.ResidentsAre)
    agreed = {row.id: row.learns for row in said.rows}
    assert agreed == {person.resident_id: True, other.resident_id: False}
