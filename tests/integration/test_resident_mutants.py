"""Each rule of the residents' page, broken on purpose: what it holds must then be seen to fail."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection

from central.resident import consenting, faces, photos
from central.resident.consenting import Agreed
from central.resident.household import Household
from models.lane import Credential
from models.registry import Consent
from tests.fakes.centre_home import OWNER, START, TENANT
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.phone_home import PhoneHome, phone_home
from tests.fakes.sealed_photo import sealed_photo

FACE = f"/home/people/{OWNER.resident_id}/face"
PHOTO = f"/home/people/{OWNER.resident_id}/photo"
PASS = {"kind": "single", "label": "王阿姨", "day": "2026-11-22", "start": "10:00", "end": "23:00"}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PhoneHome]:
    with phone_home(f"sqlite:///{tmp_path}/centre.db") as home:
        yield home


def a_withdrawn_photo_stays(home: PhoneHome) -> bool:
    phone = home.phone()
    phone.get(FACE)
    phone.post(f"{FACE}/agree", {"version": "face-1", "sure": "yes"})
    phone.send(PHOTO, sealed_photo(home.centre))
    phone.post(f"{FACE}/withdraw")
    return bool(home.centre.told("sealed_photo"))


def a_photo_goes_without_consent(home: PhoneHome) -> bool:
    phone = home.phone()
    phone.get(FACE)
    phone.send(PHOTO, sealed_photo(home.centre))
    return bool(home.centre.told("sealed_photo"))


def a_landlord_finds_a_tenants_pass(home: PhoneHome) -> bool:
    tenant, owner = home.phone(TENANT), home.phone()
    tenant.get("/home/passes/new")
    path = tenant.post("/home/passes/new", PASS).headers["location"].split("?")[0]
    return owner.get(path).status_code == 200


def an_old_key_is_taken(home: PhoneHome) -> bool:
    phone = home.phone()
    phone.get(FACE)
    phone.post(f"{FACE}/agree", {"version": "face-1", "sure": "yes"})
    late = sealed_photo(home.centre)
    home.centre.new_photo_key()
    return phone.send(PHOTO, late).status_code == 200


def a_form_of_another_browser_is_taken(home: PhoneHome) -> bool:
    phone, other = home.phone(), PhoneBrowser(home.client)
    other.get("/home/claim")
    return phone.post("/home/leave", {"csrf": other.token}).status_code == 303


def no_drop(_connection: Connection, _compound: str, _resident: str, _now: datetime) -> None:
    """Leave what waits where it is."""


def any_consent(*_: object) -> Agreed:
    consent = Consent("face-1", START, "phone", OWNER.resident_id)
    return Agreed(Credential.FACE, "face-1", "zh", START, consent.channel, consent.by, None, None)


def seen(_household: Household, _host: str) -> bool:
    return True


def unchecked(_household: Household, _sent: photos.Sent) -> None:
    """Look at nothing."""


def any_token(_one: str, _other: str) -> bool:
    return True


SCENES = (
    (a_withdrawn_photo_stays, consenting, "drop_waiting", no_drop),
    (a_photo_goes_without_consent, faces, "standing_consent", any_consent),
    (a_landlord_finds_a_tenants_pass, Household, "sees_passes_of", seen),
    (an_old_key_is_taken, photos, "_check", unchecked),
)


@pytest.mark.parametrize("scene", SCENES, ids=lambda each: each[0].__name__)
def test_a_broken_rule_is_found_out(
    home: PhoneHome, monkeypatch: pytest.MonkeyPatch, scene: tuple[object, ...]
) -> None:
    happens, where, name, broken = scene
    assert callable(happens)
    assert not happens(home)
    monkeypatch.setattr(where, name, broken)
    assert happens(home)


def test_a_form_token_that_is_not_compared_is_found_out(
    home: PhoneHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not a_form_of_another_browser_is_taken(home)
    monkeypatch.setattr("central.gatekeeper.same", any_token)
    assert a_form_of_another_browser_is_taken(home)
