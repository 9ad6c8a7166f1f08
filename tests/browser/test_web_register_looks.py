"""The register in a real browser: found while typing, a face enrolled, all of it usable (axe)."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from edge import wire
from tests.fakes.register_pages import MANAGER, register_pages
from tests.fakes.register_site import RegisterSite
from tests.fakes.web_site import PASSWORD, WebSite

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

PICTURES = Path(__file__).resolve().parents[2] / "artefacts" / "screenshots"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebSite, RegisterSite]]:
    with register_pages(tmp_path_factory.mktemp("w")) as both:
        yield both


@pytest.fixture
def lin(pages: tuple[WebSite, RegisterSite]) -> Iterator[str]:
    """The id of a resident with a car, a card, a pass and neighbours."""
    register = pages[1]
    lin = register.add("林晓")
    register.add("Ann Lee", "12-2-101", kind="tenant", until="2026-12-31")
    register.done(wire.AddVehicle(1, "浙A12345", "3-1-502", None, "t", lin, "白色"))
    register.done(wire.AddCard(1, "04a1b2c3", lin, "蓝扣", None, "t"))
    made = register.ask(wire.MakePass(1, lin, "外婆", "window", None, 600, 5, "t"))
    assert isinstance(made, wire.PassReady)
    yield lin
    for person in register.store.residents():
        register.store.remove_resident(person.resident_id, register.clock.now())


def _log_in(site: WebSite, page: Page) -> Page:
    page.goto(f"{site.url}/login")
    page.fill("#name", MANAGER)
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_selector("body.desk")
    return page


def _usable(page: Page, name: str) -> None:
    """Assert that axe finds nothing and that nothing runs over the side; keep a picture."""
    found = Axe().run(page).response["violations"]
    said = [
        f"{name}: {each['id']} {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]
    assert said == []
    _fits(page, name)


def _fits(page: Page, name: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"register-{name}.png", full_page=True)


def _usable_in_every_size(page: Page, name: str) -> None:
    _usable(page, f"{name}-desktop")
    page.set_viewport_size(PHONE)
    _fits(page, f"{name}-phone")
    page.set_viewport_size(DESKTOP)


def test_every_page_is_usable_and_a_home_is_found_while_typing(
    pages: tuple[WebSite, RegisterSite], lin: str, visit: "Visit"
) -> None:
    site, register = pages
    page = _log_in(site, visit(viewport=DESKTOP))
    page.goto(f"{site.url}/homes")
    page.fill("#find", "2345")
    expect(page.locator("#found tbody tr")).to_have_count(1)
    expect(page.locator("#found tbody tr")).to_contain_text("浙A12345")
    _usable_in_every_size(page, "homes")
    page.click("#found a[href='/homes/3-1-502']")
    page.wait_for_selector(f"a[href='/people/{lin}']")
    register.done(wire.ChangeResident(1, lin, "林小", "owner", None, MANAGER))
    page.reload()
    _usable_in_every_size(page, "home")
    page.click(".undo button")
    expect(page.locator(".notice.ok")).to_be_visible()
    assert [one.name for one in register.household().people] == ["林晓"]
    page.goto(f"{site.url}/sheets")
    sheet = {"name": "x.csv", "mimeType": "text/csv", "buffer": b"home,name,kind\n3-1-502,,x\n"}
    page.set_input_files("#file", sheet)  # type: ignore[arg-type] # a file as Playwright has them
    page.click("form[action='/sheets'] button")
    expect(page.locator(".mistakes tbody tr")).to_have_count(2)
    _usable_in_every_size(page, "sheets")
    page.set_viewport_size(PHONE)
    page.goto(f"{site.url}/people/{lin}")
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en] body.register")
    _usable(page, "person-phone-en")


def test_a_face_is_enrolled_with_the_desks_camera(
    pages: tuple[WebSite, RegisterSite], lin: str, visit: "Visit"
) -> None:
    site, register = pages
    page = _log_in(site, visit())
    page.goto(f"{site.url}/people/{lin}")
    page.click(f"a[href='/people/{lin}/face']")
    _usable(page, "face-off")
    page.keyboard.press("Tab")
    page.check("input[name=aloud]")
    page.click("#camera")
    expect(page.locator("#advice")).to_have_text("可以了，请拍照。")
    page.click("#take")
    expect(page.locator("#still")).to_be_visible()
    _usable(page, "face-taken")
    page.click("#enrol button[type=submit]")
    expect(page.locator(".notice.ok")).to_contain_text("人脸已录入")
    (row,) = register.household().people
    assert "face" in row.allowed
    photo = register.eyes.seen[-1]
    assert isinstance(photo, bytes)
    assert photo.startswith(b"\xff\xd8\xff")
