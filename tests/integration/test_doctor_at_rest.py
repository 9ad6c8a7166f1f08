"""`kuahu doctor` beside a state folder that nothing runs on: what was left behind, word by word."""

import shutil
from collections.abc import Iterator

import pytest

from config.settings import Settings
from edge.ailment import Ailment
from edge.cameras.examine import Examined, findings
from edge.doctor import Finding, _ailment, _at_rest, _disk
from edge.places import Places
from edge.store.disk import DiskState, mark_of
from edge.store.store import Store
from models.event import EventKind
from tests.fakes.store_site import quick_folder
from tests.fakes.store_words import BOOT, NOW


@pytest.fixture
def left() -> Iterator[Places]:
    """The state folder of a site that was stopped with three events not sent."""
    with quick_folder() as folder:
        root = folder / "s"
        with Store.open(root, NOW, ballast=0, boot=BOOT, start=False) as store:
            for _ in range(3):
                store.note(EventKind.CALL, "call", NOW, lane=1)
        yield Places(root)


def settings_of(profile: str = "kuahu/1") -> Settings:
    relay = {"name": "gate-1", "profile": profile}
    return Settings.model_validate({"site": {"compound": "00112233"}, "relay": [relay]})


def words(findings: Iterator[Finding]) -> dict[str, str]:
    return {one.ailment: one.text for one in findings if one.ailment}


def test_a_sound_folder_is_said_to_be_sound(left: Places) -> None:
    found = list(_at_rest(settings_of(), left))
    assert [(one.part, one.ok) for one in found] == [("store", True), ("centre", True)]
    assert "3 events wait" in found[1].text


def test_what_the_centre_did_not_take_is_told_apart(left: Places) -> None:
    with Store.open(left.root, NOW, ballast=0, boot=BOOT, start=False) as store:
        first, second, _ = store.outbox(10)
        store.quarantine(first.key, "fork")
        store.quarantine(second.key, "the centre answered 422")
    found = words(_at_rest(settings_of(), left))
    assert set(found) == {Ailment.CENTRE_QUARANTINE, Ailment.CENTRE_FORK}
    assert found[Ailment.CENTRE_QUARANTINE].startswith("1 events")


def test_a_register_that_was_replaced_is_told_for_a_week(left: Places) -> None:
    (left.root / "damaged" / "20260501T080000000000Z-register").mkdir(parents=True)
    found = words(_at_rest(settings_of(), left))
    assert set(found) == {Ailment.STORE_RESTORED}
    assert "register.db" in found[Ailment.STORE_RESTORED]


def test_a_damaged_register_is_told_and_not_touched(left: Places) -> None:
    register = left.root / "register.db"
    bad = b"no database at all" * 400
    register.write_bytes(bad)
    found = words(_at_rest(settings_of(), left))
    assert set(found) == {Ailment.STORE_FAILING}
    assert register.read_bytes() == bad


def test_what_is_weaker_by_choice_is_a_note_and_no_fault(left: Places) -> None:
    left.issuer.mkdir()
    found = [one for one in _at_rest(settings_of("tasmota"), left) if one.ailment]
    assert {one.ailment for one in found} == {Ailment.OWN_ISSUER, Ailment.WEAK_RELAY}
    assert all(one.ok for one in found)


def test_a_folder_that_is_not_there_is_no_fault(left: Places) -> None:
    shutil.rmtree(left.root)
    assert list(_at_rest(settings_of(), left)) == []
    assert not left.root.exists()


@pytest.mark.parametrize(
    ("used", "word"),
    [
        (10, ""),
        (75, Ailment.DISK_FILLING),
        (86, Ailment.DISK_NEARLY_FULL),
        (96, Ailment.DISK_FULL),
    ],
)
def test_the_disk_by_its_watermarks(used: int, word: str) -> None:
    state = DiskState(100, 100 - used, mark_of(100, 100 - used), ballast=True)
    assert set(words(_disk(state))) == ({word} if word else set())


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (Examined("c", fault="nobody answers"), Ailment.CAMERA_AWAY),
        (Examined("c", "h264", 1280, 720, 10.0, unwell="black"), Ailment.CAMERA_BLACK),
        (Examined("c", "h264", 1280, 720, 10.0, unwell="frozen"), Ailment.CAMERA_FROZEN),
        (Examined("c", "h264", 320, 240, 10.0), Ailment.CAMERA_SIZE),
        (Examined("c", "h264", 1280, 720, 1.0), Ailment.CAMERA_SLOW),
    ],
)
def test_a_camera_that_is_looked_at_is_called_by_the_same_words(seen: Examined, word: str) -> None:
    bad = [line.text for line in findings(seen) if line.good is False]
    assert word in {_ailment(seen, text) for text in bad}
