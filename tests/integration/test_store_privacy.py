"""What lies on the disk: no face, no name where it does not belong, nothing after an erasure."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from edge.store.verify import verify
from models.registry import ResidentKind
from tests.fakes import store_words as say
from tests.fakes.store_site import (
    CROP,
    NAME,
    PLANTED,
    enrolled,
    on_disk,
    opened,
    quick_folder,
    seen_at_gate,
)
from tests.fakes.store_words import HOME, NOW, TODAY


@pytest.fixture
def folder() -> Iterator[Path]:
    with quick_folder() as made:
        yield made / "state"


def holders(folder: Path, word: bytes) -> set[str]:
    """Return the files, at any depth, that hold a word in the clear."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and word in path.read_bytes()
    }


def test_no_file_holds_a_face_in_the_clear(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        seen_at_gate(store, person)
        store.keep_house(NOW)
        while_open = holders(folder, PLANTED[:32]) | holders(folder, CROP[:24])
    assert while_open == set()
    assert holders(folder, PLANTED[:32]) | holders(folder, CROP[:24]) == set()


def test_only_the_register_knows_names_and_tokens_are_nowhere(folder: Path) -> None:
    with on_disk(folder) as store:
        seen_at_gate(store, enrolled(store))
        opened(store)
        store.keep_house(NOW)
        assert holders(folder, b"KH1:THE-TOKEN") == set()
    found = {name.partition("-2026")[0] for name in holders(folder, NAME.encode())}
    assert found == {"register.db", "backup/register"}
    assert holders(folder, b"KH1:THE-TOKEN") == set()


def test_neither_file_alone_links_a_face_to_a_person(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
    assert holders(folder, person.resident_id.encode()) == {"register.db"}


def test_a_template_moved_to_another_person_is_not_read(folder: Path) -> None:
    with on_disk(folder) as store:
        first = enrolled(store)
        second = store.add_resident("Li Si", HOME, ResidentKind.OWNER, None, NOW)
        store.enrol(second.resident_id, say.consent(), say.templates(), NOW)
    with closing(sqlite3.connect(folder / "register.db", isolation_level=None)) as raw:
        faces = dict(raw.execute("SELECT id, face FROM resident").fetchall())
    with closing(sqlite3.connect(folder / "biometrics.db", isolation_level=None)) as raw:
        mine, theirs = faces[first.resident_id], faces[second.resident_id]
        raw.execute("UPDATE template SET face = 'x' WHERE face = ?", (mine,))
        raw.execute("UPDATE template SET face = ? WHERE face = ?", (mine, theirs))
        raw.execute("UPDATE template SET face = ? WHERE face = 'x'", (theirs,))
    with on_disk(folder) as store:
        assert store.gallery(TODAY).rows == ()


@pytest.mark.parametrize("change", ["engine = 'another-engine'", "ordinal = ordinal + 1"])
def test_a_template_passed_off_as_another_is_not_read(folder: Path, change: str) -> None:
    with on_disk(folder) as store:
        enrolled(store)
    with closing(sqlite3.connect(folder / "biometrics.db", isolation_level=None)) as raw:
        assert raw.execute(f"UPDATE template SET {change}").rowcount == 1
    with on_disk(folder) as store:
        assert store.gallery(TODAY).rows == ()


def test_a_removed_resident_leaves_no_name_behind(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        seq = seen_at_gate(store, person)
        assert store.crop(seq) == CROP
        store.remove_resident(person.resident_id, NOW)
        assert holders(folder, NAME.encode()) == set()
        assert holders(folder, PLANTED[:32]) == set()
        assert list((folder / "evidence").iterdir()) == []
    found = verify(folder)
    assert (found.erased, found.broken) == (2, 0)


def test_the_receipt_names_the_day_of_the_last_copy(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        store.keep_house(NOW)
        receipt = store.remove_resident(person.resident_id, NOW.after(3600))
        assert receipt.keys_expire == (NOW.utc + timedelta(days=7)).date()
        on_that_day = NOW.after(7 * 86400 + 1)
        store.keep_house(on_that_day)
        assert holders(folder, NAME.encode()) == set()


def test_an_erased_key_makes_a_kept_copy_unreadable(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        store.keep_house(NOW)
        store.withdraw_face(person.resident_id, NOW)
    (copy,) = (folder / "backup").glob("biometrics-*.db")
    shutil.copy(copy, folder / "biometrics.db")
    with on_disk(folder) as store:
        assert store.gallery(TODAY).rows == ()
    with closing(sqlite3.connect(folder / "biometrics.db")) as raw:
        assert raw.execute("SELECT count(*) FROM template").fetchone() == (0,)


@pytest.mark.parametrize("removed", [False, True], ids=["withdrawn", "removed"])
def test_yesterdays_backup_brings_no_erased_face_back(folder: Path, removed: bool) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        seen_at_gate(store, person)
        store.keep_house(NOW)
        if removed:
            store.remove_resident(person.resident_id, NOW)
        else:
            store.withdraw_face(person.resident_id, NOW)
        floor = store.gallery_floor
    for stem in ("register", "biometrics"):
        (copy,) = (folder / "backup").glob(f"{stem}-*.db")
        shutil.copy(copy, folder / f"{stem}.db")
    with on_disk(folder) as store:
        assert store.gallery(TODAY).rows == ()
        assert store.gallery_floor >= floor
        again = store.resident(person.resident_id)
        assert again == (None if removed else person)
        names = {row.who for row in store.events(limit=1000)}
        assert (NAME in names) is not removed
    assert verify(folder).broken == 0


def test_yesterdays_keyring_brings_no_erased_key_back(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        store.keep_house(NOW)
        store.withdraw_face(person.resident_id, NOW)
    for stem, place in (("keyring", "keyring"), ("biometrics", ".")):
        (copy,) = folder.rglob(f"{stem}-*.db")
        shutil.copy(copy, folder / place / f"{stem}.db")
    with on_disk(folder) as store:
        assert store.gallery(TODAY).rows == ()
    with closing(sqlite3.connect(folder / "keyring" / "keyring.db")) as raw:
        assert raw.execute("SELECT count(*) FROM key").fetchone() == (0,)


@pytest.mark.parametrize("removed", [False, True], ids=["withdrawn", "removed"])
def test_one_backup_after_the_other_brings_nobody_back(folder: Path, removed: bool) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        store.keep_house(NOW)
        if removed:
            store.remove_resident(person.resident_id, NOW)
        else:
            store.withdraw_face(person.resident_id, NOW)
    for stems in (("keyring",), ("register", "biometrics"), ("keyring",)):
        for stem in stems:
            (copy,) = folder.rglob(f"{stem}-*.db")
            place = folder / "keyring" if stem == "keyring" else folder
            shutil.copy(copy, place / f"{stem}.db")
        with on_disk(folder) as store:
            assert store.gallery(TODAY).rows == ()
            assert store.resident(person.resident_id) == (None if removed else person)
            # It was their wish, and is never told as a loss.
            assert "face_lost" not in {row.reason for row in store.events(limit=1000)}


def test_a_half_made_enrolment_is_swept(folder: Path) -> None:
    with on_disk(folder) as store:
        enrolled(store)
    with closing(sqlite3.connect(folder / "register.db", isolation_level=None)) as raw:
        raw.execute("UPDATE resident SET face = NULL")
    on_disk(folder).close()
    for name, table in (("biometrics.db", "template"), ("keyring/keyring.db", "key")):
        with closing(sqlite3.connect(folder / name)) as raw:
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_half_made_erasure_is_finished(folder: Path) -> None:
    with on_disk(folder) as store:
        person = enrolled(store)
        seen_at_gate(store, person)
    with closing(sqlite3.connect(folder / "keyring" / "keyring.db", isolation_level=None)) as raw:
        raw.execute("INSERT INTO erased VALUES (?, 'resident', 'now')", (person.resident_id,))
    with on_disk(folder) as store:
        assert store.residents() == ()
        assert NAME not in {row.who for row in store.events(limit=1000)}
    for name, table in (("biometrics.db", "template"), ("keyring/keyring.db", "key")):
        with closing(sqlite3.connect(folder / name)) as raw:
            assert raw.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_a_changed_picture_is_no_evidence(folder: Path) -> None:
    with on_disk(folder) as store:
        seq = seen_at_gate(store, enrolled(store))
    (file,) = (folder / "evidence").iterdir()
    sealed = bytearray(file.read_bytes())
    sealed[-1] ^= 1
    file.write_bytes(bytes(sealed))
    with on_disk(folder) as store:
        assert store.crop(seq) is None
        file.unlink()
        assert store.crop(seq) is None
        assert store.event(seq) is not None
