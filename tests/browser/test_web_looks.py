"""The pages are usable by everyone (axe), and look as they should (pictures for people to see)."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from edge import wire
from models.event import EventKind
from models.lane import Credential
from tests.browser.conftest import log_in
from tests.fakes.core import Person
from tests.fakes.web_eye import portrait
from tests.fakes.web_site import WebSite, story

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

PICTURES = Path(__file__).resolve().parents[2] / "artefacts" / "screenshots"
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}
SIZES = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
FAULT = wire.FaultLine(
    "camera cam-1",
    "no picture for 6 s",
    "check its power and cable",
    "2026-11-21T04:00:00+00:00",
    "camera_silent",
)


@pytest.fixture(scope="module", autouse=True)
def _busy(site: WebSite) -> None:
    """Let a whole story have happened, with something wrong at the end."""
    for _, (lane, person, answer, reason, direction) in zip(range(8), story(), strict=False):
        site.core.see(lane, person, answer, reason, direction)
    site.core.lane(2, barrier="held_guard", occupied=True)
    site.core.change(faults=(FAULT,), backlog=12, centre="away", time_trust="floor")
    site.core._record(kind=EventKind.CALL, lane=2, reason="call")


def _clean(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    said = [
        f"{each['id']}: {node['target']} {node['failureSummary']}"
        for each in found
        for node in each["nodes"]
    ]
    assert said == []


def _fits(page: Page) -> None:
    """Assert that nothing has to be scrolled sideways."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _picture(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png", full_page=True)


def _name(size: dict[str, object]) -> str:
    return "desktop" if size is DESKTOP else "phone"


@SIZES
@SCHEMES
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_desk(
    site: WebSite, visit: "Visit", size: dict[str, object], scheme: str, language: str
) -> None:
    page = log_in(site, visit(color_scheme=scheme, reduced_motion="reduce", **size))
    if language == "en":
        page.get_by_role("button", name="English").click()
        page.wait_for_selector(".live.fresh")
    expect(page.locator("#rows tr")).not_to_have_count(0)
    expect(page.locator("#calls .call").last).to_be_visible()
    page.wait_for_load_state("load")
    _clean(page)
    _fits(page)
    if scheme == "light" or language == "zh":
        _picture(page, f"desk-{language}-{_name(size)}-{scheme}")
    page.locator(".tile button.open").nth(1).click()
    expect(page.locator("#why")).to_be_visible()
    _clean(page)
    _fits(page)
    if scheme == "light":
        page.screenshot(path=PICTURES / f"open-{language}-{_name(size)}.png")


@SIZES
@SCHEMES
def test_the_entrance(site: WebSite, visit: "Visit", size: dict[str, object], scheme: str) -> None:
    page = visit(color_scheme=scheme, **size)
    page.goto(f"{site.url}/login?welcome=1")
    _clean(page)
    _fits(page)
    _picture(page, f"login-zh-{_name(size)}-{scheme}")
    page.fill("#name", "x")
    page.fill("#password", "y")
    page.click("form[action='/login'] button")
    expect(page.get_by_role("alert")).to_be_visible()
    _clean(page)
    page.goto(f"{site.url}/lane/1")
    _clean(page)
    site.core.change(claimed=False)
    try:
        page.wait_for_function(
            "fetch('/login', {redirect: 'manual'}).then((answer) => answer.type != 'basic')"
        )
        page.goto(f"{site.url}/claim?code=abc")
        expect(page.locator("#again")).to_be_visible()
        _clean(page)
        _fits(page)
        _picture(page, f"claim-zh-{_name(size)}-{scheme}")
    finally:
        site.core.change(claimed=True)


@SIZES
@pytest.mark.parametrize("signal", ["idle", "granted", "refused", "wait", "move", "offline"])
def test_the_lane_screen(
    site: WebSite, visit: "Visit", size: dict[str, object], signal: str
) -> None:
    page = visit(**size)
    site.core.show(2, "idle", "")
    page.goto(f"{site.url}{site.lane_link(2)}")
    expect(page.locator("body")).to_have_attribute("data-signal", "idle")
    person = Person(Credential.FACE, crop=portrait(90))
    if signal == "granted":
        site.core.see(2, person, "opened", "resident")
    elif signal == "refused":
        site.core.see(2, person, "refused", "unknown_face")
    elif signal == "wait":
        site.core.see(2, person, "asked", "clock")
    elif signal == "move":
        site.core.show(2, "wait", "turn_left")
    elif signal == "offline":
        site.core.stop()
    try:
        expect(page.locator("body")).to_have_attribute("data-signal", signal)
        page.wait_for_timeout(250)
        expect(page.locator(".for-turn-left")).to_be_visible(visible=signal == "move")
        _clean(page)
        _fits(page)
        _picture(page, f"lane-{signal}-{_name(size)}")
    finally:
        if signal == "offline":
            site.core.start()
