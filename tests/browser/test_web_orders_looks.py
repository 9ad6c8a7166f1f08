"""A lock-down and a held barrier in a real browser: asked for, shown, ended; dated presses."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from edge.clock import monotonic
from tests.browser.conftest import log_in
from tests.fakes.web_site import GUARD, WebSite

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

PICTURES = Path(__file__).resolve().parents[2] / "artefacts" / "screenshots"
DESKTOP = {"viewport": {"width": 1280, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2}


def fine(page: Page, name: str) -> None:
    """Hold that everyone can use what is shown and nothing sticks out; keep a picture of it."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.mark.parametrize(
    ("size", "language", "what"),
    [
        (DESKTOP, "zh", "lock_down"),
        pytest.param(PHONE, "en", "hold_open", marks=pytest.mark.long),
        pytest.param(PHONE, "zh", "hold_open", marks=pytest.mark.long),
        pytest.param(DESKTOP, "en", "lock_down", marks=pytest.mark.long),
    ],
)
def test_an_order_is_confirmed_with_a_reason_shown_and_ended(
    site: WebSite, visit: "Visit", size: dict[str, object], language: str, what: str
) -> None:
    site.core.orders.clear()
    page = log_in(site, visit(reduced_motion="reduce", **size))
    if language == "en":
        page.get_by_role("button", name="English").click()
        page.wait_for_selector(".live.fresh")
    device = "desktop" if size is DESKTOP else "phone"
    page.locator(f"[data-order={what}][data-lane='2']").click()
    expect(page.locator("#standing")).to_be_visible()
    expect(page.locator("#standing [data-question]:visible")).to_have_count(1)
    fine(page, f"order-question-{language}-{device}")
    page.locator("#order button[type=submit]").click()
    assert site.core.orders == [], "an order needs its reason"
    page.fill("#standing-reason", "有人翻越")
    page.keyboard.press("Enter")
    banner = page.locator("#lane-2 .standing")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("有人翻越")
    expect(banner).to_contain_text(GUARD)
    (asked,) = site.core.orders
    assert (asked.lane, asked.what, asked.guard) == (2, what, GUARD)
    assert 0 <= monotonic() - asked.pressed < 60
    banner.scroll_into_view_if_needed()
    fine(page, f"order-stands-{language}-{device}")
    page.on("dialog", lambda dialog: dialog.accept())
    banner.locator("button").click()
    expect(banner).to_have_count(0)
    assert site.core.orders[-1].what == ""


def test_a_press_that_the_network_held_up_opens_nothing(site: WebSite, visit: "Visit") -> None:
    site.core.presses.clear()
    page = log_in(site, visit())
    # The browser's clock says that the button was pressed five seconds ago.
    page.evaluate(
        "document.addEventListener('htmx:configRequest', (event) => {"
        " event.detail.headers['X-Since'] = String(event.detail.headers['X-Since'] - 5000); },"
        " { once: true })"
    )
    page.locator(".tile [data-open][data-lane='1']").click()
    page.locator("#why .reasons button").first.click()
    expect(page.locator("#notice .notice.no")).to_contain_text("网络太慢")
    assert site.core.presses == []
    page.locator(".tile [data-open][data-lane='1']").click()
    page.locator("#why .reasons button").first.click()
    expect(page.locator("#notice .notice.ok")).to_be_visible()
    assert len(site.core.presses) == 1
