"""The guard's page of who is inside, on a real web process and a real stay ledger."""

from collections.abc import Iterator

import pytest

from edge.store.store import Store
from tests.fakes.stay_site import OTHER, PLATE, StaySite, stay_site
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import GUARD, PASSWORD


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StaySite]:
    with stay_site(tmp_path_factory.mktemp("w")) as site:
        yield site


@pytest.fixture
def store(site: StaySite) -> Store:
    return site.store


@pytest.fixture
def guard(site: StaySite) -> Iterator[PlainBrowser]:
    with PlainBrowser(site.web.url) as browser:
        browser.log_in(GUARD, PASSWORD)
        yield browser


def test_a_guard_sees_corrects_and_takes_the_table(store: Store, guard: PlainBrowser) -> None:
    assert 'href="/stays"' in guard.get("/").text
    page = guard.get("/stays").text
    assert all(word in page for word in ("场内 2 辆", "余位 1 / 3", PLATE, OTHER, "僵尸车 2"))
    assert PLATE in guard.get("/stays?days=30").text
    table = guard.get("/stays.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    assert (table.text.count("\r\n"), PLATE in table.text) == (3, True)

    gone = guard.post("/stays/gone", {"zone": "yard", "key": PLATE})
    assert gone.status_code in (200, 303)
    assert PLATE not in guard.get("/stays").text
    assert PLATE in guard.get("/stays.csv?past=90").text
    counted = guard.post("/stays/count", {"zone": "yard", "number": "3"})
    assert counted.status_code in (200, 303)
    assert "余位 0 / 3" in guard.get("/stays").text
    said = [(one.reason, one.who) for one in store.events(newest=True, limit=2)]
    assert said == [("stay_counted", GUARD), ("stay_seen_gone", GUARD)]


def test_what_cannot_be_is_refused_in_words(guard: PlainBrowser) -> None:
    unknown = guard.post("/stays/gone", {"zone": "yard", "key": "粤C00001"})
    assert (unknown.status_code, "台账中没有这条" in unknown.text) == (409, True)
    for path, form in (
        ("/stays/gone", {"zone": "<b>", "key": PLATE}),
        ("/stays/gone", {"zone": "yard", "key": "x" * 65}),
        ("/stays/count", {"zone": "yard", "number": "-1"}),
    ):
        assert guard.post(path, form).status_code == 400
    assert guard.get("/stays?days=0").status_code == 400
    assert guard.get("/stays.csv?past=91").status_code == 400
