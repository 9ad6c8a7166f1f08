"""What was learnt of passages: agreed to, sealed, at most four, and gone when it should be."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.store.learning import MOST
from edge.store.store import Store
from models.decision import Reason
from models.errors import InputError
from models.lane import Credential
from models.registry import Resident
from models.template import Template
from tests.fakes import store_words as say
from tests.fakes.store_site import CROP, PLANTED, enrolled, on_disk, quick_folder, seen_at_gate
from tests.fakes.store_words import NOW, POLICY, TODAY
from tests.integration.test_store_privacy import holders

_CONSENT = replace(say.consent(), at=NOW.utc - timedelta(days=1))


def _seen(number: int = 0) -> Template:
    return Template("sface-1", (b"A-FACE-IN-A-PASSAGE-%02d" % number) * 20)


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "state"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    with on_disk(folder) as made:
        yield made


@pytest.fixture
def person(store: Store) -> Resident:
    """Return somebody who is known by face and agrees to learning."""
    made = enrolled(store)
    store.lessons.allow(made.resident_id, _CONSENT, NOW)
    return made


def _learn(store: Store, person: Resident, *numbers: int) -> None:
    for number in numbers:
        store.lessons.keep(seen_at_gate(store, person), (_seen(number),), "guard-wang", NOW)


def _learnt(store: Store) -> list[bytes]:
    return [one.vector for _, _, one in store.gallery(TODAY).rows if one.is_learnt]


def _newest(store: Store) -> tuple[str, str | None, str | None]:
    (row,) = store.events(newest=True, limit=1)
    return row.reason, row.who, row.note


def _sealed(folder: Path) -> int:
    """Return how many templates lie in the file, of photos and of passages."""
    with closing(sqlite3.connect(folder / "biometrics.db")) as raw:
        (count,) = raw.execute("SELECT count(*) FROM template").fetchone()
        return int(count)


def test_it_comes_with_the_gallery_and_is_in_the_journal(
    folder: Path, store: Store, person: Resident
) -> None:
    assert _newest(store) == ("learning_allowed", person.name, "guard-wang")
    before = store.gallery(TODAY).version
    _learn(store, person, 1)
    assert store.gallery(TODAY).version > before
    assert _newest(store) == ("face_learnt", person.name, "guard-wang")
    store.close()
    with on_disk(folder) as again:
        assert _learnt(again) == [_seen(1).vector]
        assert [one.seen_by for _, _, one in again.gallery(TODAY).rows] == ["sface-1"] * 2
    assert holders(folder, _seen(1).vector[:24]) == set()


def test_whoever_did_not_agree_is_not_learnt_from(store: Store) -> None:
    person = enrolled(store)
    seq = seen_at_gate(store, person)
    with pytest.raises(InputError, match="has not agreed"):
        store.lessons.keep(seq, (_seen(),), "guard-wang", NOW)
    store.lessons.allow(person.resident_id, replace(_CONSENT, at=NOW.utc), NOW)
    with pytest.raises(InputError, match="before the resident agreed"):
        store.lessons.keep(seq, (_seen(),), "guard-wang", NOW)
    assert _learnt(store) == []


def test_a_row_says_whether_a_guard_may_confirm_it(store: Store, person: Resident) -> None:
    seqs = [seen_at_gate(store, person)]
    let_out = say.opens(Reason.NOT_LIVE)
    facts = say.facts(resident=person)
    for decision, crop in ((let_out, CROP), (say.refuses(), CROP), (say.opens(), None)):
        seq = store.record(
            say.face(person.resident_id),
            facts,
            decision,
            NOW,
            intent=None,
            crop=crop,
            policy=POLICY,
            who=person.name,
            home=str(person.home),
        )
        seqs.append(seq)
    rows = {row.seq: row for row in store.events(limit=100)}
    assert [rows[seq].learnable for seq in seqs] == [True, False, False, False]
    for seq in (*seqs[1:3], seqs[0] - 1, 9999):
        with pytest.raises(InputError, match=f"row {seq}"):
            store.lessons.keep(seq, (_seen(),), "guard-wang", NOW)
    store.lessons.end(person.resident_id, "guard-wang", NOW)
    assert not [row for row in store.events(limit=100) if row.learnable]


def test_the_oldest_makes_way_and_the_photo_stays(
    folder: Path, store: Store, person: Resident
) -> None:
    _learn(store, person, *range(MOST + 2))
    assert _learnt(store) == [_seen(number).vector for number in range(2, MOST + 2)]
    assert PLANTED in [one.vector for _, _, one in store.gallery(TODAY).rows]
    assert _sealed(folder) == MOST + 1


def test_the_same_picture_teaches_once(store: Store, person: Resident) -> None:
    _learn(store, person, 1)
    with pytest.raises(InputError, match="learnt already"):
        _learn(store, person, 1)
    assert len(_learnt(store)) == 1


def test_nothing_is_learnt_where_somebody_else_was_taken_for_the_resident(
    store: Store, person: Resident
) -> None:
    _learn(store, person, 1, 2)
    store.lessons.not_that_person(seen_at_gate(store, person), (_seen(9),), "guard-wang", NOW)
    assert _learnt(store) == [], "what was learnt may have been that somebody else"
    with pytest.raises(InputError, match="enrol the resident again"):
        _learn(store, person, 3)
    store.enrol(person.resident_id, say.consent(), (Template("sface-1", PLANTED),), NOW)
    with pytest.raises(InputError, match="has not agreed"):
        _learn(store, person, 3)
    store.lessons.allow(person.resident_id, _CONSENT, NOW)
    _learn(store, person, 3)
    assert _learnt(store) == [_seen(3).vector]


def test_taking_the_consent_back_forgets_at_once_and_leaves_the_photo(
    folder: Path, store: Store, person: Resident
) -> None:
    _learn(store, person, 1, 2)
    older = store.gallery(TODAY).version
    store.lessons.end(person.resident_id, "guard-li", NOW)
    assert _newest(store) == ("learning_withdrawn", person.name, "guard-li")
    assert [one.vector for _, _, one in store.gallery(TODAY).rows] == [PLANTED]
    assert older < store.gallery_floor <= store.gallery(TODAY).version
    assert (_sealed(folder), store.lessons.learners()) == (1, frozenset())
    seen = store.resident(person.resident_id)
    assert seen is not None
    assert Credential.FACE in seen.allowed
    with pytest.raises(InputError, match="has not agreed"):
        _learn(store, person, 3)
    store.lessons.allow(person.resident_id, _CONSENT, NOW)
    assert _learnt(store) == [], "a new consent brings nothing back"


def test_the_key_of_what_was_learnt_is_destroyed_with_it(
    folder: Path, store: Store, person: Resident
) -> None:
    _learn(store, person, 1)
    store.close()
    sealed = (folder / "biometrics.db").read_bytes()
    with on_disk(folder) as again:
        again.lessons.end(person.resident_id, "guard-wang", NOW)
    # As when a copy from before the withdrawal is put back.
    for old in folder.glob("biometrics.db*"):
        old.unlink()
    (folder / "biometrics.db").write_bytes(sealed)
    with on_disk(folder) as restored:
        assert _learnt(restored) == []


@pytest.mark.parametrize("way", ["withdrawn", "erased", "enrolled anew"])
def test_it_ends_with_the_face(folder: Path, store: Store, person: Resident, way: str) -> None:
    _learn(store, person, 1)
    if way == "withdrawn":
        store.withdraw_face(person.resident_id, NOW)
    elif way == "erased":
        store.remove_resident(person.resident_id, NOW)
    else:
        store.enrol(person.resident_id, say.consent(), (Template("sface-1", PLANTED),), NOW)
    assert _learnt(store) == []
    assert store.lessons.learners() == frozenset()
    assert _sealed(folder) == (1 if way == "enrolled anew" else 0)


def test_only_whoever_is_known_by_face_can_agree(store: Store) -> None:
    person = enrolled(store)
    store.withdraw_face(person.resident_id, NOW)
    with pytest.raises(InputError, match="not known by face"):
        store.lessons.allow(person.resident_id, _CONSENT, NOW)
    with pytest.raises(InputError, match="nobody"):
        store.lessons.allow("nobody", _CONSENT, NOW)
    with pytest.raises(InputError, match="nobody"):
        store.lessons.end("nobody", "guard-wang", NOW)
    store.lessons.end(person.resident_id, "guard-wang", NOW)
    assert _newest(store)[0] == "learning_withdrawn"
