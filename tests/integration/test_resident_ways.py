"""Choosing and withdrawing ways of entry, and the photo on its way to the gate."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select

from central.database import reading
from central.resident.photos import MOST_SEALED
from central.resident.tables import CONSENTS
from central.tables import FEED
from models.lane import Credential
from models.letter import NotApplied, PhotoAnswer, PhotoAnswered
from tests.fakes.centre_home import (
    CHILD,
    HUSBAND,
    OWNER,
    HomeCentre,
    with_choice,
)
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.phone_home import PhoneHome, phone_home
from tests.fakes.sealed_photo import JPEG, SUITE, photo_info, sealed_photo

FACE = f"/home/people/{OWNER.resident_id}/face"
PHOTO = f"/home/people/{OWNER.resident_id}/photo"
AGREED = {"version": "face-1", "sure": "yes"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PhoneHome]:
    with phone_home(f"sqlite:///{tmp_path}/centre.db") as home:
        yield home


@pytest.fixture
def phone(home: PhoneHome) -> PhoneBrowser:
    """The owner's phone, on the page that takes a photo."""
    phone = home.phone()
    phone.get(FACE)
    phone.follow(phone.post(f"{FACE}/agree", AGREED))
    return phone


def waiting(centre: HomeCentre) -> list[dict[str, Any]]:
    return [body for _, body in centre.told("sealed_photo")]


def states(page: str) -> str:
    return page.split('data-photo="', 1)[1].split('"', 1)[0] if "data-photo=" in page else ""


def test_each_way_has_its_text_in_full_and_its_own_consent(home: PhoneHome) -> None:
    phone = home.phone()
    for way, words in (("face", "敏感个人信息"), ("plate", "车位"), ("card", "卡号")):
        page = phone.get(f"/home/people/{OWNER.resident_id}/{way}").text
        assert words in page
        assert f"{way}-1" in page
        assert 'type="checkbox" name="sure"' in page
        assert "checked" not in page
    phone.post(f"/home/people/{OWNER.resident_id}/plate/agree", AGREED | {"version": "plate-1"})
    told = home.centre.told("choice")
    assert [body["credential"] for _, body in told] == ["plate"]
    assert told[0][1]["consent"] == {
        "version": "plate-1",
        "at": "2026-11-22T02:00:00Z",
        "channel": "phone",
        "by": OWNER.resident_id,
        "guardian": None,
    }


def test_without_a_tick_or_with_an_older_text_nothing_is_agreed(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get(FACE)
    assert phone.post(f"{FACE}/agree", {"version": "face-1"}).status_code == 400
    assert phone.post(f"{FACE}/agree", {"version": "face-0", "sure": "yes"}).status_code == 400
    with reading(home.centre.engine) as connection:
        assert connection.execute(select(CONSENTS)).all() == []
    assert home.centre.told("choice") == []


def test_whoever_agrees_is_named_and_so_is_the_phone(home: PhoneHome) -> None:
    phone = home.phone()
    for who in (CHILD, HUSBAND):
        path = f"/home/people/{who.resident_id}/card"
        assert who.name in phone.get(path).text
        phone.post(f"{path}/agree", {"version": "card-1", "sure": "yes"})
    child, husband = (body["consent"] for _, body in home.centre.told("choice"))
    me = OWNER.resident_id
    assert (child["by"], child["guardian"], child["channel"]) == (me, me, "phone")
    assert (husband["by"], husband["guardian"]) == (HUSBAND.resident_id, None)
    assert husband["channel"] == "shared_phone"


def test_a_way_is_taken_back_at_once(home: PhoneHome) -> None:
    phone = home.phone()
    home.centre.hear(with_choice(OWNER, Credential.PLATE, Credential.FACE, face=True))
    path = f"/home/people/{OWNER.resident_id}"
    for way in ("plate", "face"):
        phone.get(f"{path}/{way}")
        phone.follow(phone.post(f"{path}/{way}/withdraw"))
    kinds = [kind for kind, _ in home.centre.told("choice", "face_withdrawn")]
    assert kinds == ["choice", "face_withdrawn"]
    assert home.centre.told("choice")[0][1]["allowed"] is False
    page = phone.get(path).text
    assert "正在停用" in page
    assert "使用中" not in page


def test_a_face_on_its_way_out_is_not_offered_to_be_taken_back_again(home: PhoneHome) -> None:
    phone = home.phone()
    home.centre.hear(with_choice(OWNER, Credential.FACE, face=True))
    assert "已在岗亭同意" in phone.get(FACE).text
    page = phone.follow(phone.post(f"{FACE}/withdraw")).text
    assert "正在停用" in page
    assert "已在岗亭同意" not in page
    assert f'action="{FACE}/withdraw"' not in page


def test_an_accepted_photo_is_in_use_before_the_gate_tells_its_register_anew(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    phone.send(PHOTO, sealed_photo(home.centre))
    (body,) = waiting(home.centre)
    assert "照片处理中" in phone.get(FACE).text
    home.centre.hear(PhotoAnswered(body["photo_id"], PhotoAnswer.ACCEPTED, home.centre.clock()))
    for path in (FACE, PHOTO):
        page = phone.get(path).text
        assert "使用中" in page
        assert "需要照片" not in page


def test_the_answer_to_a_photo_is_no_answer_under_a_later_consent(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    phone.send(PHOTO, sealed_photo(home.centre))
    (body,) = waiting(home.centre)
    home.centre.hear(
        PhotoAnswered(body["photo_id"], PhotoAnswer.ACCEPTED, home.centre.clock()),
        with_choice(OWNER, Credential.FACE, face=True),
    )
    phone.get(FACE)
    phone.post(f"{FACE}/withdraw")
    home.centre.hear(with_choice(OWNER))
    home.centre.clock.forward(minutes=1)
    phone.get(FACE)
    phone.post(f"{FACE}/agree", AGREED)
    for path in (FACE, PHOTO):
        page = phone.get(path).text
        assert "需要照片" in page
        assert "可以刷脸通行了" not in page


def test_a_face_is_taken_back_again_where_it_was_agreed_to_in_between(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    for _ in range(2):
        phone.send(PHOTO, sealed_photo(home.centre))
        for _ in range(3):
            phone.post(f"{FACE}/withdraw")
        assert waiting(home.centre) == []
        phone.post(f"{FACE}/agree", AGREED)
    assert len(home.centre.told("face_withdrawn")) == 2


def test_wishes_without_end_are_not_taken_but_a_way_can_always_be_taken_back(
    home: PhoneHome,
) -> None:
    phone = home.phone()
    plate = f"/home/people/{OWNER.resident_id}/plate"
    phone.get(plate)
    agreed = AGREED | {"version": "plate-1"}
    answers = [phone.post(f"{plate}/agree", agreed).status_code for _ in range(122)]
    assert answers[:120] == [303] * 120
    assert answers[-1] == 429
    told = len(home.centre.told("choice"))
    assert phone.post(f"{plate}/withdraw").status_code == 303
    assert len(home.centre.told("choice")) == told + 1


def test_a_photo_is_sealed_to_the_gate_and_nobody_else_opens_it(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    assert phone.send(PHOTO, sealed_photo(home.centre)).json() == {"why": ""}
    (body,) = waiting(home.centre)
    assert body["resident_id"] == OWNER.resident_id
    assert body["consent"]["version"] == "face-1"
    raw = b64decode(body["sealed"])
    key = home.centre.photo_key
    assert SUITE.decrypt(raw, key, photo_info(body["photo_id"], OWNER)) == JPEG
    for wrong in (photo_info(body["photo_id"], HUSBAND), photo_info("0" * 32, OWNER)):
        with pytest.raises(InvalidTag):
            SUITE.decrypt(raw, key, wrong)


def test_the_page_follows_the_photo_until_it_is_answered_and_it_is_gone(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    assert states(phone.get(PHOTO).text) == ""
    phone.send(PHOTO, sealed_photo(home.centre))
    assert states(phone.get(PHOTO).text) == "waiting"
    home.centre.catch_up()
    assert states(phone.get(PHOTO).text) == "at_gate"
    photo_id = waiting(home.centre)[0]["photo_id"]
    home.centre.hear(PhotoAnswered(photo_id, PhotoAnswer.TOO_DARK, home.centre.clock()))
    assert states(phone.get(PHOTO).text) == "too_dark"
    assert "面向光线" in phone.get(FACE).text
    assert waiting(home.centre) == []


def test_every_answer_is_told_in_words_in_both_languages(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    said: set[str] = set()
    for answer in PhotoAnswer:
        phone.send(PHOTO, sealed_photo(home.centre))
        photo_id = waiting(home.centre)[0]["photo_id"]
        home.centre.hear(PhotoAnswered(photo_id, answer, home.centre.clock()))
        for language in ("zh", "en"):
            phone.cookies["kuahu-language"] = language
            page = phone.get(PHOTO).text
            assert states(page) == answer
            said.add(page.split("<span>")[1].split("</span>")[0])
        home.centre.clock.forward(seconds=1)
    assert len(said) == 2 * len(PhotoAnswer)
    assert not said & set(PhotoAnswer)


def test_a_photo_that_the_gate_would_not_have_is_over_too(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    phone.send(PHOTO, sealed_photo(home.centre))
    with reading(home.centre.engine) as connection:
        number = connection.execute(
            select(FEED.c.number).where(FEED.c.kind == "sealed_photo")
        ).scalar_one()
    home.centre.hear(NotApplied(number, "malformed"))
    assert states(phone.get(PHOTO).text) == "not_applied"
    assert waiting(home.centre) == []


def test_a_photo_to_an_old_key_is_asked_for_again_with_the_new_one(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    late = sealed_photo(home.centre)
    home.centre.new_photo_key()
    answer = phone.send(PHOTO, late)
    site = home.centre.site_now()
    assert answer.status_code == 409
    assert answer.json() == {"why": "old_key", "key": site.photo_key, "key_id": site.photo_key_id}
    assert waiting(home.centre) == []
    assert phone.send(PHOTO, sealed_photo(home.centre)).status_code == 200


def test_without_consent_no_photo_is_taken(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get(FACE)
    answer = phone.send(PHOTO, sealed_photo(home.centre))
    assert (answer.status_code, answer.json()["why"]) == (400, "no_consent")
    assert waiting(home.centre) == []


def test_withdrawing_deletes_the_photo_that_waits_and_ends_the_consent(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    phone.send(PHOTO, sealed_photo(home.centre))
    phone.post(f"{FACE}/withdraw")
    assert waiting(home.centre) == []
    assert [kind for kind, _ in home.centre.told("face_withdrawn")] == ["face_withdrawn"]
    assert states(phone.get(PHOTO).text) == ""
    assert phone.send(PHOTO, sealed_photo(home.centre)).json()["why"] == "no_consent"


def test_a_face_that_the_desk_took_off_needs_a_new_consent(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    phone.send(PHOTO, sealed_photo(home.centre))
    photo_id = waiting(home.centre)[0]["photo_id"]
    home.centre.hear(PhotoAnswered(photo_id, PhotoAnswer.ACCEPTED, home.centre.clock()))
    home.centre.hear(with_choice(OWNER, Credential.FACE, face=True))
    home.centre.clock.forward(days=2)
    assert "使用中" in phone.get(FACE).text
    home.centre.hear(with_choice(OWNER))
    assert 'name="sure"' in phone.get(FACE).text
    assert phone.send(PHOTO, sealed_photo(home.centre)).json()["why"] == "no_consent"
    phone.post(f"{FACE}/agree", AGREED)
    assert phone.send(PHOTO, sealed_photo(home.centre)).status_code == 200


def test_a_second_photo_takes_the_place_of_one_that_waits(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    phone.send(PHOTO, sealed_photo(home.centre))
    first = waiting(home.centre)[0]["photo_id"]
    phone.send(PHOTO, sealed_photo(home.centre))
    (second,) = waiting(home.centre)
    assert second["photo_id"] != first
    assert states(phone.get(PHOTO).text) == "waiting"


BROKEN = (
    b"",
    b"not json",
    b"[]",
    b'{"photo_id": 1, "key_id": "", "sealed": ""}',
    b'{"photo_id":"x"}',
    b"\xff\xfe",
    b"[" * 5000,
)


def test_what_is_no_photo_is_refused_and_nothing_is_kept(
    home: PhoneHome, phone: PhoneBrowser
) -> None:
    centre = home.centre
    for body in BROKEN:
        assert phone.send(PHOTO, body).status_code == 400
    plain = b64encode(JPEG * 20).decode()
    for changes in (
        {"sealed": "no base64!"},
        {"sealed": ""},
        {"sealed": b64encode(b"\x04" + bytes(64)).decode()},
        {"sealed": plain},
        {"photo_id": "short"},
        {"photo_id": "A" * 32},
    ):
        answer = phone.send(PHOTO, sealed_photo(centre, **changes))
        assert (answer.status_code, answer.json()["why"]) == (400, "broken")
    assert waiting(centre) == []


def test_a_photo_has_a_largest_size(home: PhoneHome, phone: PhoneBrowser) -> None:
    largest = bytes(MOST_SEALED - 65 - 16)
    assert phone.send(PHOTO, sealed_photo(home.centre, largest)).status_code == 200
    answer = phone.send(PHOTO, sealed_photo(home.centre, largest + b"x"))
    assert (answer.status_code, answer.json()["why"]) == (413, "too_large")
    assert phone.send(PHOTO, b" " * 700_000).status_code == 413
    assert len(waiting(home.centre)) == 1


def test_the_same_photo_does_not_come_twice(home: PhoneHome, phone: PhoneBrowser) -> None:
    body = sealed_photo(home.centre)
    assert phone.send(PHOTO, body).status_code == 200
    assert phone.send(PHOTO, body).json()["why"] == "sent"
    assert len(waiting(home.centre)) == 1


def test_photos_without_end_are_not_taken(home: PhoneHome, phone: PhoneBrowser) -> None:
    answers = [phone.send(PHOTO, sealed_photo(home.centre)).status_code for _ in range(22)]
    assert answers[:20] == [200] * 20
    assert answers[-1] == 429


def test_nothing_of_a_photo_is_in_the_database_in_the_clear(
    home: PhoneHome, phone: PhoneBrowser, tmp_path: Path
) -> None:
    planted = b"\xff\xd8\xff\xe0" + b"PLANTED-FACE-BYTES" * 50
    phone.send(PHOTO, sealed_photo(home.centre, planted))
    photo_id = waiting(home.centre)[0]["photo_id"]
    home.centre.hear(PhotoAnswered(photo_id, PhotoAnswer.ACCEPTED, home.centre.clock()))
    whole = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.is_file())
    assert photo_id.encode() in whole
    assert b"PLANTED" not in whole
    assert b64encode(planted)[:40] not in whole


def test_a_compound_without_a_gate_says_so(home: PhoneHome, phone: PhoneBrowser) -> None:
    home.centre.forget_site()
    page = phone.get(FACE).text
    assert "门岗还没有接入" in page
    assert "photo-take" not in page
    assert phone.send(PHOTO, sealed_photo(home.centre)).json()["why"] == "no_key"
