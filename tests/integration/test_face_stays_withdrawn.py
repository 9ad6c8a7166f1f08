"""A face that was taken back on a phone stays away, whichever of yesterday's copies is put back."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from edge.store import copies
from edge.store.faces import Faces
from tests.fakes.centre_edge import TEMPLATE, CentreEdge, consent, sealed
from tests.fakes.store_site import quick_folder

GIVEN = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
DAY = 86_400.0
Files = tuple[str, ...]
Restore = Callable[[CentreEdge, Files], None]


@pytest.fixture
def edge() -> Iterator[CentreEdge]:
    with quick_folder() as folder:
        one = CentreEdge(folder / "state")
        try:
            yield one
        finally:
            one.close()


def given_and_taken_back(edge: CentreEdge) -> str:
    """Give a face on the phone, make copies, take it back a day later; return whose it was."""
    who, key = edge.somebody().resident_id, edge.photo_keys.current(edge.now)
    edge.centre.tell(
        "sealed_photo",
        photo_id="f" * 32,
        resident_id=who,
        key_id=key.key_id,
        sealed=sealed(key.point, b"\xff\xd8\xff" + b"A-FACE" * 50, "f" * 32, who),
        by=who,
        consent=consent(who, GIVEN),
    )
    edge.live()
    # The centre keeps no photo once it is answered.
    edge.centre.items = [one for one in edge.centre.items if one["kind"] != "sealed_photo"]
    assert known(edge) == {who}
    copies.make(edge.store.folder, edge.now.utc)
    edge.now = edge.now.after(DAY)
    edge.centre.tell("face_withdrawn", resident_id=who, by=who)
    edge.live()
    assert known(edge) == set()
    return who


def known(edge: CentreEdge) -> set[str]:
    """Return whom the gallery names, which is whom a gate can let in by a face."""
    return {row[0] for row in edge.store.gallery(date(2026, 11, 23)).rows}


def by_itself(edge: CentreEdge, files: Files) -> None:
    """Let files be damaged; the start finds that and puts their newest good copies back."""
    folder = edge.store.folder
    edge.close()
    for name in files:
        path: Path = getattr(folder, name)
        path.write_bytes(b"what a dying disk leaves" * 400)
    edge.now = edge.now.after(5.0)
    edge.open()
    assert set(edge.store.restored) == {f"{name}.db" for name in files}


def by_hand(edge: CentreEdge, files: Files) -> None:
    """Put copies in the place of files that were well."""
    folder = edge.store.folder
    edge.close()
    for name in files:
        path: Path = getattr(folder, name)
        copy = copies.newest_good(folder, path)
        assert copy is not None
        copies.put_back(copy, path)
    edge.now = edge.now.after(5.0)
    edge.open()


@pytest.mark.parametrize(
    ("restore", "files"),
    [
        (by_itself, ("register", "biometrics")),
        (by_hand, ("register", "biometrics")),
        pytest.param(by_itself, ("biometrics", "keyring"), marks=pytest.mark.long),
        pytest.param(by_itself, ("register", "keyring"), marks=pytest.mark.long),
        pytest.param(by_hand, ("keyring",), marks=pytest.mark.long),
    ],
)
def test_without_the_centre_no_copy_brings_it_back(
    edge: CentreEdge, restore: Restore, files: Files
) -> None:
    who = given_and_taken_back(edge)
    restore(edge, files)
    assert edge.store.resident(who) is not None
    assert known(edge) == set()
    assert edge.store._parts.faces.opened() == {}
    for path in edge.folder.rglob("*"):
        assert not path.is_file() or TEMPLATE.vector not in path.read_bytes()
    edge.live()
    assert known(edge) == set()


def test_with_every_file_of_yesterday_the_centre_says_it_again(edge: CentreEdge) -> None:
    """A whole machine that is put back knows of no withdrawal until it hears the centre."""
    who = given_and_taken_back(edge)
    by_itself(edge, ("register", "biometrics", "keyring"))
    assert known(edge) == {who}
    edge.hear(1)
    assert known(edge) == set()
    assert edge.store._parts.faces.known() == (set(), set())


def test_a_store_that_keeps_the_key_is_found_out(
    edge: CentreEdge, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unlinking alone would not do: the copies know of the link."""
    monkeypatch.setattr(Faces, "unmake", lambda *_: None)
    who = given_and_taken_back(edge)
    by_itself(edge, ("register", "biometrics"))
    assert known(edge) == {who}
