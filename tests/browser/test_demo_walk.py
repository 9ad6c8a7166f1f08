"""A guard's first hour, and a viewer's, in a real browser, with the product behind the pages."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from edge import wire
from edge.demo import consent, viewer
from edge.demo.story import OPENED, Step, story
from edge.demo.world import Inputs, World, pictures, running
from edge.store.folder import Folder
from models.event import Event, EventKind
from models.movement import Movement
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.fakes.data import need
from tests.fakes.portraits import eileen_collins, nobody
from tests.fakes.webcam import Film, Mover, Webcam, portrait

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.timeout(600)

SHOTS = Path(__file__).parents[2] / "artefacts" / "screenshots"
GUARD, PASSWORD = "王师傅", "correct horse 9"
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    stop = threading.Event()
    inputs = Inputs(tmp_path_factory.mktemp("w"), pictures(None, None), patience=60.0)
    with running(inputs, stop) as opened:
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

    for step in ("photo_from_phone", "resident_face"):
        play(world, step)
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


@pytest.fixture
def webcam(tmp_path: Path) -> Iterator[Webcam]:
    """A camera before which there is nobody yet."""
    camera = Webcam(tmp_path / "webcam.y4m", portrait(nobody()))
    yield camera
    camera.stop()


@pytest.fixture
def seat(chromium: Browser, webcam: Webcam) -> Iterator[Page]:
    """A page of a browser that has `webcam`, and has been allowed to use it."""
    film = f"--use-file-for-fake-video-capture={webcam.path}"
    browser = chromium.browser_type.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, film])
    context = browser.new_context(locale="zh-CN", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda said: wrong.extend(broken(said)))
    yield context.new_page()
    browser.close()
    assert wrong == []


def broken(said: ConsoleMessage) -> list[str]:
    """Return what a browser complains of, but for a refusal of ours that it has noticed."""
    ours = said.text.startswith("Failed to load resource")
    return [said.text] if said.type == "error" and not ours else []


def consents(world: World) -> list[tuple[str, str, str, bool]]:
    """Return every consent to a text of the demo's page: text, channel, by whom, withdrawn."""
    path = Folder(world.places.root).register
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as register:
        rows = register.execute(
            "SELECT version, channel, by, withdrawn FROM consent WHERE version LIKE 'demo-camera%'"
        ).fetchall()
    return [
        (version, channel, by, withdrawn is not None) for version, channel, by, withdrawn in rows
    ]


def residents(world: World) -> list[str]:
    known = world.witness.ask(wire.Residents)
    assert isinstance(known, wire.ResidentsAre)
    return [row.name for row in known.rows]


def sit_down(world: World, page: Page, webcam: Webcam, film: Film) -> None:
    """Open the stage, agree, and be enrolled."""
    page.goto(world.stage)
    section = page.locator("#viewer")
    expect(section.locator("#consent")).to_have_text(consent.WORDS["zh"])
    expect(section.locator("#open-camera")).to_be_disabled()
    section.locator("#agree").check()
    section.locator("#open-camera").click()
    expect(section.locator("#mirror")).to_be_visible()
    webcam.show(film)
    # The browser's camera shows the new film a few frames later.
    page.wait_for_timeout(700)
    section.locator("#enrol").click()


def until(screen: Page, signal: str) -> str | None:
    """Wait for the lane's screen to say `signal`; return the movement that it asks for."""
    place = screen.locator(f"body[data-signal='{signal}']")
    place.wait_for(state="attached", timeout=90_000)
    return place.get_attribute("data-move")


def test_a_viewer_agrees_is_enrolled_and_erased(world: World, seat: Page, webcam: Webcam) -> None:
    sit_down(world, seat, webcam, portrait(nobody()))
    expect(seat.locator("#viewer-says")).to_contain_text("no face was found")
    assert viewer.NAME not in residents(world)
    webcam.show(portrait(eileen_collins()))
    seat.wait_for_timeout(700)
    seat.locator("#enrol").click()
    expect(seat.locator("#enrolled")).to_be_visible()
    expect(seat.locator("#mirror")).to_be_hidden()
    keep(seat, "viewer-zh")
    assert residents(world).count(viewer.NAME) == 1
    text = consent.version("zh")
    assert (text, "demo-page", "self", False) in consents(world)
    assert not list((world.places.root / "demo").glob("viewer*"))
    assert not world.show.board.playing
    seat.locator("#language").click()
    keep(seat, "viewer-en")
    began = time.monotonic()
    with seat.expect_popup() as opened:
        seat.locator("#my-lane").click()
    opened.value.locator("#camera").click()
    until(opened.value, "move")
    keep(opened.value, "viewer-asked")
    opened.value.close()
    assert world.gates.openings(2, began, time.monotonic()) == 0
    seat.locator("#forget").click()
    expect(seat.locator("#viewer-says")).to_contain_text("Erased")
    assert viewer.NAME not in residents(world)
    assert (text, "demo-page", "self", False) not in consents(world)


def decided(world: World, after: int) -> list[Event]:
    """Return what was decided at the second lane since row `after`, of faces."""
    answer = world.witness.ask(lambda ref: wire.Rows(ref, after, 200))
    assert isinstance(answer, wire.RowsAre)
    return [
        row
        for row in answer.rows
        if row.kind is EventKind.DECISION and row.lane == 2 and row.credential == "face"
    ]


@pytest.mark.long
def test_a_viewer_opens_the_lane_by_moving_as_asked_and_not_otherwise(
    world: World, seat: Page, webcam: Webcam
) -> None:
    person = Mover(need("pad/misc") / "tranvan_real.mp4")
    sit_down(world, seat, webcam, person.rest)
    expect(seat.locator("#enrolled")).to_be_visible()
    began, before = time.monotonic(), world.witness.newest()
    with seat.expect_popup() as opened:
        seat.locator("#my-lane").click()
    screen = opened.value
    screen.locator("#camera").click()
    # The clip holds no turn to the right: asked for one, its person nods, and is refused.
    for _ in range(20):
        asked = Movement(until(screen, "move") or "")
        screen.wait_for_timeout(600)
        webcam.show(person.moving(asked if asked in Mover.KNOWN else Movement.NOD))
        screen.locator("body:not([data-signal='move'])").wait_for(state="attached")
        webcam.show(person.rest)
        if screen.locator("body").get_attribute("data-signal") == "granted":
            break
    keep(screen, "viewer-lane")
    rows = decided(world, before)
    assert rows[-1].answer == OPENED, rows
    assert {row.reason for row in rows[:-1]} <= {"not_live"}
    assert world.gates.openings(2, began, time.monotonic()) == 1
    screen.locator("#camera").click()
    # As at the demo's end.
    world.viewer.erase()
    assert viewer.NAME not in residents(world)
    assert viewer.NAME not in {row.who for row in decided(world, before)}
