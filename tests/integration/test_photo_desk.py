"""A photo that a phone has sealed becomes templates or an answer, and lies nowhere in the clear."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.core.eyes import PhotoUnfit
from edge.core.photo_desk import _ANSWERS, TRIES
from edge.sync.feed import Feed, Page
from edge.sync.session import Session
from models.errors import InputError, RecogniserFault
from models.registry import Resident
from recognition.photo import PhotoFault
from tests.fakes.centre_edge import CentreEdge, consent, sealed
from tests.fakes.store_site import quick_folder

PHOTO = b"\xff\xd8\xff" + b"A-PHOTO-OF-A-FACE" * 50
GIVEN = datetime(2026, 11, 22, 7, 30, tzinfo=UTC)
ID = "f" * 32


@pytest.fixture
def edge() -> Iterator[CentreEdge]:
    with quick_folder() as folder:
        one = CentreEdge(folder / "state")
        try:
            yield one
        finally:
            one.close()


@pytest.fixture
def person(edge: CentreEdge) -> Resident:
    return edge.somebody()


def send(edge: CentreEdge, whose: str, photo_id: str = ID, **other: Any) -> int:  # noqa: ANN401
    """Let a phone seal a photo and the centre tell of it."""
    key = edge.photo_keys.current(edge.now)
    said = {
        "photo_id": photo_id,
        "resident_id": whose,
        "key_id": key.key_id,
        "sealed": sealed(key.point, other.pop("photo", PHOTO), photo_id, whose),
        "by": whose,
        "consent": consent(whose, GIVEN),
    }
    return edge.centre.tell("sealed_photo", **(said | other))


def _nothing(_receipt: object) -> None:
    """Want no receipt."""


def answers(edge: CentreEdge) -> list[str]:
    edge.speak()
    return [one["answer"] for one in edge.letters("photo_answered")]


def enrolled(edge: CentreEdge) -> set[str]:
    return {row[0] for row in edge.store.gallery(date(2026, 11, 22)).rows}


def test_a_photo_is_enrolled_with_its_consent_and_answered(
    edge: CentreEdge, person: Resident
) -> None:
    send(edge, person.resident_id)
    edge.live()
    assert edge.eyes.seen == [PHOTO]
    assert answers(edge) == ["accepted"]
    assert enrolled(edge) == {person.resident_id}
    assert edge.refreshed
    told = edge.store.changes.consent(person.resident_id)
    assert told is not None
    assert (told.channel, told.by, told.version) == ("phone", person.resident_id, "face-1")
    assert edge.store.exchange.waiting(photos=True) == ()
    assert edge.letters("resident_now")[-1]["face"] is True


def test_nothing_of_a_photo_is_left_on_the_disk(edge: CentreEdge, person: Resident) -> None:
    send(edge, person.resident_id)
    box = b64decode(edge.centre.items[-1]["body"]["sealed"])
    edge.hear()
    assert holding(edge.folder, b64encode(box)[:400]), "sealed, until it is answered"
    assert not holding(edge.folder, PHOTO[3:60])
    edge.live()
    assert not holding(edge.folder, b64encode(box)[100:200])
    assert not holding(edge.folder, PHOTO[3:60])
    assert not any(PHOTO[3:60] in sent for sent in edge.captured)


def holding(folder: Path, planted: bytes) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and planted in path.read_bytes()]


def test_each_rule_of_enrolment_has_its_answer(edge: CentreEdge, person: Resident) -> None:
    rules = [one.value for one in PhotoFault]
    edge.eyes.instead.extend(PhotoUnfit("no", word) for word in rules)
    for number in range(len(rules)):
        send(edge, person.resident_id, f"{number:032x}")
    edge.live()
    assert answers(edge) == [str(_ANSWERS.get(word, "unreadable")) for word in rules]
    assert set(_ANSWERS) <= set(rules)
    assert enrolled(edge) == set()
    assert edge.store.exchange.waiting(photos=True) == ()


def test_a_picture_that_cannot_be_read_is_answered(edge: CentreEdge, person: Resident) -> None:
    edge.eyes.instead.append(InputError("what is that"))
    send(edge, person.resident_id)
    send(edge, person.resident_id, "e" * 32, sealed="not base64!")
    edge.live()
    assert answers(edge) == ["unreadable", "unreadable"]


def test_a_photo_for_another_key_photo_or_person_is_not_opened(
    edge: CentreEdge, person: Resident
) -> None:
    other = edge.somebody("Li")
    key = edge.photo_keys.current(edge.now)
    who = person.resident_id
    send(edge, who, key_id="0" * 16)
    send(edge, who, "1" * 32, sealed=sealed(key.point, PHOTO, "2" * 32, who))
    send(edge, who, "3" * 32, sealed=sealed(key.point, PHOTO, "3" * 32, other.resident_id))
    send(edge, who, "4" * 32, sealed=b64encode(b"\x04" + bytes(90)).decode())
    edge.live()
    assert answers(edge) == ["old_key"] * 4
    assert edge.eyes.seen == []


def test_an_old_key_opens_for_seven_days_and_not_longer(edge: CentreEdge, person: Resident) -> None:
    before = edge.photo_keys.current(edge.now)
    kept = {"key_id": before.key_id}
    boxes = {name * 32: sealed(before.point, PHOTO, name * 32, person.resident_id) for name in "12"}
    after = edge.photo_keys.change(edge.now)
    assert after.key_id != before.key_id
    edge.now = edge.now.after(timedelta(days=6).total_seconds())
    send(edge, person.resident_id, "1" * 32, sealed=boxes["1" * 32], **kept)
    edge.live()
    edge.now = edge.now.after(timedelta(days=2).total_seconds())
    assert edge.photo_keys.current(edge.now) == after
    send(edge, person.resident_id, "2" * 32, sealed=boxes["2" * 32], **kept)
    edge.live()
    assert answers(edge) == ["accepted", "old_key"]


def test_the_key_is_private_and_changes_by_itself(edge: CentreEdge) -> None:
    first = edge.photo_keys.current(edge.now)
    path = edge.folder / "secrets" / "photo-keys.json"
    assert path.stat().st_mode & 0o777 == 0o600
    edge.restart()
    assert edge.photo_keys.current(edge.now) == first
    edge.now = edge.now.after(timedelta(days=91).total_seconds())
    assert edge.photo_keys.current(edge.now) != first
    assert len(bytes.fromhex(first.point)) == 65


def test_only_the_person_or_the_guardian_gives_a_face(edge: CentreEdge, person: Resident) -> None:
    who, other = person.resident_id, edge.somebody("Li").resident_id
    send(edge, who, "1" * 32, consent=consent(other, GIVEN))
    send(edge, who, "2" * 32, consent=consent(who, GIVEN) | {"channel": "desk"})
    send(edge, who, "3" * 32, by="a" * 16)
    send(edge, "b" * 16, "4" * 32)
    child = "c" * 16
    edge.centre.tell(
        "member",
        resident_id=child,
        name="Kid",
        home=str(person.home),
        kind="family",
        by=who,
        guardian=who,
    )
    edge.live()
    send(edge, child, "5" * 32, consent=consent(child, GIVEN))
    send(edge, child, "6" * 32, by=other, consent=consent(other, GIVEN, other))
    send(edge, child, "7" * 32, by=who, consent=consent(who, GIVEN, who))
    edge.live()
    assert answers(edge) == [
        *["no_consent"] * 3,
        "unknown_resident",
        *["no_consent"] * 2,
        "accepted",
    ]
    assert enrolled(edge) == {child}


def test_a_photo_waits_for_what_was_told_before_it(edge: CentreEdge, person: Resident) -> None:
    who, child = person.resident_id, "c" * 16
    edge.live()
    said = {"resident_id": child, "name": "Kid", "home": str(person.home), "kind": "family"}
    edge.centre.tell("member", **said, by=who, guardian=who)
    send(edge, child, by=who, consent=consent(who, GIVEN, who))
    here = edge.store.exchange.position()
    page = Feed(edge._road(), Session(edge.store.edge, edge.store.sign)).ask("e1", here.number, 0)
    assert isinstance(page, Page)
    edge.store.exchange.save("e1", page.number, page.items)
    edge.photos.deal()
    assert answers(edge) == []
    edge.desk.deal(urgent_only=False)
    edge.photos.deal()
    assert answers(edge) == ["accepted"]


def test_without_an_engine_it_is_later_told_once_and_never_lost(
    edge: CentreEdge, person: Resident
) -> None:
    edge.eyes.ready = False
    send(edge, person.resident_id)
    edge.live(5)
    assert answers(edge) == ["try_later"]
    edge.restart()
    edge.live()
    assert answers(edge) == ["try_later"]
    edge.eyes.ready = True
    edge.live()
    assert answers(edge) == ["try_later", "accepted"]
    assert enrolled(edge) == {person.resident_id}


def test_a_photo_that_brings_the_eyes_down_is_shown_to_them_no_more(
    edge: CentreEdge, person: Resident
) -> None:
    fault = RecogniserFault("gone", part="vision")
    edge.eyes.instead.extend([fault] * TRIES)
    send(edge, person.resident_id)
    edge.live(TRIES + 2)
    assert answers(edge) == ["try_later", "unreadable"]
    assert len(edge.eyes.seen) == TRIES


def test_a_face_taken_back_before_its_photo_is_looked_at_stays_away(
    edge: CentreEdge, person: Resident
) -> None:
    who = person.resident_id
    send(edge, who)
    edge.centre.tell("face_withdrawn", resident_id=who, by=who)
    send(edge, who, "e" * 32)
    edge.live()
    assert answers(edge) == ["no_consent", "accepted"]
    assert len(edge.eyes.seen) == 1


def test_a_face_taken_back_while_it_is_looked_at_stays_away(
    edge: CentreEdge, person: Resident
) -> None:
    who = person.resident_id
    send(edge, who)
    edge.eyes.before = lambda: edge.store.withdraw_face(who, edge.now)
    edge.live()
    assert answers(edge) == ["no_consent"]
    assert enrolled(edge) == set()
    assert edge.store._parts.faces.known() == (set(), set()), "the half-made face is swept"


def test_somebody_who_is_erased_while_looked_at_is_nobody(
    edge: CentreEdge, person: Resident
) -> None:
    send(edge, person.resident_id)
    who = person.resident_id
    edge.eyes.before = lambda: _nothing(edge.store.remove_resident(who, edge.now))
    edge.live()
    assert answers(edge) == ["unknown_resident"]
    assert edge.store._parts.faces.known() == (set(), set())


def test_a_photo_that_nothing_can_be_made_of_holds_up_no_other(
    edge: CentreEdge, person: Resident
) -> None:
    edge.eyes.instead.append(ZeroDivisionError())
    first = send(edge, person.resident_id)
    send(edge, person.resident_id, "e" * 32)
    edge.live()
    assert answers(edge) == ["accepted"]
    assert edge.refused() == {first: "failed"}


def test_a_power_cut_before_the_answer_only_repeats_the_work(
    edge: CentreEdge, person: Resident
) -> None:
    def cut() -> None:
        raise KeyboardInterrupt

    send(edge, person.resident_id)
    edge.hear()
    edge.eyes.before = cut
    with pytest.raises(KeyboardInterrupt):
        edge.photos.deal()
    edge.eyes.before = lambda: None
    edge.restart()
    edge.live()
    assert answers(edge) == ["accepted"]
