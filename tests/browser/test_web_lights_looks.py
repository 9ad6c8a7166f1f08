"""The page of lights and chargers in a real browser: read, pressed, by both tongues, on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Dialog, Page

from tests.browser.conftest import Visit
from tests.fakes.lit_site import LOADS, ZONES, lit_site
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, wait_for

PHONE = {"viewport": {"width": 390, "height": 844}}


@pytest.fixture(scope="module")
def garage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    with lit_site(tmp_path_factory.mktemp("g")) as site:
        site.admit(GUARD, "guard")
        yield site


def enter(site: WebSite, page: Page, language: str = "zh") -> Page:
    site.core.change(zones=ZONES, loads=LOADS)
    page.goto(f"{site.url}/login")
    page.fill("#name", GUARD)
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_selector("body.desk")
    page.click("a[href='/lights']")
    page.wait_for_selector("body.lights")
    if language == "en":
        page.click("form[action='/language'] button")
        page.wait_for_selector("html[lang=en] body.lights")
    return page


def test_a_guard_reads_why_it_is_lit_and_what_was_saved(garage: WebSite, visit: Visit) -> None:
    page = enter(garage, visit())
    said = page.inner_text("#now")
    for word in (
        "坡道",
        "刚放行，提前亮灯",
        "微亮 20 %",
        "感应器断开，保持亮灯",
        "烟雾报警",
        "2:01",
    ):
        assert word in said
    rows = page.locator("section, .scrolls", has=page.locator("th", has_text="2026-11-21"))
    assert "估算" in rows.first.inner_text()
    assert page.locator("svg.plot rect.baseline").count() == 30
    page.click("a[href='/lights?zone=ramp']")
    page.wait_for_selector("a[href='/lights']:has-text('全部区域')")
    assert "实测" in page.inner_text("table:has(th:has-text('2026-11-21'))")


def test_a_guard_switches_a_charger_on_after_being_asked(garage: WebSite, visit: Visit) -> None:
    page = enter(garage, visit(), "en")
    asked: list[str] = []

    def hesitate(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", hesitate)
    page.click("#arm-c2")
    page.once("dialog", lambda dialog: dialog.accept())
    page.click("#arm-c2")
    page.wait_for_selector("#notice .ok")
    assert "Switched on" in page.inner_text("#notice")
    assert "Have you looked" in asked[0]
    wait_for(lambda: garage.core.zones.armed)
    assert garage.core.zones.armed == [("c2", GUARD)]
    page.wait_for_selector("#arm-c2", state="detached")


def test_a_phone_shows_all_of_it_without_moving_the_page_sideways(
    garage: WebSite, visit: Visit
) -> None:
    page = enter(garage, visit(**PHONE))
    for language in ("zh-CN", "en"):
        page.wait_for_selector(f"html[lang={language}] body.lights")
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert wide <= 0
        assert page.locator("#arm-c3").is_visible()
        if language != "en":
            page.click("form[action='/language'] button")
