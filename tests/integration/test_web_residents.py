"""A manager marks who is never asked for a movement, and a guard does not."""

from collections.abc import Iterator

import pytest

from edge import wire
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, served

_MANAGER = "陈经理"
_LIN, _LI = "0" * 15 + "1", "0" * 15 + "2"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    with served(tmp_path_factory.mktemp("w")) as site:
        site.admit(GUARD, "guard")
        site.admit(_MANAGER, "manager")
        for key, name, home in ((_LIN, "林晓", "3-1-502"), (_LI, "李雷", "3-2-101")):
            site.core.people.rows[key] = wire.ResidentRow(key, name, home, "owner", None, ("face",))
        for number in range(3, 350):
            key = f"{number:016x}"
            home = f"9-1-{number}"
            site.core.people.rows[key] = wire.ResidentRow(
                key, f"P{number}", home, "owner", None, ()
            )
        yield site


@pytest.fixture
def desk(site: WebSite) -> Iterator[PlainBrowser]:
    with PlainBrowser(site.url) as browser:
        browser.log_in(_MANAGER, PASSWORD)
        yield browser


def test_a_manager_marks_a_resident_and_takes_it_back(site: WebSite, desk: PlainBrowser) -> None:
    assert 'href="/residents"' in desk.get("/").text
    for on, said in (("true", "恢复让林晓做动作"), ("false", "不再让林晓做动作")):
        answer = desk.post("/second-factor", {"resident": _LIN, "on": on})
        assert answer.status_code in (200, 303)
        assert site.core.people.rows[_LIN].second_factor is (on == "true")
        assert said in desk.get("/residents?find=3-1-502").text


def test_somebody_is_found_by_home_or_name_among_many(desk: PlainBrowser) -> None:
    first = desk.get("/residents").text
    assert first.count('name="resident"') == 100
    assert "还有 249 人" in first
    for find in ("p349", "9-1-349"):
        found = desk.get(f"/residents?find={find}").text
        assert (found.count('name="resident"'), "P349" in found) == (1, True)
    nobody = desk.get("/residents?find=%3Cb%3E").text
    assert ("没有找到" in nobody, "<b>" in nobody) == (True, False)


def test_what_is_no_resident_is_refused_in_words(desk: PlainBrowser) -> None:
    gone = desk.post("/second-factor", {"resident": "f" * 16, "on": "true"})
    assert (gone.status_code, "没有这位住户" in gone.text) == (409, True)
    for bad in ({"resident": "x", "on": "true"}, {"resident": _LI, "on": "perhaps"}):
        assert desk.post("/second-factor", bad).status_code == 400


def test_a_guard_neither_sees_the_residents_nor_marks_one(site: WebSite) -> None:
    with PlainBrowser(site.url) as guard:
        guard.log_in(GUARD, PASSWORD)
        assert "/residents" not in guard.get("/").text
        assert guard.get("/residents").status_code == 403
        asked = guard.post("/second-factor", {"resident": _LI, "on": "true"})
        assert asked.status_code == 403
    assert not site.core.people.rows[_LI].second_factor
