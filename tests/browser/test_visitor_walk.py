"""A visitor's phone: opens the link, loses the network, and still shows a code that gates read."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from models.visit import DAY, CodeFault, PassKind, Weekly
from tests.fakes.centre_passes import order
from tests.fakes.visitor_site import VisitorSite, visitor_site

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "has_touch": True}
STEP = timedelta(seconds=15)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VisitorSite]:
    with visitor_site(tmp_path_factory.mktemp("visitor")) as site:
        yield site


@pytest.fixture(autouse=True)
def _back(place: VisitorSite) -> Iterator[None]:
    yield
    place.away = False


def _shown(page: Page) -> str:
    picture = Image.open(io.BytesIO(page.locator("#code").screenshot()))
    (found,) = zxingcpp.read_barcodes(
        picture, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain
    )
    return found.text


def _clean(page: Page) -> None:
    found = Axe().run(page).response["violations"]
    assert [f"{each['id']}: {node['target']}" for each in found for node in each["nodes"]] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _wanted(site: VisitorSite, kind: PassKind, **changes: object) -> dict[str, object]:
    start = site.now().replace(microsecond=0)
    return {"kind": kind, "not_before": start, "expires": start + timedelta(hours=6)} | changes


def test_a_still_pass_is_kept_on_the_phone(place: VisitorSite, visit: "Visit") -> None:
    made = place.make(order(**_wanted(place, PassKind.SINGLE, label="送沙发的师傅")))  # type: ignore[arg-type] # an order's own fields
    page = visit(**PHONE, locale="zh-CN")
    page.goto(place.url + made.link)
    expect(page.get_by_role("heading", name="送沙发的师傅")).to_be_visible()
    expect(page.get_by_text("现在可以通行")).to_be_visible()
    expect(page.locator("#kept")).to_be_visible()
    _clean(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="保存到相册").click()
    assert download.value.suggested_filename == "访客码.png"

    _network(place, page, there=False)
    page.reload()
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("#as-of")).not_to_be_empty()
    _clean(page)
    text = _shown(page)
    assert text == place.code(made).text
    assert place.at_the_gate(text, made, place.now()) == place.record(made).claims

    place.revoke(made)
    _network(place, page, there=True)
    expect(page.get_by_text("此码已被收回")).to_be_visible()
    expect(page.locator("#shown")).to_be_hidden()
    # What is kept on the phone has learnt it too.
    _network(place, page, there=False)
    page.reload()
    expect(page.get_by_text("此码已被收回")).to_be_visible()
    expect(page.locator("#code")).to_have_count(0)
    # And once the pass is dropped, nothing of it stays.
    place.drop(made)
    _network(place, page, there=True)
    expect(page.get_by_role("heading", name="没有这个访客码")).to_be_visible()
    assert page.evaluate("caches.keys()") == []
    assert (
        page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0
    )


def test_a_changing_code_needs_no_network_and_no_right_clock(
    place: VisitorSite, visit: "Visit"
) -> None:
    wanted = _wanted(place, PassKind.RECURRING, weekly=_around(place.now()), uses=100)
    made = place.make(order(**wanted))  # type: ignore[arg-type] # an order's own fields
    page = visit(**PHONE, locale="en-GB", color_scheme="dark")
    # Its owner's phone is a day slow; and from now on its time passes when the test says so.
    page.clock.install(time=place.now() - timedelta(days=1))
    page.goto(place.url + made.link)
    expect(page.locator("#clock")).to_be_visible()
    expect(page.locator("#kept")).to_be_visible()
    expect(page.locator("body")).to_have_attribute("data-standing", "works")
    _clean(page)

    _network(place, page, there=False)
    page.reload()
    expect(page.locator("#away")).to_be_visible()
    page.clock.pause_at(_phone(page) + timedelta(seconds=30))
    seen = {}
    for _ in range(3):
        utc = _phone(page) + timedelta(milliseconds=_error(page))
        seen[utc] = _shown(page)
        page.clock.run_for(15_000)
    assert len(set(seen.values())) == 3
    claims = place.record(made).claims
    for utc, text in seen.items():
        assert text == place.code(made).at(utc)
        assert place.at_the_gate(text, made, utc) == claims
        assert place.at_the_gate(text, made, utc + 2 * STEP) is CodeFault.STALE_CODE
    # The server's time, as well as it can be known over a network.
    assert abs(utc - place.now()) < timedelta(minutes=5)

    page.clock.fast_forward("02:30:00")
    expect(page.get_by_text("Not at this hour")).to_be_visible()
    page.clock.fast_forward("04:00:00")
    expect(page.get_by_text("This pass is over")).to_be_visible()
    # Nobody but the server takes the code away.
    expect(page.locator("#code")).to_be_visible()


def _around(utc: datetime) -> Weekly:
    """Return every day's hours from one before a moment to two after it, at the site."""
    local = utc.astimezone(ZONE)
    minute = 60 * local.hour + local.minute
    return Weekly(frozenset(range(7)), (minute - 60) % DAY, (minute + 120) % DAY or DAY)


def _network(site: VisitorSite, page: Page, *, there: bool) -> None:
    """Give or take the network; a request that slips through finds nobody."""
    site.away = not there
    page.context.set_offline(offline=not there)


def _phone(page: Page) -> datetime:
    return datetime.fromtimestamp(page.evaluate("Date.now()") / 1000, UTC)


def _error(page: Page) -> float:
    return float(page.evaluate("Number(localStorage.getItem('kuahu-clock'))"))
