"""A resident's own history, a copy of their data, and its end with a receipt."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from central.database import writing
from central.forgetting import forget as forget_register
from central.resident.forgetting import forget
from central.resident.retention import sweep
from models.letter import Erased, Exported, VehicleNow
from tests.fakes.centre_home import CHILD, COMPOUND, HUSBAND, OWNER
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.phone_home import PhoneHome, phone_home

PASS = {"kind": "single", "label": "王阿姨", "day": "2026-11-22", "start": "10:00", "end": "23:00"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PhoneHome]:
    with phone_home(f"sqlite:///{tmp_path}/centre.db") as home:
        yield home


def test_ones_own_passages_are_there_and_nobody_elses(home: PhoneHome) -> None:
    home.centre.hear(VehicleNow("car-1", OWNER.resident_id, "京A12345", None))
    at = home.centre.clock()
    home.centre.pass_by(OWNER.resident_id, at, lane=1, credential="face")
    home.centre.pass_by("car-1", at + timedelta(minutes=1), lane=2, credential="plate")
    home.centre.pass_by(HUSBAND.resident_id, at, lane=4)
    home.centre.pass_by(OWNER.resident_id, at, lane=1, answer="refused", reason="not_live")
    page = home.phone().get("/home/history").text
    assert page.count('class="row"') == 3
    assert "人脸" in page
    assert "南门车行入口" in page
    assert "疑似照片" in page
    assert "车棚" not in page


def test_a_guardian_reads_the_childs_passages(home: PhoneHome) -> None:
    home.centre.pass_by(CHILD.resident_id, home.centre.clock(), lane=4)
    page = home.phone().get(f"/home/history?who={CHILD.resident_id}").text
    assert "车棚" in page


def test_history_goes_back_page_by_page(home: PhoneHome) -> None:
    at = home.centre.clock()
    for number in range(60):
        home.centre.pass_by(OWNER.resident_id, at - timedelta(minutes=number), lane=1)
    phone = home.phone()
    page = phone.get("/home/history").text
    assert page.count('class="row"') == 50
    older = page.split("before=")[1].split('"')[0]
    rest = phone.get(f"/home/history?before={older}").text
    assert rest.count('class="row"') == 10
    for odd in ("x", "-1", "9" * 30):
        assert phone.get(f"/home/history?before={odd}").status_code == 200


def test_words_that_an_edge_made_up_are_not_repeated(home: PhoneHome) -> None:
    at = home.centre.clock()
    home.centre.pass_by(OWNER.resident_id, at, lane=1, answer="refused", reason="<b>no</b>")
    page = home.phone().get("/home/history").text
    assert "<b>no" not in page
    assert "b&gt;no" not in page


def exported(phone: PhoneBrowser) -> str:
    """Ask for a copy and return the path that it is at."""
    phone.get("/home/data")
    page = phone.follow(phone.post("/home/data/export", {})).text
    return "/home/data/" + page.split('href="/home/data/')[1].split('"')[0]


def test_a_copy_holds_what_is_here_at_once_and_the_gates_part_when_it_comes(
    home: PhoneHome,
) -> None:
    phone = home.phone()
    phone.get("/home/passes/new")
    phone.post("/home/passes/new", PASS)
    agree = f"/home/people/{OWNER.resident_id}/face/agree"
    phone.post(agree, {"version": "face-1", "sure": "yes"})
    home.centre.pass_by(OWNER.resident_id, home.centre.clock(), lane=1)
    path = exported(phone)
    answer = phone.get(path)
    assert answer.headers["content-disposition"].startswith("attachment")
    copy = json.loads(answer.content)
    assert copy["gate"] is None
    assert copy["centre"]["person"]["name"] == OWNER.name
    assert copy["centre"]["consents"][0]["version"] == "face-1"
    assert copy["centre"]["passes"][0]["label"] == "王阿姨"
    assert copy["centre"]["devices"][0]["device"] == "Android · WeChat"
    assert len(copy["centre"]["history"]) == 1
    assert "digest" not in answer.text
    request = path.split("/")[-1]
    assert home.centre.told("export_wanted")[0][1]["request_id"] == request
    home.centre.hear(Exported(request, OWNER.resident_id, '{"templates": 3}'))
    assert json.loads(phone.get(path).content)["gate"] == {"templates": 3}
    assert "已完整" in phone.get("/home/data").text


def test_a_document_that_is_no_json_is_handed_on_as_text(home: PhoneHome) -> None:
    phone = home.phone()
    path = exported(phone)
    home.centre.hear(Exported(path.split("/")[-1], OWNER.resident_id, "not { json"))
    assert json.loads(phone.get(path).content)["gate"] == "not { json"


def erase(phone: PhoneBrowser, **fields: str) -> str:
    """Erase and return the path of the receipt."""
    phone.get("/home/erase")
    answer = phone.post("/home/erase", {"sure": "yes"} | fields)
    assert answer.status_code == 303
    return str(answer.headers["location"])


def test_erasing_ends_what_is_here_at_once_and_the_receipt_names_the_last_key(
    home: PhoneHome,
) -> None:
    phone, other = home.phone(), home.phone()
    phone.get("/home/passes/new")
    phone.post("/home/passes/new", PASS)
    (made,) = [body for _, body in home.centre.told("pass_made")]
    receipt = erase(phone)
    kinds = [kind for kind, _ in home.centre.told("revoked", "erase")]
    assert kinds == ["revoked", "erase"]
    assert home.centre.told("revoked")[0][1]["pass_id"] == made["pass_id"]
    assert "kuahu-home" not in phone.cookies
    assert other.get("/home").status_code == 303
    page = PhoneBrowser(home.client).get(receipt)
    assert page.status_code == 200
    assert "等待门岗" in page.text
    request = receipt.split("/")[-1]
    home.centre.hear(Erased(OWNER.resident_id, request, home.centre.clock(), date(2026, 11, 29), 7))
    page = PhoneBrowser(home.client).get(receipt).text
    assert "11月29日" in page
    assert "7 条" in page
    assert OWNER.name not in page


def test_after_the_receipt_nothing_here_names_the_person(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get("/home/people/new")
    phone.post("/home/people/new", {"name": "外婆", "kind": "family"})
    agree = f"/home/people/{CHILD.resident_id}/card/agree"
    phone.post(agree, {"version": "card-1", "sure": "yes"})
    home.centre.pass_by(OWNER.resident_id, home.centre.clock(), lane=1)
    request = erase(phone).split("/")[-1]
    home.centre.hear(Erased(OWNER.resident_id, request, home.centre.clock(), date(2026, 11, 29), 7))
    with writing(home.centre.engine) as connection:
        forget_register(connection, COMPOUND, OWNER.resident_id)
        forget(connection, COMPOUND, OWNER.resident_id)
    rows = home.centre.dump()
    naming = {table for table, row in rows if OWNER.resident_id in row}
    # The mark that somebody is gone, and the order to erase itself, under a random id.
    assert naming <= {"residents", "feed"}
    assert not [row for _, row in rows if OWNER.name in row]
    assert [row for table, row in rows if table == "requests" and request in row]


def test_without_a_tick_nothing_is_erased(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get("/home/erase")
    assert phone.post("/home/erase", {}).status_code == 400
    assert home.centre.told("erase") == []
    assert phone.get("/home").status_code == 200


def test_a_guardian_erases_a_child_and_stays(home: PhoneHome) -> None:
    phone = home.phone()
    receipt = erase(phone, who=CHILD.resident_id)
    assert home.centre.told("erase")[0][1]["resident_id"] == CHILD.resident_id
    assert phone.get("/home").status_code == 200
    assert receipt in phone.get("/home/data").text
    assert erase(phone, who=CHILD.resident_id) == receipt
    assert len(home.centre.told("erase")) == 1


def test_a_receipt_that_was_never_given_is_not_there(home: PhoneHome) -> None:
    phone = home.phone()
    copy = exported(phone).split("/")[-1]
    for request in ("0" * 32, copy, "x"):
        assert phone.get(f"/receipt/{request}").status_code == 404


def test_no_page_names_anybody_in_its_address(home: PhoneHome) -> None:
    phone = home.phone()
    for path in ("/home", "/home/people", "/home/passes", "/home/data", "/home/me"):
        for link in phone.get(path).text.split('href="')[1:]:
            assert link.split('"')[0].isascii()


def test_whose_passages_they_were_is_forgotten_after_ninety_days(home: PhoneHome) -> None:
    phone, clock = home.phone(), home.centre.clock
    home.centre.pass_by(HUSBAND.resident_id, clock(), lane=1, home=str(HUSBAND.home))
    clock.forward(days=60)
    home.centre.pass_by(OWNER.resident_id, clock(), lane=2, home=str(OWNER.home))
    assert phone.get("/home").status_code == 200
    assert len(_named(home, HUSBAND.resident_id)) == 1
    clock.forward(days=31)
    assert phone.get("/home/history").text.count('class="row"') == 1
    assert _named(home, HUSBAND.resident_id) == []
    assert len(_named(home, OWNER.resident_id)) == 1
    clock.forward(days=60)
    phone.get("/home")
    assert phone.get("/home/history").text.count('class="row"') == 0
    assert len([row for table, row in home.centre.dump() if table == "events"]) == 2


def test_a_long_past_is_forgotten_piece_by_piece(
    home: PhoneHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("central.resident.retention._PIECE", 3)
    for _ in range(7):
        home.centre.pass_by(OWNER.resident_id, home.centre.clock(), lane=1)
    late = home.centre.clock() + timedelta(days=91)
    done = []
    for _ in range(4):
        with writing(home.centre.engine) as connection:
            done.append(sweep(connection, late))
    assert done == [3, 3, 1, 0]
    assert _named(home, OWNER.resident_id) == []


def test_sessions_and_wishes_that_are_over_are_dropped(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get("/home/people/new")
    phone.post("/home/people/new", {"name": "外婆", "kind": "family"})
    with writing(home.centre.engine) as connection:
        sweep(connection, home.centre.clock() + timedelta(days=29))
    tables = {table for table, _ in home.centre.dump()}
    assert {"home_sessions", "wishes"} <= tables
    with writing(home.centre.engine) as connection:
        sweep(connection, home.centre.clock() + timedelta(days=181))
    assert not {"home_sessions", "wishes"} & {table for table, _ in home.centre.dump()}


def _named(home: PhoneHome, who: str) -> list[str]:
    return [row for table, row in home.centre.dump() if table == "events" and who in row]
