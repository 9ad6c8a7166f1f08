"""The register's pages: homes and people found, corrected, erased, undone; a guard only looks."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Centre
from edge import wire
from edge.qr_image import address_svg
from tests.fakes.register_pages import MANAGER, register_pages
from tests.fakes.register_site import RegisterSite
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, site_settings

HOME = "3-1-502"
PLATE = "浙A12345"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebSite, RegisterSite]]:
    with register_pages(tmp_path_factory.mktemp("w")) as both:
        yield both


@pytest.fixture
def register(pages: tuple[WebSite, RegisterSite]) -> Iterator[RegisterSite]:
    """The desk, emptied after each test."""
    yield pages[1]
    store = pages[1].store
    for vehicle in store.garage.vehicles():
        store.garage.remove_vehicle(vehicle.plate, pages[1].clock.now(), by="test")
    for person in store.residents():
        store.remove_resident(person.resident_id, pages[1].clock.now())


@pytest.fixture
def desk(pages: tuple[WebSite, RegisterSite]) -> Iterator[PlainBrowser]:
    with PlainBrowser(pages[0].url) as browser:
        browser.log_in(MANAGER, PASSWORD)
        browser.get("/homes")
        yield browser


def _person(register: RegisterSite, name: str = "林晓", home: str = HOME) -> str:
    return register.add(name, home)


def _post(browser: PlainBrowser, path: str, form: dict[str, str]) -> str:
    """Send a form, follow it, and return the page's text."""
    answer = browser.post(path, form)
    assert answer.status_code == 303, answer.text
    return browser.get(answer.headers["location"]).text


def test_a_home_is_filled_by_hand_and_read_by_a_guard(
    pages: tuple[WebSite, RegisterSite], register: RegisterSite, desk: PlainBrowser
) -> None:
    form = {"name": "林晓", "kind": "owner", "until": ""}
    assert "已登记" in _post(desk, f"/homes/{HOME}/people", form)
    lin = register.household().people[0].id
    car = {"plate": "浙a·12345", "until": "2027-06-30", "label": "白色", "resident": lin}
    page = _post(desk, f"/homes/{HOME}/cars", car)
    assert all(word in page for word in (PLATE, "白色", "2027-06-30"))
    card = {"number": "04 A1 B2 C3", "label": "蓝扣", "until": ""}
    _post(desk, f"/people/{lin}/cards", card)
    with PlainBrowser(pages[0].url) as guard:
        guard.log_in(GUARD, PASSWORD)
        assert 'href="/homes"' in guard.get("/").text
        listed = guard.get("/homes").text
        assert all(word in listed for word in (HOME, "林晓", PLATE))
        seen = guard.get(f"/homes/{HOME}").text
        assert all(word in seen for word in ("林晓", PLATE, "蓝扣"))
        assert '<form method="post" action="/cars' not in seen
        assert f"/people/{lin}" not in seen
        assert guard.get(f"/people/{lin}").status_code == 403
        for path, data in (
            (f"/homes/{HOME}/people", form),
            (f"/people/{lin}/erase", {"sure": "yes"}),
            ("/undo", {}),
        ):
            assert guard.post(path, data).status_code == 403
    assert len(register.household().people) == 1


def test_homes_are_searched_by_what_stands_in_no_address(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    _person(register)
    _person(register, "李雷", "12-2-101")
    register.done(wire.AddVehicle(1, PLATE, "12-2-101", None, "t", None, ""))
    for find, home in (("3-1-502", HOME), ("林", HOME), ("2345", "12-2-101"), ("101", "12-2-101")):
        found = desk.post("/homes", {"find": find})
        assert found.status_code == 200
        assert [one for one in (HOME, "12-2-101") if f"/homes/{one}" in found.text] == [home]
    nobody = desk.post("/homes", {"find": "<b>7-7-7</b>"}).text
    assert ("没有找到" in nobody, "<b>7" in nobody) == (True, False)
    assert 'href="/homes/7-7-7"' in desk.post("/homes", {"find": "7-7-7"}).text
    assert desk.post("/homes", {"find": "x" * 61}).status_code == 400


def test_thousands_come_in_pages(register: RegisterSite, desk: PlainBrowser) -> None:
    for room in range(1, 121):
        _person(register, f"P{room}", f"9-1-{room}")
    first = desk.get("/homes").text
    assert "第 1 至 50 户，共 120 户" in first
    assert 'href="/homes?skip=50"' in first
    last = desk.get("/homes?skip=100").text
    assert "第 101 至 120 户，共 120 户" in last
    assert ("?skip=150" in last, 'href="/homes?skip=50"' in last) == (False, True)
    searched = desk.post("/homes", {"find": "9-1", "skip": "100"}).text
    assert "第 101 至 120 户" in searched
    assert desk.get("/homes?skip=-1").status_code == 400


def test_a_person_is_corrected_and_the_correction_undone(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register, "林小")
    form = {"name": "林晓", "kind": "tenant", "until": "2026-12-31"}
    page = _post(desk, f"/people/{lin}", form)
    assert all(word in page for word in ("已保存", "修改住户登记", "林小 3-1-502", "撤销此操作"))
    assert register.household().people[0].name == "林晓"
    undone = _post(desk, "/undo", {"home": HOME})
    assert "已撤销上一次操作" in undone
    assert register.household().people[0].name == "林小"
    again = desk.post("/undo")
    assert (again.status_code, "没有可撤销的操作" in again.text) == (409, True)


def test_what_is_wrong_is_said_on_the_page_it_came_from(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register)
    twice = desk.post(f"/homes/{HOME}/people", {"name": " 林晓 ", "kind": "owner"})
    assert (twice.status_code, "已有同名住户" in twice.text) == (409, True)
    assert "林晓" in twice.text
    bad = desk.post(f"/homes/{HOME}/cars", {"plate": "??", "until": ""})
    assert (bad.status_code, "这不是车牌" in bad.text) == (409, True)
    for until in ("2026-02-30", "tomorrow"):
        never = desk.post(f"/people/{lin}", {"name": "林晓", "kind": "owner", "until": until})
        assert never.status_code == 400
    card = desk.post(f"/people/{lin}/cards", {"number": "?"})
    assert (card.status_code, "卡号" in card.text) == (409, True)
    assert desk.get("/people/" + "0" * 16).status_code == 409
    assert desk.get("/people/x").status_code == 400
    assert desk.get("/homes/no-home").status_code == 400


def test_a_car_and_a_card_are_taken_and_come_back(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register)
    register.done(wire.AddVehicle(1, PLATE, HOME, None, "t", None, ""))
    register.done(wire.AddCard(1, "04a1b2c3", lin, "蓝扣", None, "t"))
    home = register.household()
    car, card = home.cars[0].id, home.cards[0].id
    changed = {"home": HOME, "until": "2027-01-01", "label": "借用"}
    assert "借用" in _post(desk, f"/cars/{car}", changed)
    _post(desk, f"/cars/{car}/remove", {"home": HOME})
    assert register.household().cars == ()
    _post(desk, "/undo", {"home": HOME})
    assert register.household().cars[0].label == "借用"
    gone = desk.post(f"/cars/{car}/remove", {"home": HOME})
    assert (gone.status_code, "已不在登记册上" in gone.text) == (409, True)
    assert "已收回" in _post(desk, f"/cards/{card}/take", {"home": HOME})
    assert register.household().cards == ()
    _post(desk, "/undo", {"home": HOME})
    assert [one.label for one in register.household().cards] == ["蓝扣"]


def test_an_erasure_shows_its_receipt_and_cannot_be_undone(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register)
    for form in ({}, {"sure": "no"}):
        assert desk.post(f"/people/{lin}/erase", form).status_code == 400
    assert register.household().people != ()
    receipt = desk.post(f"/people/{lin}/erase", {"sure": "yes"})
    assert receipt.status_code == 200
    assert all(word in receipt.text for word in ("抹除回执", lin, HOME, "2026-05"))
    assert "林晓" not in receipt.text
    assert register.household().people == ()
    page = desk.get("/homes").text
    assert ("此操作不能撤销" in page, 'action="/undo"' in page) == (True, False)
    never = desk.post("/undo")
    assert (never.status_code, "不能撤销" in never.text) == (409, True)


def test_a_pass_is_shown_once_printed_and_withdrawn(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register)
    form = {"label": "外婆", "kind": "printed", "minutes": "1440", "uses": "5", "start": ""}
    shown = desk.post(f"/people/{lin}/pass", form)
    assert shown.status_code == 200, shown.text
    assert all(word in shown.text for word in ("外婆", "纸质", "所有通道", "data:image/svg+xml"))
    sheet = re.search(r'name="sheet" value="([^"]+)"', shown.text)
    assert sheet is not None
    paper = desk.post("/pass.pdf", {"sheet": sheet[1]})
    assert paper.headers["content-type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF-")
    for forged in (sheet[1][:-2], "x", sheet[1].replace(".", "!", 1)):
        assert desk.post("/pass.pdf", {"sheet": forged}).status_code == 400
    (given,) = register.household().passes
    page = desk.get(f"/homes/{HOME}").text
    assert all(word in page for word in ("外婆", "0 / 5"))
    assert "已撤销" in _post(desk, f"/passes/{given.id}/revoke", {"home": HOME})
    assert register.household().passes[0].revoked


def test_a_pass_that_cannot_be_made_is_refused_in_words(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register)
    form = {"label": "外婆", "kind": "single", "minutes": "240", "uses": "1"}
    past = desk.post(f"/people/{lin}/pass", form | {"start": "2020-01-01T08:00"})
    assert (past.status_code, "已过期" in past.text) == (409, True)
    for bad in ({"start": "soon"}, {"minutes": "0"}, {"kind": "party"}, {"lane": "x"}):
        assert desk.post(f"/people/{lin}/pass", form | bad).status_code == 400
    assert register.household().passes == ()


def test_a_core_that_cannot_answer_is_said_in_words(
    pages: tuple[WebSite, RegisterSite], register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register)
    core = pages[0].core
    held = dict(core.also)
    core.also.clear()
    try:
        for path in ("/homes", f"/homes/{HOME}", f"/people/{lin}"):
            assert desk.get(path).status_code == 409
    finally:
        core.also.update(held)
    assert desk.get("/homes").status_code == 200


def test_a_code_for_the_residents_phone_is_shown_with_the_centres_address(tmp_path: Path) -> None:
    settings = site_settings().model_copy(update={"centre": Centre(url="https://centre.example/")})
    with register_pages(tmp_path, settings) as (site, register), PlainBrowser(site.url) as desk:
        register.store.exchange.begin("e" * 32, register.clock.now())
        lin = register.add("林晓")
        desk.log_in(MANAGER, PASSWORD)
        assert f'action="/people/{lin}/claim"' in desk.get(f"/people/{lin}").text
        shown = desk.post(f"/people/{lin}/claim")
        assert shown.status_code == 200
        code = re.search(r'class="huge">([0-9A-Z]{5}-[0-9A-Z]{5})<', shown.text)
        assert code is not None
        assert "https://centre.example/home/claim" in shown.text
        picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', shown.text)
        assert picture is not None
        drawn = base64.b64decode(picture[1]).decode()
        assert drawn == address_svg(f"https://centre.example/home/claim#code={code[1]}")
        assert code[1] not in desk.get(f"/people/{lin}").text
        assert code[1].replace("-", "") not in str(register.journal())


def test_without_a_centre_there_is_no_code_to_be_made(
    register: RegisterSite, desk: PlainBrowser
) -> None:
    lin = _person(register)
    assert "/claim" not in desk.get(f"/people/{lin}").text
    assert desk.post(f"/people/{lin}/claim").status_code == 409


def test_a_guard_takes_six_digits_that_a_visitor_reads_out(
    pages: tuple[WebSite, RegisterSite],
) -> None:
    site = pages[0]
    with PlainBrowser(site.url) as guard:
        guard.log_in(GUARD, PASSWORD)
        page = guard.get("/").text
        form = page.split('id="digits"', 1)[1].split("</form>", 1)[0]
        assert all(word in form for word in ('hx-post="/check"', 'hx-include="#where"', "[0-9]{6}"))
        site.core.codes["012345"] = ("opened", "visitor")
        said = guard.post("/check", {"where": "1 entry", "text": "012345"})
        assert (said.status_code, "已放行" in said.text) == (200, True)
        assert site.core.checks[-1].text == "012345"
