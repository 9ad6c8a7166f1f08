"""The desk about faces: a mistake is learnt from the row's picture, a look-alike is named."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge import wire
from edge.core.desk import Desk
from edge.core.eyes import Encoded
from edge.core.office import Office
from edge.places import Places
from edge.store.store import Store
from models.errors import RecogniserFault
from models.moment import Moment
from models.registry import Resident
from models.template import Template
from tests.fakes.store_site import CROP, enrolled, on_disk, quick_folder, seen_at_gate
from tests.fakes.store_words import NOW, TODAY

_SEEN = Template("sface-1", b"THE-FACE-IN-THE-PICTURE!" * 20)


class _Eyes:
    """Sees one face in every picture; may be away."""

    def __init__(self) -> None:
        self.alike: tuple[str, ...] = ()
        self.asked: list[tuple[tuple[str, ...], tuple[bytes, ...]]] = []
        self.refreshed = 0
        self.away = False

    def encode(self, photos: tuple[str, ...], crops: tuple[bytes, ...] = ()) -> Encoded:
        if self.away:
            message = "the vision process is not answering"
            raise RecogniserFault(message, part="vision")
        self.asked.append((photos, crops))
        return Encoded((_SEEN,) * (len(photos) + len(crops)), 0, self.alike)

    def refresh(self) -> None:
        self.refreshed += 1


class _Clock:
    def now(self) -> Moment:
        return NOW


class _Asker:
    role = "web"

    def __init__(self) -> None:
        self.told: list[wire.AnyMessage] = []

    def tell(self, message: wire.AnyMessage) -> None:
        self.told.append(message)


class _Site:
    """A desk over a store on a disk."""

    def __init__(self, store: Store, folder: Path) -> None:
        self.store, self.eyes, self.asker = store, _Eyes(), _Asker()
        self.announced: list[int] = []
        office = Office(
            clock=_Clock(),
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
