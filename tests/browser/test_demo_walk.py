"""A guard's first hour, in a real browser, with nothing behind the pages but the product."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from edge.demo.story import Step, story
from edge.demo.world import Inputs, World, pictures, running

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.timeout(600)

SHOTS = Path(__file__).parents[2] / "artefacts" / "screenshots"
GUARD, PASSWORD = "王师傅", "correct horse 9"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    stop = threading.Event()
    with running(Inputs(tmp_path_factory.mktemp("w"), pictures(None, None)), stop) as opened:
        yield opened
        stop.set()


def play(world: World, name: str) -> None:
    step: Step = next(step for step in story() if step.name == name)
    result = world.director.play(step, world.passes.codes())
    assert result.ok, result


def keep(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"demo-{name}.png")


def claim(world: World, page: Page) -> None:
    page.goto(world.links.guard)
    page.fill("#code", world.places.claim.read_text("utf-8"))
    page.fill("#name", GUARD)
    page.fill("#password", PASSWORD)
    page.fill("#again", PASSWORD)
    page.click("form[action='/claim'] button")
    page.wait_for_url("**/login**")
    page.fill("#name", GUARD)
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button")
    page.wait_for_selector("body.desk")
    page.wait_for_selector(".live.fresh")


def test_a_guards_first_hour(world: World, visit: "Visit") -> None:
    page = visit(locale="zh-CN")
    claim(world, page)
    rows = page.locator("tbody tr")

    play(world, "resident_face")
    first = rows.first
    expect(first.locator(".answer")).to_contain_text("已放行")
    expect(first.locator(".ms")).to_contain_text("毫秒")
    expect(first.locator(".proof img")).to_have_count(1)

    screen = visit(viewport={"width": 800, "height": 1200})
    screen.goto(world.links.screens[1])
    play(world, "stranger_face")
    expect(screen.locator("body")).to_have_attribute("data-signal", "refused")
    expect(screen.locator("main")).to_contain_text("未识别，请刷码、刷卡或呼叫保安")
    keep(screen, "lane-refused")
    expect(first.locator(".reason")).to_contain_text("未登记人员")

    first.get_by_role("button", name="放行").click()
    keep(page, "desk-zh-reasons")
    page.get_by_role("button", name="快递外卖").click()
    expect(first.locator(".answer")).to_contain_text("已放行")
    expect(first.locator(".who")).to_contain_text(GUARD)
    expect(first.locator(".reason")).to_contain_text("快递外卖")
    expect(screen.locator("body")).to_have_attribute("data-signal", "granted")
    keep(screen, "lane-granted")

    play(world, "pass_in")
    expect(first.locator(".by")).to_contain_text("访客码")
    keep(page, "desk-zh")
    screen.get_by_role("button", name="呼叫保安").click()
    expect(page.get_by_text("呼叫保安").first).to_be_visible()
    keep(page, "desk-zh-called")

    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("tbody")).to_contain_text("Let through")
    keep(page, "desk-en")
    for language in ("en", "zh"):
        page.set_viewport_size(PHONE)  # type: ignore[arg-type] # a size
        keep(page, f"phone-{language}")
        page.set_viewport_size({"width": 1280, "height": 900})
        if language == "en":
            page.get_by_role("button", name="中文").click()
            expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
