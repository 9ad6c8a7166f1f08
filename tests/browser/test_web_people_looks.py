"""Who is inside and who lives here, in a real browser: usable by all, in both tongues and sizes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from edge import wire
from tests.browser.conftest import Visit
from tests.fakes.stay_site import PLATE, stay_site
from tests.fakes.web_site import PASSWORD, WebSite

PICTURES = Path(__file__).resolve().parents[2] / "artefacts" / "screenshots"
SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
MANAGER = "陈经理"
PEOPLE = (("林晓", "3-1-502", True), ("李雷", "3-2-101", False), ("Ada Lovelace", "12-2", False))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    with stay_site(tmp_path_factory.mktemp("p")) as both:
        site = both.web
        site.admit(MANAGER, "manager")
        for number, (name, home, second) in enumerate(PEOPLE):
            key = f"{number:016x}"
            row = wire.ResidentRow(key, name, home, "owner", None, ("face",), second_factor=second)
            site.core.people.rows[key] = row
        yield site


def enter(site: WebSite, page: Page) -> Page:
    page.goto(f"{site.url}/login")
    page.fill("#name", MANAGER)
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_selector("body.desk")
    return page


@pytest.mark.parametrize("size", SIZES)
def test_everybody_can_read_who_is_inside_and_who_lives_here(
    site: WebSite, visit: Visit, size: str
) -> None:
    page = enter(site, visit(**SIZES[size]))
    for language in ("zh-CN", "en"):
        for path, said in (("/stays", PLATE), ("/residents", PEOPLE[0][0])):
            page.goto(f"{site.url}{path}")
            if page.get_attribute("html", "lang") != language:
                page.click("form[action='/language'] button")
                page.wait_for_selector(f"html[lang={language}]")
            assert said in page.inner_text("main")
            fine(page, f"{path.removeprefix('/')}-{language[:2]}-{size}")


def fine(page: Page, name: str) -> None:
    """Hold that everyone can use what is shown and nothing sticks out; keep a picture of it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
