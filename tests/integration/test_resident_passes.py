"""Passes from the phone: made, sent, looked after, taken back; people and cars of the home."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from central.database import reading
from central.passes.record import find_pass
from central.passes.ring import rotation_of
from central.passes.token import code_of
from gate.passes import PublicKey, read
from models.lane import Credential, Direction
from models.letter import NotApplied, PassUsed, ResidentGone, VehicleNow
from models.visit import Claims, PassKind
from tests.fakes.centre_home import (
    COMPOUND,
    HOME,
    HUSBAND,
    OWNER,
    SECRET,
    TENANT,
    person,
    until,
    with_choice,
)
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.phone_home import PhoneHome, phone_home

SINGLE = {
    "kind": "single",
    "label": "王阿姨",
    "day": "2026-11-22",
    "start": "10:00",
    "end": "23:00",
}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PhoneHome]:
    with phone_home(f"sqlite:///{tmp_path}/centre.db", "https://centre.example") as home:
        yield home


def make(phone: PhoneBrowser, **changes: object) -> str:
    """Make a pass and return its id."""
    phone.get("/home/passes/new?kind=single")
    answer = phone.post("/home/passes/new", SINGLE | changes)  # type: ignore[arg-type] # fields
    assert answer.status_code == 303, answer.text
    path = answer.headers["location"]
    return str(path.split("/")[-1].split("?")[0])


def test_a_pass_is_made_told_to_the_gate_and_its_link_opens(home: PhoneHome) -> None:
    phone = home.phone()
    pass_id = make(phone, plate="京a 12345")
    (body,) = [body for _, body in home.centre.told("pass_made")]
    assert (body["pass_id"], body["host"], body["uses"]) == (pass_id, OWNER.resident_id, 1)
    assert body["lanes"] == [1, 2, 3]
    assert body["plate"] == "京A12345"
    page = phone.get(f"/home/passes/{pass_id}").text
    link = page.split('id="link" readonly value="')[1].split('"')[0]
    assert link.startswith("https://centre.example/p/")
    assert body["pin"][:3] + " " + body["pin"][3:] in page
    visitor = PhoneBrowser(home.client)
    opened = visitor.get(link.removeprefix("https://centre.example"))
    assert opened.status_code == 200
    assert OWNER.name not in opened.text


def test_the_four_kinds_are_offered_and_made(home: PhoneHome) -> None:
    phone = home.phone()
    kinds = phone.get("/home/passes/new").text
    for kind in ("single", "delivery", "window", "recurring"):
        assert f"kind={kind}" in kinds
        assert phone.get(f"/home/passes/new?kind={kind}").status_code == 200
        make(phone, kind=kind, last="2026-11-28", hours="4", uses="5", days=["0", "2"])
    told = {body["kind"]: body for _, body in home.centre.told("pass_made")}
    assert set(told) == {"single", "delivery", "window", "recurring"}
    assert told["recurring"]["rotating"]
    assert told["recurring"]["weekly"]["days"] == [0, 2]
    assert told["window"]["uses"] == 5
    assert not told["single"]["rotating"]


def test_what_is_ordered_wrongly_is_said_and_what_was_typed_is_kept(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get("/home/passes/new?kind=single")
    answer = phone.post("/home/passes/new", SINGLE | {"day": "2026-11-20", "label": "舅舅"})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'value="舅舅"' in answer.text
    assert home.centre.told("pass_made") == []
    assert phone.post("/home/passes/new", SINGLE | {"kind": "printed"}).status_code == 404


def test_a_pass_is_taken_back_at_once_and_only_once(home: PhoneHome) -> None:
    phone = home.phone()
    pass_id = make(phone)
    for _ in range(2):
        page = phone.follow(phone.post(f"/home/passes/{pass_id}/revoke"))
    assert home.centre.told("revoked") == [("revoked", {"pass_id": pass_id})]
    assert "已撤销" in page.text
    assert "data-share" not in page.text


def test_the_host_sees_when_a_pass_was_used_and_that_it_was_used_twice(home: PhoneHome) -> None:
    phone = home.phone()
    pass_id = make(phone)
    page = phone.get(f"/home/passes/{pass_id}").text
    assert "还没有使用过" in page
    at = home.centre.clock() + timedelta(minutes=42)
    home.centre.hear(
        PassUsed(pass_id, 1, Direction.ENTRY, at, opened=True, reason="visitor"),
        PassUsed(pass_id, 2, Direction.ENTRY, at, opened=False, reason="used", double=True),
    )
    page = phone.get(f"/home/passes/{pass_id}").text
    assert page.count("10:42") == 2
    assert "东门人行" in page
    assert "已放行" in page
    assert "已使用" in page
    assert "在另一个门也被用过" in page
    start = phone.get("/home").text
    assert "在两个门被重复使用" in start
    assert "10:42出示" in start
    assert "被用了两次" in phone.get("/home/passes").text


def test_the_host_sees_that_a_visitor_is_inside_and_that_the_pass_is_used(home: PhoneHome) -> None:
    phone = home.phone()
    pass_id = make(phone)
    at = home.centre.clock()
    for way, state, shared in (
        (Direction.ENTRY, "访客在内", True),
        (Direction.EXIT, "已使用", False),
    ):
        home.centre.hear(PassUsed(pass_id, 1, way, at, opened=True, reason="visitor"))
        page = phone.get(f"/home/passes/{pass_id}").text
        assert state in page
        assert ("data-share" in page) is shared
        assert f'action="/home/passes/{pass_id}/revoke"' in page
        assert state in phone.get("/home/passes").text
        assert (state in phone.get("/home").text) is shared


def test_family_see_and_revoke_one_anothers_passes(home: PhoneHome) -> None:
    wife, husband = home.phone(), home.phone(HUSBAND)
    pass_id = make(wife)
    assert f"{OWNER.name} 发出" in husband.get("/home/passes").text
    assert husband.post(f"/home/passes/{pass_id}/revoke").status_code == 303


def test_passes_of_somebody_who_left_are_gone_with_them(home: PhoneHome) -> None:
    pass_id = make(home.phone(TENANT))
    owner = home.phone()
    assert owner.get(f"/home/passes/{pass_id}").status_code == 404
    home.centre.hear(ResidentGone(TENANT.resident_id))
    assert owner.get(f"/home/passes/{pass_id}").status_code == 404
    assert home.centre.told("revoked") == [("revoked", {"pass_id": pass_id})]


def test_a_pass_is_over_by_the_servers_clock_whatever_the_phone_thinks(home: PhoneHome) -> None:
    phone = home.phone()
    pass_id = make(phone)
    home.centre.clock.forward(hours=14)
    page = phone.get(f"/home/passes/{pass_id}", date="Sun, 22 Nov 2020 08:00:00 GMT").text
    assert "已过期" in page


def test_the_code_behind_the_link_is_genuine_under_the_key_that_the_gate_was_told(
    home: PhoneHome,
) -> None:
    pass_id = make(home.phone())
    told = {body["kid"]: body["ed25519"] for _, body in home.centre.told("pass_key")}
    with reading(home.centre.engine) as connection:
        record = find_pass(connection, COMPOUND, HOME, pass_id)
        assert record is not None
        code = code_of(SECRET, record, rotation_of(connection, COMPOUND))
    keys = {kid: PublicKey.from_public_bytes(bytes.fromhex(key)) for kid, key in told.items()}
    claims = read(code.at(home.centre.clock()), keys)
    assert isinstance(claims, Claims)
    assert (claims.pass_id, claims.kind) == (pass_id, PassKind.SINGLE)


def test_somebody_is_added_and_the_gate_is_told(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get("/home/people/new")
    fields = {"name": " 外  婆 ", "kind": "family", "until": "2027-06-30"}
    page = phone.follow(phone.post("/home/people/new", fields))
    assert "正在送达门岗" in page.text
    (body,) = [body for _, body in home.centre.told("member")]
    assert body["name"] == "外 婆"
    assert (body["home"], body["kind"], body["until"]) == ("3-1-502", "family", "2027-06-30")
    assert (body["by"], body["guardian"]) == (OWNER.resident_id, None)
    assert len(body["resident_id"]) == 16


def test_a_child_has_the_asker_for_a_guardian_and_can_be_decided_for_at_once(
    home: PhoneHome,
) -> None:
    phone = home.phone()
    phone.get("/home/people/new")
    answer = phone.post("/home/people/new", {"name": "小宝", "kind": "family", "child": "yes"})
    (body,) = [body for _, body in home.centre.told("member")]
    assert body["guardian"] == OWNER.resident_id
    assert "监护人" in phone.get(f"{answer.headers['location']}/face").text


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"name": "长" * 41},
        {"name": "\u202e反"},
        {"kind": "staff"},
        {"kind": ""},
        {"until": "2026-11-21"},
        {"until": "soon"},
    ],
)
def test_who_cannot_be_added_is_told_why(home: PhoneHome, changes: dict[str, str]) -> None:
    phone = home.phone()
    phone.get("/home/people/new")
    answer = phone.post("/home/people/new", {"name": "外婆", "kind": "family"} | changes)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert home.centre.told("member") == []


def test_a_tenant_adds_tenants_who_stay_no_longer_than_the_tenant(home: PhoneHome) -> None:
    phone = home.phone(TENANT)
    home.centre.hear(until(TENANT, date(2026, 12, 31)))
    phone.get("/home/people/new")
    assert phone.post("/home/people/new", {"name": "业主", "kind": "owner"}).status_code == 400
    phone.post("/home/people/new", {"name": "室友", "kind": "tenant", "until": "2028-01-01"})
    (body,) = [body for _, body in home.centre.told("member")]
    assert (body["kind"], body["until"]) == ("tenant", "2026-12-31")


def test_a_home_has_room_for_so_many(home: PhoneHome) -> None:
    home.centre.hear(*(person(100 + number, f"亲戚{number}") for number in range(20)))
    phone = home.phone()
    assert "/home/people/new" not in phone.get("/home/people").text
    phone.get("/home/people/new")
    assert phone.post("/home/people/new", {"name": "外婆", "kind": "family"}).status_code == 400


def test_whom_the_gate_did_not_take_on_stays_visible(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get("/home/people/new")
    answer = phone.post("/home/people/new", {"name": "外婆", "kind": "family"})
    home.centre.hear(NotApplied(home.centre.newest(), "too_many"))
    assert "没有接受" in phone.follow(answer).text


def test_a_car_is_brought_on_and_taken_off_once_its_holder_agreed(home: PhoneHome) -> None:
    phone = home.phone()
    phone.get("/home/cars")
    fields = {"plate": "京a·12345", "until": "2026-12-31"}
    assert phone.post("/home/cars", fields).status_code == 400
    agree = f"/home/people/{OWNER.resident_id}/plate/agree"
    phone.follow(phone.post(agree, {"version": "plate-1", "sure": "yes"}))
    page = phone.follow(phone.post("/home/cars", fields))
    assert "正在送达门岗" in page.text
    (given,) = [body for _, body in home.centre.told("vehicle_given")]
    assert (given["plate"], given["until"]) == ("京A12345", "2026-12-31")
    assert phone.post("/home/cars", fields).status_code == 400
    home.centre.hear(
        with_choice(OWNER, Credential.PLATE),
        VehicleNow("v1", OWNER.resident_id, "京A12345", date(2026, 12, 31)),
    )
    home.centre.catch_up()
    home.centre.clock.forward(minutes=1)
    page = phone.get("/home/cars").text
    assert "正在送达门岗" not in page
    assert "至12月31日" in page
    off = {"who": OWNER.resident_id, "plate": "京A12345"}
    assert "正在移除" in phone.follow(phone.post("/home/cars/take", off)).text
    assert len(home.centre.told("vehicle_taken")) == 1


@pytest.mark.parametrize("changes", [{"plate": "?"}, {"until": "2026-11-21"}, {"until": "x"}])
def test_a_car_that_is_none_is_refused_in_words(home: PhoneHome, changes: dict[str, str]) -> None:
    home.centre.hear(with_choice(OWNER, Credential.PLATE))
    phone = home.phone()
    phone.get("/home/cars")
    answer = phone.post("/home/cars", {"plate": "京A12345"} | changes)
    assert answer.status_code == 400
    assert home.centre.told("vehicle_given") == []
    taken = {"who": OWNER.resident_id, "plate": "京A99999"}
    assert phone.post("/home/cars/take", taken).status_code == 404
