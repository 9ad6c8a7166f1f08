"""A household's year in one go, the same over SQLite and over PostgreSQL."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from central.database import writing
from central.forgetting import forget as forget_register
from central.resident.forgetting import forget
from central.resident.retention import sweep
from models.lane import Credential, Direction
from models.letter import Erased, Exported, PassUsed, PhotoAnswer, PhotoAnswered, VehicleNow
from tests.fakes.centre_databases import ENGINES, empty_database
from tests.fakes.centre_home import COMPOUND, OWNER, with_choice
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.phone_home import PhoneHome, phone_home
from tests.fakes.sealed_photo import sealed_photo

ME = f"/home/people/{OWNER.resident_id}"
PASS = {"kind": "single", "label": "王阿姨", "day": "2026-11-22", "start": "10:00", "end": "23:00"}


@pytest.fixture(params=ENGINES)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PhoneHome]:
    with empty_database(request, tmp_path) as url, phone_home(url) as home:
        yield home


def test_a_household_lives_here_and_leaves(home: PhoneHome) -> None:
    centre = home.centre
    stranger = PhoneBrowser(home.client)
    assert stranger.claim("WR0NG-CODE").status_code == 403
    phone = home.phone()
    _choose(home, phone)
    _bring(home, phone)
    pass_id = _invite(home, phone)

    phone.get("/home/data")
    page = phone.follow(phone.post("/home/data/export", {})).text
    request = page.split('href="/home/data/')[1].split('"')[0]
    centre.hear(Exported(request, OWNER.resident_id, '{"templates": 1}'))
    copy = json.loads(phone.get(f"/home/data/{request}").content)
    assert copy["gate"] == {"templates": 1}
    assert [one["id"] for one in copy["centre"]["passes"]] == [pass_id]
    assert copy["centre"]["cars"][0]["plate"] == "京A12345"
    assert "Android · WeChat" in phone.get("/home/devices").text
    centre.clock.forward(days=1)
    assert phone.get("/home").status_code == 200
    with writing(centre.engine) as connection:
        assert sweep(connection, centre.clock()) == 0
        assert sweep(connection, centre.clock() + timedelta(days=91)) == 1
    assert phone.get("/home/history").text.count('class="row"') == 0

    phone.get("/home/erase")
    receipt = phone.post("/home/erase", {"sure": "yes"}).headers["location"]
    erased = receipt.split("/")[-1]
    centre.hear(Erased(OWNER.resident_id, erased, centre.clock(), date(2026, 11, 30), 3))
    with writing(centre.engine) as connection:
        forget_register(connection, COMPOUND, OWNER.resident_id)
        forget(connection, COMPOUND, OWNER.resident_id)
    assert "11月30日" in stranger.get(receipt).text
    assert phone.get("/home").status_code == 303
    assert not [row for _, row in centre.dump() if OWNER.name in row or "王阿姨" in row]


def _choose(home: PhoneHome, phone: PhoneBrowser) -> None:
    centre = home.centre
    for way in ("face", "plate"):
        phone.get(f"{ME}/{way}")
        answer = phone.post(f"{ME}/{way}/agree", {"version": f"{way}-1", "sure": "yes"})
        assert answer.status_code == 303
    assert phone.send(f"{ME}/photo", sealed_photo(centre)).json() == {"why": ""}
    assert phone.send(f"{ME}/photo", sealed_photo(centre)).json() == {"why": ""}
    (waiting,) = [body for _, body in centre.told("sealed_photo")]
    assert 'data-photo="waiting"' in phone.get(f"{ME}/photo").text
    answered = PhotoAnswered(waiting["photo_id"], PhotoAnswer.ACCEPTED, centre.clock())
    centre.hear(answered, with_choice(OWNER, Credential.FACE, Credential.PLATE, face=True))
    centre.catch_up()
    assert 'data-photo="accepted"' in phone.get(f"{ME}/photo").text
    phone.post(f"{ME}/face/withdraw")
    assert [kind for kind, _ in centre.told("face_withdrawn")] == ["face_withdrawn"]


def _bring(home: PhoneHome, phone: PhoneBrowser) -> None:
    phone.get("/home/people/new")
    page = phone.follow(phone.post("/home/people/new", {"name": "外婆", "kind": "family"}))
    assert "外婆" in page.text
    assert phone.post("/home/cars", {"plate": "京A12345"}).status_code == 303
    home.centre.hear(VehicleNow("v1", OWNER.resident_id, "京A12345", date(2027, 1, 1)))
    assert "京A12345" in phone.get("/home").text


def _invite(home: PhoneHome, phone: PhoneBrowser) -> str:
    phone.get("/home/passes/new")
    path = phone.post("/home/passes/new", PASS).headers["location"].split("?")[0]
    pass_id = str(path.split("/")[-1])
    at = home.centre.clock() + timedelta(hours=1)
    home.centre.hear(PassUsed(pass_id, 1, Direction.ENTRY, at, opened=True, reason="visitor"))
    home.centre.pass_by(OWNER.resident_id, at, lane=1, credential="pass", reason="visitor")
    assert "11:00" in phone.get(path).text
    assert "11:00" in phone.get("/home/history").text
    assert phone.post(f"{path}/revoke").status_code == 303
    assert "已撤销" in phone.get("/home/passes").text
    return pass_id
