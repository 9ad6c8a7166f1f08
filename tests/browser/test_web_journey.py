"""What a guard and a passer-by do with the pages, in a real browser."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from models.command import Outcome
from models.event import EventKind
from models.lane import Credential, Direction
from models.observation import GuardReason
from tests.fakes.core import Person
from tests.fakes.web_eye import portrait
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, wait_for, web_site

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

RESIDENT = Person(Credential.FACE, "林晓", "3-1-502", portrait(90))
STRANGER = Person(Credential.FACE, crop=portrait(150))
NO, YES = [196], [660, 990]


@pytest.fixture(autouse=True)
def _calm(site: WebSite) -> None:
    """Every test begins with both barriers closed and nothing wrong."""
    site.core.relay = Outcome.DONE
    site.core.presses.clear()
    site.core.checks.clear()
    for number in (1, 2):
        site.core.lane(number, barrier="closed", measured=True, relay_ok=True)
    site.core.change(faults=(), backlog=0, centre="ok")


def _row(seq: int) -> str:
    return f"#row-1f0c5a8e-{seq}"


def _screen(site: WebSite, page: Page, number: int) -> Page:
    site.core.show(number, "idle", "")
    page.goto(f"{site.url}{site.lane_link(number)}")
    expect(page.locator("body")).to_have_attribute("data-signal", "idle")
    return page


def test_from_the_claim_code_to_the_first_opening(tmp_path: Path, visit: "Visit") -> None:
    with web_site(tmp_path) as site:
        page = visit()
        page.goto(f"{site.url}/claim?code={site.core.claim}")
        expect(page.locator("#code")).to_have_value(site.core.claim)
        page.fill("#name", GUARD)
        page.fill("#password", PASSWORD)
        page.fill("#again", PASSWORD)
        page.click("form[action='/claim'] button")
        page.wait_for_url("**/login?welcome=1")
        page.fill("#name", GUARD)
        page.fill("#password", "a wrong password")
        page.click("form[action='/login'] button")
        expect(page.get_by_role("alert")).to_contain_text("姓名或密码不对")
        page.fill("#password", PASSWORD)
        page.click("form[action='/login'] button")
        expect(page.locator("#empty")).to_be_visible()

        refused = site.core.see(1, STRANGER, "refused", "unknown_face")
        row = page.locator(_row(refused.seq))
        expect(row).to_contain_text("未登记人员")
        row.get_by_role("button", name="放行").click()
        page.get_by_role("button", name="快递外卖").click()
        expect(page.locator("#notice")).to_contain_text("1 东门人行 · 已放行")
        (seen,) = site.core.presses
        assert (seen.guard, seen.why, seen.answers) == (GUARD, GuardReason.DELIVERY, refused.seq)
        expect(row).to_contain_text("已处理")
        expect(row.get_by_role("button", name="放行")).to_be_hidden()
        expect(page.locator(_row(refused.seq + 1))).to_contain_text("保安")

        page.click("form[action='/logout'] button")
        page.wait_for_url("**/login")
        page.goto(site.url)
        page.wait_for_url("**/login")


def test_a_row_appears_by_itself_and_its_outcome_rewrites_it(site: WebSite, desk: Page) -> None:
    event = site.core._record(
        kind=EventKind.DECISION,
        lane=1,
        direction=Direction.ENTRY,
        credential=Credential.FACE,
        answer="opened",
        reason="resident",
        who="林晓",
        home="3-1-502",
    )
    row = desk.locator(_row(event.seq))
    expect(row).to_contain_text("放行中")
    site.core.report(event)
    expect(row).to_contain_text("已放行")
    expect(row).to_contain_text("184")
    expect(row).to_have_count(1)
    expect(desk.locator("#rows tr").first).to_have_id(_row(event.seq)[1:])
    expect(desk.locator("#said")).to_contain_text("林晓")


def test_a_name_that_was_erased_leaves_the_page(site: WebSite, desk: Page) -> None:
    first = site.core.see(1, Person(Credential.FACE, "江月", "5-2-101"), "opened", "resident")
    last = site.core.see(1, STRANGER, "refused", "unknown_face")
    expect(desk.locator(_row(first.seq))).to_contain_text("江月")
    expect(desk.locator("body")).to_have_attribute("data-chimed", str(last.seq))
    site.core.erase("江月")
    expect(desk.locator(_row(first.seq))).not_to_contain_text("江月")
    expect(desk.locator(_row(first.seq))).to_contain_text("已放行")
    expect(desk.locator("#rows tr").first).to_contain_text("注销住户")
    expect(desk.locator(_row(last.seq))).to_have_count(1)
    expect(desk.locator("body")).not_to_contain_text("江月")
    expect(desk.locator("body")).to_have_attribute("data-chimed", str(last.seq))


def test_a_relay_that_fails_is_seen_in_the_row_and_can_be_tried_again(
    site: WebSite, desk: Page
) -> None:
    site.core.relay = Outcome.TIMED_OUT
    event = site.core.see(1, RESIDENT, "opened", "resident")
    row = desk.locator(_row(event.seq))
    expect(row).to_contain_text("道闸未回应")
    expect(row.get_by_role("button", name="放行")).to_be_visible()


def test_a_refusal_chimes_once_sound_is_on(site: WebSite, desk: Page) -> None:
    button = desk.locator("#sound")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    desk.evaluate("window.tones.length = 0")
    event = site.core.see(1, RESIDENT, "opened", "resident")
    expect(desk.locator(_row(event.seq))).to_contain_text("已放行")
    assert desk.evaluate("window.tones") == []
    event = site.core.see(1, STRANGER, "refused", "unknown_face")
    expect(desk.locator(_row(event.seq))).to_contain_text("未放行")
    assert desk.evaluate("window.tones") == [880, 660]


def test_nothing_sounds_before_the_first_touch(site: WebSite, desk: Page) -> None:
    desk.reload()
    expect(desk.locator("#sound")).to_have_attribute("aria-pressed", "false")
    event = site.core.see(1, STRANGER, "refused", "unknown_face")
    expect(desk.locator(_row(event.seq))).to_contain_text("未放行")
    assert desk.evaluate("window.tones") == []


def test_a_lane_is_opened_by_hand_from_its_tile_in_the_chosen_direction(
    site: WebSite, desk: Page
) -> None:
    desk.locator(".tile").nth(1).get_by_role("button", name="放行").click()
    desk.get_by_role("radio", name="出").check()
    desk.fill("#note", "老人忘带手机")
    desk.get_by_role("button", name="识别失败的住户").click()
    expect(desk.locator("#notice")).to_contain_text("2 访客通道 · 已放行")
    (seen,) = site.core.presses
    assert (seen.at.lane, seen.at.direction, seen.note) == (2, Direction.EXIT, "老人忘带手机")
    assert seen.answers is None
    expect(desk.locator("#lane-2")).to_contain_text("已打开")


def test_an_opening_needs_no_mouse(site: WebSite, desk: Page) -> None:
    event = site.core.see(1, STRANGER, "refused", "unknown_face")
    button = desk.locator(f"{_row(event.seq)} button.open")
    button.focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="识别失败的住户")).to_be_focused()
    desk.keyboard.press("Tab")
    desk.keyboard.press("Enter")
    expect(desk.locator("#notice")).to_contain_text("已放行")
    assert [seen.why for seen in site.core.presses] == [GuardReason.VISITOR_CONFIRMED]


def test_enter_in_the_note_chooses_no_reason(site: WebSite, desk: Page) -> None:
    desk.locator(".tile").first.get_by_role("button", name="放行").click()
    desk.fill("#note", "老人")
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="识别失败的住户")).to_be_focused()
    assert site.core.presses == []


def test_two_quick_taps_are_one_opening(site: WebSite, desk: Page) -> None:
    desk.locator(".tile").first.get_by_role("button", name="放行").click()
    desk.evaluate(
        "for (let tap = 0; tap < 2; tap++) document.querySelector('.reasons button').click()"
    )
    expect(desk.locator("#notice")).to_contain_text("已放行")
    desk.wait_for_timeout(300)
    assert len(site.core.presses) == 1


def test_a_dialog_that_is_left_opens_nothing(site: WebSite, desk: Page) -> None:
    desk.locator(".tile").first.get_by_role("button", name="放行").click()
    expect(desk.locator("#why")).to_be_visible()
    desk.keyboard.press("Escape")
    expect(desk.locator("#why")).to_be_hidden()
    desk.locator(".tile").first.get_by_role("button", name="放行").click()
    desk.get_by_role("button", name="取消").click()
    expect(desk.locator("#why")).to_be_hidden()
    assert site.core.presses == []


def test_a_scanner_types_a_code_and_enter(site: WebSite, desk: Page) -> None:
    code = "KH1:6BF+70R30FFWTWGSL +/A"
    site.core.codes[code] = ("refused", "used")
    desk.select_option("#where", "2 entry")
    desk.focus("#code")
    desk.keyboard.type(code)
    desk.keyboard.press("Enter")
    expect(desk.locator("#check-answer")).to_contain_text("2 访客通道 · 未放行 · 已使用")
    assert [each.text for each in site.core.checks] == [code]
    expect(desk.locator("#code")).to_be_focused()
    expect(desk.locator("#code")).to_have_value("")


def test_the_state_of_a_barrier_is_in_words_and_follows(site: WebSite, desk: Page) -> None:
    tile = desk.locator("#lane-1")
    expect(tile).to_contain_text("已关闭")
    site.core.lane(1, barrier="opening", measured=False)
    expect(tile).to_contain_text("已发开闸指令")
    site.core.lane(1, barrier="held_fire", occupied=True)
    expect(tile).to_contain_text("消防联动，保持打开")
    expect(tile).to_contain_text("通道内有人")
    expect(tile.locator("svg").first).to_be_visible()
    tile.get_by_role("button", name="已查看，恢复使用").click()
    expect(desk.locator("#notice")).to_contain_text("道闸已恢复使用")
    expect(tile).to_contain_text("已关闭")
    site.core.lane(1, occupied=False)
    assert site.core.resets[-1] == (1, GUARD)


def test_live_pictures_move(desk: Page) -> None:
    image = desk.locator(".live img").first
    expect(image).to_be_visible()
    first = image.get_attribute("src")
    expect(image).not_to_have_attribute("src", first or "")
    assert (first or "").startswith("blob:")


def test_evidence_opens_large(site: WebSite, desk: Page) -> None:
    event = site.core.see(1, STRANGER, "refused", "unknown_face")
    desk.locator(f"{_row(event.seq)} .crop").click()
    expect(desk.locator("#large img")).to_have_js_property("naturalWidth", 160)
    desk.get_by_role("button", name="关闭").click()
    expect(desk.locator("#large")).to_be_hidden()


def test_the_language_is_kept(site: WebSite, desk: Page) -> None:
    expect(desk.locator("html")).to_have_attribute("lang", "zh-CN")
    desk.get_by_role("button", name="English").click()
    expect(desk.locator("html")).to_have_attribute("lang", "en")
    event = site.core.see(1, STRANGER, "refused", "unknown_face")
    expect(desk.locator(_row(event.seq))).to_contain_text("Not registered")
    desk.reload()
    expect(desk.get_by_role("heading", name="Entries and exits")).to_be_visible()
    desk.get_by_role("button", name="中文").click()
    expect(desk.locator("html")).to_have_attribute("lang", "zh-CN")


def test_a_core_that_restarts_is_said_to_and_the_log_goes_on(site: WebSite, desk: Page) -> None:
    site.core.stop()
    expect(desk.locator(".chips")).to_contain_text("核心程序重启中")
    missed = site.core.see(1, STRANGER, "refused", "unknown_face")
    site.core.start()
    expect(desk.locator(".chips")).not_to_contain_text("核心程序重启中")
    expect(desk.locator(_row(missed.seq))).to_contain_text("未登记人员")


def test_the_lane_screen_answers_by_colour_symbol_words_and_tone(
    site: WebSite, visit: "Visit"
) -> None:
    page = _screen(site, visit(viewport={"width": 390, "height": 844}), 1)
    assert "key=" not in page.url
    page.locator("#sound").click()
    expect(page.locator("#sound")).to_be_hidden()
    page.evaluate("window.tones.length = 0")

    site.core.see(1, STRANGER, "refused", "unknown_face")
    expect(page.locator("#answer")).to_contain_text("未识别，请刷码、刷卡或呼叫保安")
    expect(page.locator("#answer")).to_contain_text("Not recognised")
    expect(page.locator(".for-refused")).to_be_visible()
    assert page.evaluate("window.tones") == NO

    page.evaluate("window.tones.length = 0")
    site.core.see(1, RESIDENT, "opened", "resident")
    expect(page.locator("#answer")).to_contain_text("请通行")
    expect(page.locator(".for-granted")).to_be_visible()
    expect(page.locator(".for-refused")).to_be_hidden()
    assert page.evaluate("window.tones") == YES
    assert "林晓" not in page.content()

    site.core.see(1, STRANGER, "asked", "clock")
    expect(page.locator("#answer")).to_contain_text("请稍候，保安马上协助")
    site.core.show(1, "idle", "")
    expect(page.locator("body")).to_have_attribute("data-signal", "idle")


def test_an_answer_leaves_the_screen_by_itself(site: WebSite, visit: "Visit") -> None:
    page = _screen(site, visit(), 1)
    site.core.see(1, STRANGER, "refused", "forged")
    expect(page.locator("body")).to_have_attribute("data-signal", "refused")
    expect(page.locator("body")).to_have_attribute("data-signal", "idle", timeout=20_000)


def test_a_screen_that_loses_the_line_says_so_and_comes_back(
    tmp_path: Path, visit: "Visit"
) -> None:
    page = visit()
    with web_site(tmp_path) as site:
        _screen(site, page, 1)
        port = site.url.rpartition(":")[2]
    expect(page.locator("#answer")).to_contain_text("网络中断")
    with web_site(tmp_path, port=int(port)):
        expect(page.locator("body")).to_have_attribute("data-signal", "idle")


def test_the_call_button_reaches_the_desk(site: WebSite, visit: "Visit", desk: Page) -> None:
    desk.locator("#sound").click()
    page = _screen(site, visit(viewport={"width": 390, "height": 844}), 2)
    page.get_by_role("button", name="呼叫保安").click()
    expect(page.locator("#answer")).to_contain_text("请稍候，保安马上协助")
    wait_for(lambda: site.core.rows[-1].kind is EventKind.CALL)
    call = desk.locator(f"#call-{_row(site.core.rows[-1].seq)[1:]}")
    expect(call).to_contain_text("2 访客通道")
    expect(desk.get_by_role("alert")).to_contain_text("有人呼叫保安")
    desk.wait_for_function("window.tones.includes(988)")
    call.get_by_role("button", name="知道了").click()
    expect(call).to_have_count(0)
    desk.reload()
    expect(desk.locator("body.desk")).to_be_visible()
    expect(call).to_have_count(0)


def test_a_device_without_the_key_is_turned_away(site: WebSite, visit: "Visit") -> None:
    page = visit()
    answer = page.goto(f"{site.url}/lane/1")
    assert answer is not None
    assert answer.status == 403
    expect(page.locator(".notice")).to_contain_text("这台设备还不是本通道的通道屏")


def test_a_manager_makes_a_new_key_and_the_old_screen_is_none(
    site: WebSite, visit: "Visit"
) -> None:
    site.admit("主任", "manager")
    screen, boss = _screen(site, visit(), 1), visit()
    boss.goto(f"{site.url}/login")
    boss.fill("#name", "主任")
    boss.fill("#password", PASSWORD)
    boss.click("form[action='/login'] button")
    tile = boss.get_by_role("article", name="1 东门人行")
    link = tile.get_by_role("link", name="通道屏")
    before = link.get_attribute("href")
    boss.once("dialog", lambda dialog: dialog.accept())
    tile.get_by_role("button", name="更换通道屏密钥").click()
    expect(boss.locator("#notice")).to_contain_text("通道屏密钥已更换")
    expect(link).to_have_attribute("href", site.lane_link(1))
    assert before != site.lane_link(1)
    expect(screen.locator(".notice")).to_contain_text("这台设备还不是本通道的通道屏")
    _screen(site, screen, 1)


def test_a_second_devices_camera_takes_over_and_the_first_says_so(
    site: WebSite, visit: "Visit"
) -> None:
    first = _screen(site, visit(permissions=["camera"]), 2)
    second = _screen(site, visit(permissions=["camera"]), 2)
    for page in (first, second):
        page.get_by_role("button", name="使用本机摄像头").click()
        expect(page.locator("#camera")).to_have_attribute("aria-pressed", "true")
    expect(first.locator("#camera-problem")).to_contain_text("正在使用另一台设备的摄像头")
    expect(first.locator("#camera")).to_have_attribute("aria-pressed", "false")
    expect(second.locator("#camera-problem")).to_be_hidden()
    expect(second.locator("#camera")).to_have_attribute("aria-pressed", "true")


def test_a_devices_camera_becomes_the_lanes(site: WebSite, visit: "Visit") -> None:
    site.eye.pushed.clear()
    page = _screen(site, visit(permissions=["camera"]), 2)
    button = page.get_by_role("button", name="使用本机摄像头")
    button.click()
    wait_for(lambda: len(site.eye.pushed) >= 3, 30)
    expect(page.get_by_role("button", name="摄像头已启用")).to_have_attribute(
        "aria-pressed", "true"
    )
    pushed = site.eye.pushed[2]
    with Image.open(io.BytesIO(pushed.jpeg)) as picture:
        assert picture.format == "JPEG"
        assert picture.width <= 640
    assert pushed.camera == "cam-2"
    assert 0 <= pushed.age < 3
    page.get_by_role("button", name="摄像头已启用").click()
    expect(page.locator("#mirror")).to_have_js_property("srcObject", None)


def test_a_lane_with_its_own_camera_offers_none(site: WebSite, visit: "Visit") -> None:
    page = _screen(site, visit(), 1)
    expect(page.locator("#camera")).to_have_count(0)
