"""What a guard presses has an age; a lock-down and a held barrier; older rows of the log."""

import re
from collections.abc import Iterator

import pytest

from edge.clock import monotonic
from edge.web.press import TICK_LASTS
from edge.web.seal import Seal
from models.lane import Credential
from tests.fakes.core import Person
from tests.fakes.web_browser import PlainBrowser, read_stream
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, served, wait_for

OPEN = {"lane": "1", "direction": "entry", "why": "delivery", "note": "", "answers": ""}
ORDER = {"lane": "2", "what": "lock_down", "reason": " 有人翻越 "}
LATE = "网络太慢，这次操作到得太晚，没有执行。请看一下现场再按一次。"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    with served(tmp_path_factory.mktemp("w")) as site:
        site.admit(GUARD, "guard")
        yield site


@pytest.fixture
def site(shared: WebSite) -> WebSite:
    """A site of which nothing has been asked yet."""
    for asked in (shared.core.presses, shared.core.orders, shared.core.checks):
        asked.clear()  # type: ignore[attr-defined] # lists of different things
    return shared


@pytest.fixture
def desk(site: WebSite) -> Iterator[PlainBrowser]:
    with PlainBrowser(site.url) as browser:
        browser.log_in(GUARD, PASSWORD)
        yield browser


def tick(site: WebSite, browser: PlainBrowser, ago: float, **changed: object) -> dict[str, str]:
    """Return the headers of a press whose tick was given `ago` seconds before."""
    session = site.seal.read("desk", browser.http.cookies["kuahu-desk"])
    assert isinstance(session, dict)
    words = {"nonce": session["nonce"], "purpose": "press", "since": 0.0, "seal": site.seal}
    words |= changed
    seal, purpose = words["seal"], words["purpose"]
    assert isinstance(seal, Seal)
    signed = seal.sign(str(purpose), [words["nonce"], monotonic() - ago])
    return {"x-tick": signed, "x-since": str(words["since"])}


# --- the age of a press --------------------------------------------------------------------------


def test_a_press_is_dated_by_its_tick_and_the_time_since(site: WebSite, desk: PlainBrowser) -> None:
    before = monotonic()
    answer = desk.post("/open", OPEN, **tick(site, desk, 10.0, since=9000.0))
    assert answer.status_code == 200
    (seen,) = site.core.presses
    assert before - 1.05 <= seen.at.captured <= monotonic() - 1.0, "a second old, and no younger"


@pytest.mark.parametrize(("path", "form"), [("/open", OPEN), ("/order", ORDER)])
def test_what_a_stalled_network_brings_too_late_does_nothing(
    site: WebSite, desk: PlainBrowser, path: str, form: dict[str, str]
) -> None:
    answer = desk.post(path, form, **tick(site, desk, 4.0, since=900.0))
    assert answer.status_code == 409
    assert LATE in answer.text
    assert (site.core.presses, site.core.orders) == ([], [])
    assert desk.post(path, form).status_code == 200, "its answer brought a new tick"
    assert len(site.core.presses) + len(site.core.orders) == 1


def test_a_code_that_was_scanned_long_ago_is_not_looked_at(
    site: WebSite, desk: PlainBrowser
) -> None:
    scan = {"where": "2 exit", "text": "KH1:6BF"}
    assert desk.post("/check", scan, **tick(site, desk, 4.0)).status_code == 409
    assert site.core.checks == []
    assert desk.post("/check", scan, **tick(site, desk, 4.0, since=3500.0)).status_code == 200
    (asked,) = site.core.checks
    assert asked.pressed is not None
    assert monotonic() - asked.pressed >= 0.5


@pytest.mark.parametrize(
    "changed",
    [
        {"nonce": "somebody else's"},
        {"purpose": "tick"},
        {"seal": Seal(b"x" * 32)},
        {"since": 5000.0},
        {"since": "inf"},
        {"since": "nan"},
        {"since": ""},
        {"ago": TICK_LASTS + 1, "since": (TICK_LASTS + 1) * 1000},
        {"ago": -60.0},
    ],
)
def test_no_browser_can_make_its_press_younger(
    site: WebSite, desk: PlainBrowser, changed: dict[str, object]
) -> None:
    words = dict(changed)
    ago = words.pop("ago", 1.0)
    assert isinstance(ago, float)
    assert desk.post("/open", OPEN, **tick(site, desk, ago, **words)).status_code == 409
    assert site.core.presses == []


def test_a_press_without_a_tick_does_nothing(site: WebSite, desk: PlainBrowser) -> None:
    for headers in ({"x-tick": "", "x-since": ""}, {"x-tick": "x.y", "x-since": "0"}):
        assert desk.post("/open", OPEN, **headers).status_code == 409
    assert site.core.presses == []


def test_the_page_hears_ticks_of_its_own(site: WebSite, desk: PlainBrowser) -> None:
    said = read_stream(desk, "/events", "event: tick")
    milliseconds, signed = said.partition("event: tick\ndata: ")[2].splitlines()[0].split(" ")
    assert abs(monotonic() * 1000 - float(milliseconds)) < 60_000
    headers = {"x-tick": signed, "x-since": "0"}
    assert desk.post("/open", OPEN, **headers).status_code == 200
    assert len(site.core.presses) == 1


# --- what stands at a lane ------------------------------------------------------------------------


def test_an_order_names_the_guard_and_stands_on_the_page_until_it_is_ended(
    site: WebSite, desk: PlainBrowser
) -> None:
    answer = desk.post("/order", ORDER)
    assert (answer.status_code, "notice ok" in answer.text) == (200, True)
    assert "2 访客通道 · 已生效" in answer.text
    (asked,) = site.core.orders
    assert (asked.lane, asked.what, asked.guard, asked.why) == (2, "lock_down", GUARD, "有人翻越")
    wait_for(lambda: 'class="standing no"' in desk.get("/").text)
    text = desk.get("/").text
    for words in ("有人翻越", f"{GUARD} ·", 'hx-post="/order/end"'):
        assert words in text
    assert "2 访客通道 · 已解除" in desk.post("/order/end", {"lane": "2"}).text
    assert (site.core.orders[-1].what, site.core.orders[-1].guard) == ("", GUARD)
    wait_for(lambda: 'class="standing' not in desk.get("/").text)
    assert "解除限制通行或常开" in desk.get("/").text


@pytest.mark.parametrize(
    "change",
    [{"what": "open_all"}, {"what": ""}, {"reason": ""}, {"reason": "  "}, {"reason": "x" * 201}],
)
def test_an_order_that_is_not_ours_stands_nowhere(
    site: WebSite, desk: PlainBrowser, change: dict[str, str]
) -> None:
    assert desk.post("/order", ORDER | change).status_code == 400
    assert desk.post("/order", ORDER | {"lane": "9"}).status_code == 404
    assert site.core.orders == []


# --- older rows -----------------------------------------------------------------------------------


def test_older_rows_are_a_page_at_a_time(site: WebSite, desk: PlainBrowser) -> None:
    for _ in range(230):
        last = site.core.see(1, Person(Credential.FACE), "refused", "unknown_face").seq
    newest, oldest, second = last, last - 99, last - 199
    wait_for(lambda: f"row-1f0c5a8e-{newest}" in desk.get("/").text)
    assert f'href="/log?before={oldest}"' in desk.get("/").text
    page = desk.get(f"/log?before={oldest}").text
    found = [int(seq) for seq in re.findall(r'id="row-1f0c5a8e-(\d+)"', page)]
    assert found == list(range(oldest - 1, second - 1, -1))
    assert f'href="/log?before={second}"' in page
    assert "data-open" not in page, "whoever is in an old row is gone"
    last_page = desk.get("/log?before=60").text
    assert 'id="row-1f0c5a8e-1"' in last_page
    assert "log?before" not in last_page
    assert "没有更早的记录了" in desk.get("/log?before=1").text
    for odd in ("0", "-1", "x", str(2**63)):
        assert desk.get(f"/log?before={odd}").status_code == 400
