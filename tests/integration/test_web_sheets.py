"""Tables of the register: out as CSV, in after a look, all of it or nothing, twice the same."""

from collections.abc import Iterator

import httpx
import pytest

from edge import wire
from edge.core.sheet_desk import LASTS
from tests.fakes.register_pages import MANAGER, register_pages
from tests.fakes.register_site import RegisterSite, register_site
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import PASSWORD, WebSite

PEOPLE = "房号,姓名,类别,有效期至\r\n3-1-502,林晓,业主,\r\n12-2-101,=Ann,租户,2026-12-31\r\n"
CARS = "房号,车牌,车主,备注\r\n3-1-502,浙A12345,林晓,白色\r\n12-2-101,沪C00001,,\r\n"
NAME = "ab" * 16


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WebSite, RegisterSite]]:
    with register_pages(tmp_path_factory.mktemp("w")) as both:
        yield both


@pytest.fixture
def desk(pages: tuple[WebSite, RegisterSite]) -> Iterator[PlainBrowser]:
    with PlainBrowser(pages[0].url) as browser:
        browser.log_in(MANAGER, PASSWORD)
        browser.get("/sheets")
        yield browser


def _check(browser: PlainBrowser, kind: str, content: bytes) -> httpx.Response:
    fields = {"csrf": browser.token, "kind": kind}
    files = {"file": ("x.csv", content, "text/csv")}
    return browser.http.post("/sheets", data=fields, files=files)


def _apply(browser: PlainBrowser, kind: str, checked: httpx.Response) -> str:
    name = checked.text.split('name="sheet" value="', 1)[1][:32]
    done = browser.post("/sheets/apply", {"kind": kind, "sheet": name})
    assert done.status_code == 200, done.text
    return done.text


def test_tables_go_in_come_out_and_go_in_again_without_a_change(
    pages: tuple[WebSite, RegisterSite], desk: PlainBrowser
) -> None:
    register = pages[1]
    looked = _check(desk, "residents", PEOPLE.encode("gbk"))
    assert (looked.status_code, "将新增 2" in looked.text) == (200, True)
    assert register.store.residents() == ()
    assert "新增 2" in _apply(desk, "residents", looked)
    assert [one.name for one in register.store.residents()] == ["林晓", "=Ann"]
    _apply(desk, "vehicles", _check(desk, "vehicles", CARS.encode("utf-8-sig")))
    home = register.household()
    assert [(one.plate, one.label, one.resident) for one in home.cars] == [
        ("浙A12345", "白色", home.people[0].id)
    ]
    for kind in ("residents", "vehicles"):
        out = desk.http.get(f"/sheets/{kind}.csv")
        assert out.headers["content-disposition"] == f'attachment; filename="{kind}.csv"'
        again = _check(desk, kind, out.content)
        assert (again.status_code, "未变 2" in again.text) == (200, True), again.text
        assert "/sheets/apply" not in again.text
    assert "'=Ann" in desk.http.get("/sheets/residents.csv").text
    assert register.reasons().count("register_imported") == 2
    (row,) = [one for one in register.journal() if one.reason == "register_imported"][:1]
    assert (row.who, row.note) == (MANAGER, "+2 ~0 =0")


def test_a_file_with_one_mistake_changes_nothing(
    pages: tuple[WebSite, RegisterSite], desk: PlainBrowser
) -> None:
    before = pages[1].store.residents()
    bad = _check(desk, "residents", "房号,姓名,类别\n7-1-1,新人,业主\n7-1-2,<b>,国王\n".encode())
    assert bad.status_code == 409
    assert all(word in bad.text for word in ("1 处错误", "请写 业主、家属、租户", "国王"))
    assert ("<b>" in bad.text, "/sheets/apply" in bad.text) == (False, False)
    assert pages[1].store.residents() == before
    assert _check(desk, "pets", PEOPLE.encode()).status_code == 400
    assert _check(desk, "residents", b"x" * 1024 * 1024).status_code == 413
    assert desk.post("/sheets/apply", {"kind": "residents", "sheet": NAME}).status_code == 409
    assert desk.get("/sheets/pets.csv").status_code == 400


@pytest.fixture
def site() -> Iterator[RegisterSite]:
    with register_site() as site:
        yield site


def _put(site: RegisterSite, text: str, kind: str = "residents", by: str = "chen") -> wire.SheetIs:
    said = site.ask(wire.PutSheet(1, NAME, kind, 0, 1, text.encode(), by))
    assert isinstance(said, wire.SheetIs), said
    return said


def _load(site: RegisterSite, by: str = "chen") -> wire.SheetIs:
    said = site.ask(wire.ApplySheet(1, NAME, by))
    assert isinstance(said, wire.SheetIs), said
    return said


def test_what_is_known_is_changed_and_what_the_file_leaves_out_stays(site: RegisterSite) -> None:
    lin = site.add("林晓", until="2026-06-30")
    site.add("李雷")
    looked = _put(site, "home,name,kind\n3-1-502,林晓,tenant\n3-1-503,韩梅梅,owner\n")
    assert (looked.new, looked.changed, looked.same, looked.wrong) == (1, 1, 0, 0)
    assert [one.name for one in site.household("3-1-503").people] == []
    done = _load(site)
    assert (done.applied, done.new, done.changed) == (True, 1, 1)
    rows = {one.name: one for one in site.household().people}
    assert (rows["林晓"].id, rows["林晓"].kind, rows["林晓"].until) == (lin, "tenant", "2026-06-30")
    assert rows["李雷"].kind == "owner"
    _put(site, "home,name,kind,until\n3-1-502,林晓,tenant,\n")
    _load(site)
    assert {one.name: one.until for one in site.household().people}["林晓"] is None
    assert site.eyes.refreshed


def test_cars_keep_their_homes_and_name_owners_who_are_there(site: RegisterSite) -> None:
    site.add("林晓")
    site.done(wire.AddVehicle(1, "浙A12345", "9-9-9", None, "t", None, ""))
    said = _put(
        site,
        "home,plate,owner\n3-1-502,浙A12345,\n3-1-502,浙B00001,李雷\n3-1-502,浙B00002,林晓\n",
        "vehicles",
    )
    found = [(one.line, one.column, one.rule) for one in said.mistakes]
    assert found == [(2, "home", "other_home"), (3, "owner", "no_owner")]
    assert not _load(site).applied
    assert site.household().cars == ()


def test_a_register_that_changed_meanwhile_is_compared_again(site: RegisterSite) -> None:
    assert _put(site, "home,plate\n3-1-502,浙A12345\n", "vehicles").new == 1
    site.done(wire.AddVehicle(1, "浙A12345", "9-9-9", None, "t", None, ""))
    said = _load(site)
    assert (said.applied, said.wrong) == (False, 1)


def test_a_sheet_belongs_to_who_brought_it_and_waits_a_quarter_of_an_hour(
    site: RegisterSite,
) -> None:
    text = "home,name,kind\n3-1-502,林晓,owner\n"
    _put(site, text)
    assert "not here any more" in site.refused(wire.ApplySheet(1, NAME, "wang"))
    site.clock.forward(LASTS)
    assert "not here any more" in site.refused(wire.ApplySheet(1, NAME, "chen"))
    _put(site, text)
    assert _load(site).applied
    assert "not here any more" in site.refused(wire.ApplySheet(1, NAME, "chen"))
    assert len(site.household().people) == 1


def test_parts_come_in_turn_and_have_an_end(site: RegisterSite) -> None:
    data = b"home,name,kind\n3-1-502,\xe6\x9e\x97,owner\n"
    half = wire.PutSheet(1, NAME, "residents", 0, 2, data[:24], "chen")
    assert site.ask(half) == wire.SheetIs(1, NAME)
    for part, by in ((1, "wang"), (2, "chen")):
        assert "missing" in site.refused(
            wire.PutSheet(1, NAME, "residents", part, 2, data[24:], by)
        )
    whole = site.ask(wire.PutSheet(1, NAME, "residents", 1, 2, data[24:], "chen"))
    assert isinstance(whole, wire.SheetIs)
    assert (whole.ready, whole.new) == (True, 1)
    big = b"x" * 120_000
    said: wire.AnyMessage = site.ask(wire.PutSheet(1, NAME, "residents", 0, 9, big, "chen"))
    for part in range(1, 9):
        said = site.ask(wire.PutSheet(1, NAME, "residents", part, 9, big, "chen"))
    assert isinstance(said, wire.Failed)
    assert "over 1 MB" in said.text
    for parts, name in ((0, NAME), (17, NAME), (1, "../x")):
        assert site.refused(wire.PutSheet(1, name, "residents", 0, parts, b"", "chen"))
    assert site.refused(wire.PutSheet(1, NAME, "pets", 0, 1, b"", "chen"))
