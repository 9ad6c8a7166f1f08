"""The operator's pages in a real browser: from the first account to an edge that is put out."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from central.operator.accounts import Role
from tests.browser.conftest import Visit
from tests.fakes.operator_site import COMPOUND, NAME, PASSWORD, OperatorSite, operator_site

PICTURES = Path(__file__).resolve().parents[2] / "artefacts" / "screenshots"
SIZES = {
    "desktop": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}},
}
LANGUAGES = {"zh": "zh-CN", "en": "en-GB"}


@pytest.fixture
def site(tmp_path: Path) -> Iterator[OperatorSite]:
    with operator_site(tmp_path) as site:
        yield site


def enter(site: OperatorSite, page: Page, name: str) -> None:
    page.goto(f"{site.url}/staff/login")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("form[action='/staff/login'] button")
    expect(page.locator("main.container")).to_be_visible()


def fine(page: Page, name: str = "") -> None:
    """Hold that everyone can use what is shown and nothing sticks out; keep a picture if named."""
    if name:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"operator-{name}.png", full_page=True)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["target"] for node in each["nodes"]]) for each in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_an_operator_begins_and_lets_an_edge_in_and_puts_it_out(
    site: OperatorSite, visit: Visit
) -> None:
    page = visit(**SIZES["desktop"], locale="zh-CN")
    page.goto(f"{site.url}/staff")
    page.get_by_label("终端上的认领码").fill(site.first_code())
    page.get_by_label("账号名").fill("chen")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="创建账号").click()
    page.get_by_label("账号名").fill("chen")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("还没有小区。")).to_be_visible()

    page.get_by_label("站点文件中的编号").fill(COMPOUND)
    page.get_by_label("小区名称").fill(NAME)
    page.get_by_role("button", name="接入").click()
    expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    page.get_by_role("button", name="生成边缘机认领码").click()
    code = page.locator(".notice code").inner_text()
    fine(page)
    page.goto(f"{site.url}/staff/compounds/{COMPOUND}")
    expect(page.locator(".notice code")).to_have_count(0)

    gate = site.claimed(code, "odd")
    page.reload()
    expect(page.get_by_text("已是最新")).to_be_visible()
    site.told()
    site.hands_in(gate)
    page.reload()
    expect(page.get_by_text("落后 1 条")).to_be_visible()
    page.get_by_text("搁置的内容").click()
    expect(page.get_by_text(re.compile("日志 aaaaaaaa 第 1 条"))).to_be_visible()
    fine(page)

    revoke = page.get_by_role("button", name="吊销")
    expect(revoke).to_be_hidden()
    page.get_by_text("吊销此边缘机").click()
    expect(page.get_by_text("确定立即断开吗？")).to_be_visible()
    revoke.click()
    expect(page.get_by_text("已吊销：")).to_be_visible()
    expect(revoke).to_have_count(0)


def test_a_reader_sees_all_and_can_press_nothing(site: OperatorSite, visit: Visit) -> None:
    site.furnish()
    page = visit(**SIZES["phone"], locale="en-GB")
    enter(site, page, f"the-{Role.READER}")
    own = ["中文", "Log out"]
    expect(page.get_by_role("button")).to_have_text(own)
    fine(page)
    page.get_by_role("link", name=NAME).click()
    expect(page.get_by_text("3 items behind")).to_be_visible()
    expect(page.get_by_text("Nothing has been heard of it")).to_have_count(1)
    expect(page.get_by_role("button")).to_have_text(own)
    expect(page.get_by_role("link", name="Accounts")).to_have_count(0)
    fine(page)


@pytest.mark.long
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_looks_as_it_should(
    site: OperatorSite, visit: Visit, language: str, size: str
) -> None:
    page = visit(**SIZES[size], locale=LANGUAGES[language])
    end = f"{language}-{size}"
    page.goto(f"{site.url}/staff/login")
    fine(page, f"first-{end}")
    site.furnish()
    page.reload()
    fine(page, f"login-{end}")
    page.fill("#name", "nobody")
    page.fill("#password", PASSWORD)
    page.click("form[action='/staff/login'] button")
    fine(page, f"wrong-{end}")
    enter(site, page, f"the-{Role.OPERATOR}")
    fine(page, f"compounds-{end}")
    page.goto(f"{site.url}/staff/people")
    page.locator("summary").last.click()
    fine(page, f"people-{end}")
    page.goto(f"{site.url}/staff/compounds/{COMPOUND}")
    for each in page.locator("summary").all():
        each.click()
    fine(page, f"compound-{end}")
    page.click("form[action$='/code'] button")
    expect(page.locator(".notice code")).to_be_visible()
    fine(page, f"code-{end}")
