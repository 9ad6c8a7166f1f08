"""Another home's ids in every call: each is answered as if there were no such thing."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from central.admission import Audience
from central.resident.household import Household, Person
from central.resident.part import ADMISSIONS
from models.letter import ResidentNow, VehicleNow
from tests.fakes.centre_home import CHILD, HUSBAND, OWNER, STRANGER, TENANT, HomeCentre
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.phone_home import PhoneHome, phone_home

OPEN = "yes"
PASS = {"kind": "single", "label": "王阿姨", "day": "2026-11-22", "start": "10:00", "end": "23:00"}
# Every call that names somebody or something: method, path, and the form. `{resident}`, `{pass_id}`
# and `{request_id}` are the owner's.
CALLS = (
    ("GET", "/home/people/{resident}", {}),
    ("GET", "/home/people/{resident}/photo", {}),
    ("POST", "/home/people/{resident}/photo", {}),
    ("GET", "/home/people/{resident}/face", {}),
    ("GET", "/home/people/{resident}/plate", {}),
    ("POST", "/home/people/{resident}/face/agree", {"version": "face-1", "sure": OPEN}),
    ("POST", "/home/people/{resident}/plate/agree", {"version": "plate-1", "sure": OPEN}),
    ("POST", "/home/people/{resident}/face/withdraw", {}),
    ("POST", "/home/people/{resident}/card/withdraw", {}),
    ("POST", "/home/cars", {"who": "{resident}", "plate": "京A12345"}),
    ("POST", "/home/cars/take", {"who": "{resident}", "plate": "京A12345"}),
    ("GET", "/home/passes/{pass_id}", {}),
    ("POST", "/home/passes/{pass_id}/revoke", {}),
    ("GET", "/home/history?who={resident}", {}),
    ("POST", "/home/data/export", {"who": "{resident}"}),
    ("GET", "/home/data/{request_id}", {}),
    ("GET", "/home/erase?who={resident}", {}),
    ("POST", "/home/erase", {"who": "{resident}", "sure": OPEN}),
)
# What names nothing: everything else is about the asker alone.
OWN = {
    ("POST", "/home/leave"),
    ("GET", "/home"),
    ("GET", "/home/me"),
    ("GET", "/home/people"),
    ("GET", "/home/people/new"),
    ("POST", "/home/people/new"),
    ("GET", "/home/cars"),
    ("GET", "/home/passes"),
    ("GET", "/home/passes/new"),
    ("POST", "/home/passes/new"),
    ("GET", "/home/devices"),
    # Tried in test_resident_claim.py.
    ("POST", "/home/devices/end"),
    ("GET", "/home/data"),
}


class Owned:
    """The ids that the owner's home has, and a phone that asks with them."""

    def __init__(self, home: PhoneHome) -> None:
        phone = home.phone(OWNER)
        made = phone.post("/home/passes/new", PASS)
        phone.get("/home/data")
        phone.post("/home/data/export", {})
        listed = phone.get("/home/data").text
        self.ids = {
            "resident": OWNER.resident_id,
            "pass_id": made.headers["location"].split("/")[-1].split("?")[0],
            "request_id": listed.split('href="/home/data/')[1].split('"')[0],
        }

    def ask(self, phone: PhoneBrowser, method: str, path: str, form: dict[str, str]) -> int:
        """Return the status of one call, the owner's ids filled in."""
        whole = path.format(**self.ids)
        if method == "GET":
            return phone.get(whole).status_code
        if path.endswith("/photo"):
            body = b'{"photo_id":"%s","key_id":"0","sealed":""}' % (b"0" * 32)
            return phone.send(whole, body).status_code
        fields = {name: value.format(**self.ids) for name, value in form.items()}
        return phone.post(whole, fields).status_code


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PhoneHome]:
    with phone_home(f"sqlite:///{tmp_path}/centre.db") as home:
        yield home


def feed(centre: HomeCentre) -> list[str]:
    return [kind for kind, _ in centre.told()]


def test_every_call_of_a_resident_is_in_the_sweep() -> None:
    named = {(method, path.split("?")[0]) for method, path, _ in CALLS}
    named |= {("GET", "/home/history"), ("GET", "/home/erase")}
    swept = {(m, p.replace("/face", "/{way}").replace("/plate", "/{way}")) for m, p in named}
    swept = {(method, path.replace("/card", "/{way}")) for method, path in swept}
    resident = {key for key, row in ADMISSIONS.items() if Audience.RESIDENT in row.who}
    assert swept | OWN == resident
    assert not swept & OWN


def sweep(home: PhoneHome, who: ResidentNow) -> set[int]:
    """Return how the owner's ids are answered to somebody else."""
    owned = Owned(home)
    phone = home.phone(who)
    before = feed(home.centre)
    found = {owned.ask(phone, *call) for call in CALLS}
    assert feed(home.centre) == before
    return found


@pytest.mark.parametrize("who", [STRANGER, TENANT], ids=["another home", "the home's tenant"])
def test_another_households_ids_are_not_there(home: PhoneHome, who: ResidentNow) -> None:
    assert sweep(home, who) == {404}


def test_the_same_calls_work_for_whose_they_are(home: PhoneHome) -> None:
    owned, phone = Owned(home), home.phone(OWNER)
    home.centre.hear(VehicleNow("v1", OWNER.resident_id, "京A12345", None))
    calls = [call for call in CALLS if "erase" not in call[1]]
    statuses = {owned.ask(phone, *call) for call in calls}
    assert 404 not in statuses
    assert 403 not in statuses


def test_without_a_claim_nothing_answers(home: PhoneHome) -> None:
    owned, nobody = Owned(home), PhoneBrowser(home.client)
    nobody.get("/home/claim")
    assert {owned.ask(nobody, *call) for call in CALLS} <= {303, 401}


def test_a_household_that_lets_anyone_be_found_is_found_out(
    home: PhoneHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutant of the one place: everybody's id is taken for one of the household."""

    def anybody(self: Household, resident_id: str) -> Person:
        return Person(resident_id, "", self.me.kind)

    monkeypatch.setattr(Household, "subject", anybody)
    owned, phone = Owned(home), home.phone(STRANGER)
    assert {owned.ask(phone, *call) for call in CALLS} != {404}


def test_family_see_one_another_but_not_one_anothers_passages(home: PhoneHome) -> None:
    phone = home.phone(HUSBAND)
    assert phone.get(f"/home/people/{OWNER.resident_id}").status_code == 200
    assert phone.get(f"/home/history?who={OWNER.resident_id}").status_code == 404
    assert phone.post("/home/data/export", {"who": OWNER.resident_id}).status_code == 404
    form = {"who": OWNER.resident_id, "sure": OPEN}
    assert phone.post("/home/erase", form).status_code == 404


def test_only_the_guardian_decides_for_a_child(home: PhoneHome) -> None:
    guardian, other = home.phone(OWNER), home.phone(HUSBAND)
    path = f"/home/people/{CHILD.resident_id}/face"
    assert guardian.get(path).status_code == 200
    assert other.get(path).status_code == 404
    assert other.post(f"{path}/agree", {"version": "face-1", "sure": OPEN}).status_code == 404
    assert other.get(f"/home/people/{CHILD.resident_id}").status_code == 200


def test_a_landlord_sees_who_rents_and_no_more(home: PhoneHome) -> None:
    tenant, owner = home.phone(TENANT), home.phone(OWNER)
    tenant.follow(tenant.post("/home/passes/new", PASS | {"label": "租户的朋友"}))
    assert TENANT.name in owner.get("/home/people").text
    assert "租户的朋友" not in owner.get("/home/passes").text
    assert OWNER.name not in tenant.get("/home/people").text


def test_the_other_pages_hold_nothing_of_another_home(home: PhoneHome) -> None:
    owned, phone = Owned(home), home.phone(STRANGER)
    for method, path in sorted(OWN):
        if method == "GET":
            text = phone.get(path).text
            assert OWNER.name not in text
            assert not [each for each in owned.ids.values() if each in text]


def test_ids_that_are_none_are_not_there(home: PhoneHome) -> None:
    phone = home.phone()
    odd = ("%00", "..%2f..", "'--", "x" * 300, "%E5%AE%B6")
    paths = ("/home/people/{}", "/home/people/{}/face", "/home/passes/{}", "/home/data/{}")
    asked = [path.format(each) for path in (*paths, "/receipt/{}") for each in odd]
    assert {path: phone.get(path).status_code for path in asked} == dict.fromkeys(asked, 404)
