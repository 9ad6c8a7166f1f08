"""Nothing is learnt by passing: only a named guard's word makes a template of a passage."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from edge.store.store import Store
from models.errors import InputError
from models.template import Template
from tests.fakes import store_words as say
from tests.fakes.store_site import enrolled, on_disk, quick_folder, seen_at_gate
from tests.fakes.store_words import NOW, TODAY

_SEEN = (Template("sface-1", b"A-FACE-IN-A-PASSAGE" * 20),)


@pytest.fixture
def store() -> Iterator[Store]:
    with quick_folder() as folder, on_disk(folder / "state") as made:
        yield made


@pytest.mark.parametrize("by", ["", "  "])
def test_nothing_is_learnt_that_nobody_confirmed(store: Store, by: str) -> None:
    person = enrolled(store)
    agreed = replace(say.consent(), at=NOW.utc - timedelta(days=1))
    store.lessons.allow(person.resident_id, agreed, NOW)
    before = store.gallery(TODAY)
    seqs = [seen_at_gate(store, person) for _ in range(6)]
    assert store.gallery(TODAY) == before
    with pytest.raises(InputError, match="confirm"):
        store.lessons.keep(seqs[-1], _SEEN, by, NOW)
    assert store.gallery(TODAY) == before
    store.lessons.keep(seqs[-1], _SEEN, "guard-wang", NOW)
    assert store.gallery(TODAY).version > before.version
