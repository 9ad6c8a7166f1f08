"""Claiming a home by the desk's code, and the devices that have."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from central.database import reading
from central.resident.tables import HOME_SESSIONS
from models.letter import ResidentGone
from tests.fakes.asgi_client import AsgiClient
from tests.fakes.centre_home import (
    CHILD,
    COMPOUND,
    HUSBAND,
    OTHER_COMPOUND,
    OWNER,
    START,
    TENANT,
    claim_of,
    until,
)
from tests.fakes.phone_browser import PhoneBrowser
from tests.fakes.phone_home import PhoneHome, phone_home


@pytest.fixture
def home(tmp_path: Path) -> Iterator[PhoneHome]:
    with phone_home(f"sqlite:///{tmp_path}/centre.db") as home:
        yield home


def said(text: str) -> str:
    """Return what the page says went wrong."""
    return text.split('role="alert"', 1)[1].split("<span>", 1)[1].split("</span>", 1)[0]


def test_a_code_from_the_desk_opens_ones_own_home(home: PhoneHome) -> None:
    phone = home.phone()
    page = phone.get("/home")
    assert page.status_code == 200
    assert "3-1-502" in page.text
    assert OWNER.name in page.text


@pytest.mark.parametrize("typed", ["c0de0001", " C0DE 0001 ", "C0DE—0001".replace("—", "-")])
def test_a_code_may_be_typed_as_it_comes(home: PhoneHome, typed: str) -> None:
    assert home.code(OWNER) == "C0DE-0001"
    assert PhoneBrowser(home.client).claim(typed).status_code == 303


def test_a_keyboard_for_chinese_types_wide_letters(home: PhoneHome) -> None:
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in home.code(OWNER))
    assert PhoneBrowser(home.client).claim(wide).status_code == 303


def test_whoever_has_not_claimed_is_led_to_the_entrance(home: PhoneHome) -> None:
    answer = PhoneBrowser(home.client).get("/home/passes")
    assert (answer.status_code, answer.headers["location"]) == (303, "/home/claim")


def test_wrong_used_late_and_unfit_codes_are_answered_alike(home: PhoneHome) -> None:
    used = home.code(OWNER)
    assert PhoneBrowser(home.client).claim(used).status_code == 303
    late = home.code(HUSBAND, days=1)
    moved_out, child = home.code(TENANT), home.code(CHILD)
    home.centre.hear(ResidentGone(TENANT.resident_id))
    unknown = claim_of("N0T-TH3RE", OWNER, START + timedelta(days=9))
    home.centre.hear(unknown, compound=OTHER_COMPOUND)
    home.centre.clock.forward(days=1)
    phone = PhoneBrowser(home.client)
    answers = [phone.claim(code) for code in ("WR0NG", used, late, moved_out, child, "N0T-TH3RE")]
    assert {answer.status_code for answer in answers} == {403}
    (sentence,) = {said(answer.text) for answer in answers}
    assert "认领码" in sentence
    assert "kuahu-home" not in phone.cookies


def test_a_code_that_was_refused_is_not_used_up(home: PhoneHome) -> None:
    code = home.code(OWNER)
    home.centre.hear(until(OWNER, START.date() - timedelta(days=1)))
    assert PhoneBrowser(home.client).claim(code).status_code == 403
    home.centre.hear(OWNER)
    assert PhoneBrowser(home.client).claim(code).status_code == 303


def test_whoever_guesses_has_to_wait_even_after_a_restart(home: PhoneHome) -> None:
    phone = PhoneBrowser(home.client)
    answers = [phone.claim(f"WR0NG-{number}").status_code for number in range(25)]
    assert answers[0] == 403
    assert answers[-1] == 429
    good = home.code(OWNER)
    again = home.centre.restarted()
    with AsgiClient(again.app) as client:
        answer = PhoneBrowser(client).claim(good)
        assert answer.status_code == 429
        assert "请等待" in said(answer.text)
        again.clock.forward(hours=2)
        assert PhoneBrowser(client).claim(good).status_code == 303
    again.engine.dispose()


def test_the_database_holds_no_secret_of_a_browser(home: PhoneHome) -> None:
    phone = home.phone()
    secret = phone.cookies["kuahu-home"]
    with reading(home.centre.engine) as connection:
        rows = connection.execute(select(HOME_SESSIONS)).all()
    assert len(rows) == 1
    assert secret not in repr(rows)
    assert len(secret) >= 43


def test_a_made_up_secret_is_nobodys(home: PhoneHome) -> None:
    for secret in ("", "x", "0" * 43, "\u00e9" * 43):
        phone = PhoneBrowser(home.client)
        phone.cookies["kuahu-home"] = secret
        assert phone.get("/home").status_code == 303


def test_over_https_the_cookie_is_bound_to_this_host(tmp_path: Path) -> None:
    with phone_home(f"sqlite:///{tmp_path}/s.db", "https://centre.example") as home:
        phone = PhoneBrowser(home.client)
        lines = phone.claim(home.code(OWNER)).headers.get_list("set-cookie")
    (line,) = [line.lower() for line in lines if "kuahu-home" in line]
    assert line.startswith("__host-kuahu-home=")
    for word in ("httponly", "secure", "samesite=lax", "path=/", "max-age="):
        assert word in line
    assert "domain" not in line


def test_a_session_ends_when_the_right_of_entry_does(home: PhoneHome) -> None:
    phone = home.phone(TENANT)
    home.centre.hear(until(TENANT, START.date()))
    assert phone.get("/home").status_code == 200
    # Midnight by the compound's clock, not by the server's.
    home.centre.clock.forward(hours=14)
    assert phone.get("/home").status_code == 303


def test_a_session_ends_when_somebody_leaves_the_register(home: PhoneHome) -> None:
    phone = home.phone()
    home.centre.hear(ResidentGone(OWNER.resident_id))
    assert phone.get("/home").status_code == 303


def test_a_session_that_nobody_uses_ends_one_that_is_used_lives_on(home: PhoneHome) -> None:
    used, idle = home.phone(), home.phone()
    for _ in range(3):
        home.centre.clock.forward(days=100)
        assert used.get("/home").status_code == 200
    assert idle.get("/home").status_code == 303


def test_devices_are_listed_by_kind_and_logged_out_one_by_one(home: PhoneHome) -> None:
    mine, lost = home.phone(), home.phone()
    page = mine.get("/home/devices").text
    assert page.count("Android · WeChat") >= 2
    marks = [part.split('"', 1)[0] for part in page.split('name="mark" value="')[1:]]
    assert len(marks) == 2
    assert mine.post("/home/devices/end", {"mark": marks[1]}).status_code == 303
    assert lost.get("/home").status_code == 303
    assert mine.get("/home").status_code == 200
    gone = mine.post("/home/devices/end", {"mark": marks[0]})
    assert gone.headers["location"] == "/home/claim"
    assert "kuahu-home" not in mine.cookies


def test_nobody_logs_out_the_devices_of_others(home: PhoneHome) -> None:
    husband, wife = home.phone(HUSBAND), home.phone()
    page = husband.get("/home/devices").text
    mark = page.split('name="mark" value="')[1].split('"', 1)[0]
    wife.get("/home/devices")
    assert wife.post("/home/devices/end", {"mark": mark}).status_code == 404
    assert husband.get("/home").status_code == 200


def test_leaving_takes_the_session_and_the_cookie(home: PhoneHome) -> None:
    phone = home.phone()
    secret = phone.cookies["kuahu-home"]
    phone.get("/home/me")
    assert phone.post("/home/leave").status_code == 303
    assert "kuahu-home" not in phone.cookies
    phone.cookies["kuahu-home"] = secret
    assert phone.get("/home").status_code == 303


def test_a_new_phone_may_log_the_old_ones_out(home: PhoneHome) -> None:
    old = home.phone()
    new = PhoneBrowser(home.client)
    assert new.claim(home.code(OWNER), only="yes").status_code == 303
    assert old.get("/home").status_code == 303
    assert new.get("/home").status_code == 200


def test_ten_devices_are_enough_for_one(home: PhoneHome) -> None:
    phones = []
    for _ in range(11):
        phones.append(home.phone())
        home.centre.clock.forward(minutes=1)
    assert phones[0].get("/home").status_code == 303
    assert [phone.get("/home").status_code for phone in phones[1:]] == [200] * 10


def test_the_page_can_be_put_on_a_home_screen(home: PhoneHome) -> None:
    phone = home.phone()
    answer = phone.get("/home/app.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    said = answer.json()
    assert said["start_url"] == "/home"
    for each in said["icons"]:
        assert home.client.ask("GET", each["src"]).status_code == 200
    assert COMPOUND not in answer.text
