"""Faces kept against a resident: sealed, sent with the gallery, and gone with the resident."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.store.mistakes import MOST
from edge.store.store import Store
from models.errors import InputError
from models.template import Template
from tests.fakes.store_site import enrolled, on_disk, opened, quick_folder, seen_at_gate
from tests.fakes.store_words import NOW, TODAY
from tests.integration.test_store_privacy import holders

_WRONG = b"SOMEBODY-ELSE-ALTOGETHER" * 20
_FACES = (Template("sface-1", _WRONG),)


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "state"


def _against(store: Store) -> list[tuple[str, bytes]]:
    return [(who, one.vector) for who, _, one in store.gallery(TODAY).rows if one.is_anothers]


def test_the_face_comes_with_the_gallery_as_somebody_elses(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        seq, before = seen_at_gate(store, person), store.gallery(TODAY).version
        store.lessons.not_that_person(seq, _FACES, "guard-wang", NOW)
        assert _against(store) == [(person.resident_id, _WRONG)]
        assert store.gallery(TODAY).version > before
        (row,) = store.events(newest=True, limit=1)
        assert (row.reason, row.who, row.note) == ("not_that_person", person.name, "guard-wang")
    with on_disk(folder) as store:
        assert _against(store) == [(person.resident_id, _WRONG)]
        assert store.gallery(TODAY).rows[0][2].engine == "sface-1"


def test_it_is_nowhere_in_the_clear_and_ends_with_the_resident(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        store.lessons.not_that_person(seen_at_gate(store, person), _FACES, "guard-wang", NOW)
        assert holders(folder, _WRONG[:32]) == set()
        store.remove_resident(person.resident_id, NOW)
        assert store.gallery(TODAY).rows == ()
    with closing(sqlite3.connect(folder / "biometrics.db")) as raw:
        assert raw.execute("SELECT count(*) FROM template").fetchone() == (0,)


def test_it_ends_when_the_face_is_given_back_or_enrolled_anew(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        seq = seen_at_gate(store, person)
        store.lessons.not_that_person(seq, _FACES, "guard-wang", NOW)
        store.withdraw_face(person.resident_id, NOW)
        assert store.gallery(TODAY).rows == ()
        with pytest.raises(InputError, match="gave the face back"):
            store.lessons.not_that_person(seq, _FACES, "guard-wang", NOW)


def test_a_row_that_names_nobody_by_face_is_refused_in_words(folder: Path) -> None:
    with on_disk(folder) as store:
        enrolled(store)
        by_pass, _ = opened(store)
        for seq in (by_pass, 9999):
            with pytest.raises(InputError, match="names nobody by face"):
                store.lessons.not_that_person(seq, _FACES, "guard-wang", NOW)
        assert _against(store) == []


def test_twenty_are_enough(folder: Path) -> None:
    with on_disk(folder) as store:
        seq = seen_at_gate(store, enrolled(store))
        store.lessons.not_that_person(seq, _FACES * MOST, "guard-wang", NOW)
        with pytest.raises(InputError, match="enrol the resident again"):
            store.lessons.not_that_person(seq, _FACES, "guard-wang", NOW)
        assert len(_against(store)) == MOST
