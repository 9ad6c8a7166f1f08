"""Who may do what: every route as every role, forms from elsewhere, cookies, headers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.routing import Mount

from edge import wire
from edge.clock import monotonic
from edge.web.admission import ADMISSIONS, Who
from edge.web.app import application
from edge.web.passwords import hash_password
from edge.web.screens import SCREENS_FILE
from tests.fakes.web_browser import PlainBrowser
from tests.fakes.web_site import GUARD, PASSWORD, WebSite, served, site_settings

BOSS = "主任"
PLACES = {
    "camera": "cam-1",
    "seq": 1,
    "number": 1,
    "home": "3-1-502",
    "resident": "0" * 16,
    "car": "0" * 16,
    "card": "0" * 8,
    "pass_id": "0" * 32,
    "kind": "residents",
}
"""What stands in an address for each of its parts."""
MOST = max(row.body for row in ADMISSIONS.values())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebSite]:
    with served(tmp_path_factory.mktemp("w")) as site:
        for name, role in ((GUARD, "guard"), (BOSS, "manager")):
            site.admit(name, role)
        yield site


def _browser(site: WebSite, who: Who) -> PlainBrowser:
    browser = PlainBrowser(site.url)
    if who is Who.LANE:
        browser.http.get(site.lane_link(1))
        browser.get("/lane/1")
    elif who is Who.ANYONE:
        browser.get("/login")
    elif who is not Who.MACHINE:
        browser.log_in(GUARD if who is Who.GUARD else BOSS, PASSWORD)
    return browser


def _send(browser: PlainBrowser, method: str, path: str) -> tuple[int, str]:
    path = path.format(**PLACES)
    path = "/static/guard.css" if path == "/static" else path
    headers = {"x-csrf": browser.token, "accept": "text/html"}
    with browser.http.stream(method, path, headers=headers) as answer:
        return answer.status_code, answer.headers.get("location", "")


def test_every_route_of_the_application_has_a_row_and_every_row_a_route(tmp_path: Path) -> None:
    app = application(site_settings(), tmp_path, monotonic)
    routes = set()
    for route in app.routes:
        methods = {"GET"} if isinstance(route, Mount) else route.methods  # type: ignore[attr-defined]
        routes |= {(method, route.path) for method in methods}  # type: ignore[attr-defined]
    assert routes == set(ADMISSIONS)


@pytest.mark.parametrize("who", Who)
@pytest.mark.parametrize(("method", "path"), sorted(ADMISSIONS))
def test_every_route_as_every_role(site: WebSite, method: str, path: str, who: Who) -> None:
    admitted = bool(ADMISSIONS[method, path].who & {who, Who.ANYONE})
    with _browser(site, who) as browser:
        if (who is Who.LANE and "{number}" not in path) or (
            who is Who.MACHINE and method == "POST"
        ):
            browser.get("/login")
        status, location = _send(browser, method, path)
    refused = status in {401, 403} or (status == 303 and path == "/" and location == "/login")
    assert refused is not admitted
    assert status < 500


@pytest.mark.parametrize(("method", "path"), sorted(ADMISSIONS))
def test_a_lanes_device_may_ask_for_its_own_lane_only(
    site: WebSite, method: str, path: str
) -> None:
    if "{number}" not in path:
        return
    with _browser(site, Who.LANE) as browser:
        assert _send(browser, method, path.replace("{number}", "2"))[0] == 403
        assert _send(browser, method, path.replace("{number}", "9"))[0] == 403
        assert _send(browser, method, path.replace("{number}", "x"))[0] == 403


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/redoc", "/static/../app.py", "/nil"])
def test_what_is_not_in_the_table_is_not_there(site: WebSite, path: str) -> None:
    with _browser(site, Who.MANAGER) as browser:
        assert browser.get(path).status_code == 404
        assert browser.http.put(path).status_code == 404


_POSTS = sorted(path for method, path in ADMISSIONS if method == "POST")


def _entitled(path: str) -> Who:
    who = ADMISSIONS["POST", path].who
    return next(each for each in (Who.GUARD, Who.MANAGER, Who.LANE, Who.ANYONE) if each in who)


@pytest.mark.parametrize("path", _POSTS)
def test_a_form_needs_the_token_of_its_own_browser(site: WebSite, path: str) -> None:
    who = _entitled(path)
    target = path.format(**PLACES)
    with _browser(site, who) as browser, _browser(site, who) as other:
        for token in ("", "0" * 32, other.token if who is not Who.LANE else "1" * 32):
            answer = browser.http.post(target, headers={"x-csrf": token})
            assert answer.status_code == 403


@pytest.mark.parametrize("path", _POSTS)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://["]
)
def test_a_form_from_another_site_is_refused(site: WebSite, path: str, origin: str) -> None:
    with _browser(site, _entitled(path)) as browser:
        headers = {"x-csrf": browser.token, "origin": origin}
        assert browser.http.post(path.format(**PLACES), headers=headers).status_code == 403


@pytest.mark.parametrize("path", _POSTS)
def test_a_body_has_an_end(site: WebSite, path: str) -> None:
    with _browser(site, _entitled(path)) as browser:
        answer = browser.http.post(
            path.format(**PLACES),
            content=b"x" * (MOST + 1),
            headers={"x-csrf": browser.token},
        )
        assert answer.status_code == 413


@pytest.mark.parametrize("path", _POSTS)
def test_a_form_of_too_many_fields_is_not_ours(site: WebSite, path: str) -> None:
    fields = {f"field-{number}": "" for number in range(21)}
    with _browser(site, _entitled(path)) as browser:
        assert browser.post(path.format(**PLACES), fields).status_code == 400


def test_nothing_that_was_pressed_came_from_those_who_may_not(site: WebSite) -> None:
    site.core.presses.clear()
    for who in (Who.ANYONE, Who.LANE):
        with _browser(site, who) as browser:
            form = {"lane": "1", "direction": "entry", "why": "other"}
            assert browser.post("/open", form).status_code == 401
    assert site.core.presses == []


@pytest.mark.parametrize("path", ["/login", "/healthz", "/nil", "/static/guard.css", "/lane/1"])
def test_every_answer_binds_the_browser(site: WebSite, path: str) -> None:
    with PlainBrowser(site.url) as browser:
        headers = browser.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_cookies_are_kept_from_scripts_and_from_other_sites(site: WebSite) -> None:
    with PlainBrowser(site.url) as browser:
        browser.get("/login")
        answer = browser.post("/login", {"name": GUARD, "password": PASSWORD})
        for cookie in answer.headers.get_list("set-cookie"):
            assert "HttpOnly" in cookie
            assert "SameSite=strict" in cookie
            assert "Secure" not in cookie


def test_a_cookie_that_was_changed_is_nobodys(site: WebSite) -> None:
    with _browser(site, Who.GUARD) as browser:
        value = browser.http.cookies["kuahu-desk"]
        browser.http.cookies.clear()
        browser.http.cookies.set("kuahu-desk", value[:-2] + "AA")
        assert browser.get("/").status_code == 303


def test_a_wrong_key_makes_no_lane_screen(site: WebSite) -> None:
    with PlainBrowser(site.url) as browser:
        assert browser.get("/lane/1?key=" + "0" * 32).status_code == 403
        assert browser.get("/lane/1").status_code == 403
        assert browser.get(site.lane_link(1).replace("/lane/1", "/lane/2")).status_code == 403


def test_a_lanes_key_is_taken_out_of_the_address(site: WebSite) -> None:
    with PlainBrowser(site.url) as browser:
        answer = browser.get(site.lane_link(1))
        assert (answer.status_code, answer.headers["location"]) == (303, "/lane/1")
        assert browser.get("/lane/1").status_code == 200


def test_a_lanes_key_can_be_taken_back(site: WebSite) -> None:
    old = site.lane_link(2)
    with (
        _browser(site, Who.MANAGER) as boss,
        _browser(site, Who.GUARD) as guard,
        PlainBrowser(site.url) as screen,
    ):
        screen.http.get(old)
        assert screen.get("/lane/2").status_code == 200
        assert "/screen-key" not in guard.get("/").text
        assert guard.post("/screen-key", {"lane": "2"}).status_code == 403
        assert screen.get("/lane/2").status_code == 200
        with screen.http.stream("GET", "/lane/2/events") as stream:
            said = stream.iter_text()
            assert "event: core" in next(said)
            answer = boss.post("/screen-key", {"lane": "2"})
            assert "event: leave" in "".join(said)
        assert screen.get("/lane/2").status_code == 403
        assert screen.get(old).status_code == 403
        token = {"x-csrf": screen.token}
        for path in ("/lane/2/call", "/lane/2/frame"):
            assert screen.http.post(path, headers=token).status_code == 403
        new = site.lane_link(2)
        for page in (answer, boss.get("/"), guard.get("/")):
            assert new in page.text
            assert old not in page.text
        assert screen.get(new).status_code == 303
        assert screen.get("/lane/2").status_code == 200
        assert site.lane_link(1) in boss.get("/").text


def test_a_key_that_cannot_be_kept_stays_good(site: WebSite) -> None:
    kept, aside = site.folder / SCREENS_FILE, site.folder / "aside"
    with _browser(site, Who.MANAGER) as boss, _browser(site, Who.LANE) as screen:
        boss.post("/screen-key", {"lane": "2"})
        kept.rename(aside)
        kept.mkdir()
        answer = boss.post("/screen-key", {"lane": "1"})
        kept.rmdir()
        aside.rename(kept)
        assert (answer.status_code, screen.get("/lane/1").status_code) == (503, 200)


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "evil", "", "http://[", "//["],
)
def test_choosing_a_language_leads_nowhere_else(site: WebSite, back: str) -> None:
    with _browser(site, Who.ANYONE) as browser:
        answer = browser.post("/language", {"language": "en", "back": back})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")


def test_a_session_ends_with_its_password(site: WebSite) -> None:
    site.admit("临时", "guard")
    with PlainBrowser(site.url) as first:
        first.get("/login")
        first.post("/login", {"name": "临时", "password": PASSWORD})
        site.core._put_user(wire.PutUser(0, "临时", "guard", hash_password("another password")))
        assert first.get("/").status_code == 303


def test_the_documented_routes_are_the_routes() -> None:
    page = Path(__file__).resolve().parents[2] / "docs" / "http-api.md"
    rows = [
        [cell.strip() for cell in line.split("|")[1:5]]
        for line in page.read_text(encoding="utf-8").splitlines()
        if line.startswith(("| GET |", "| POST |"))
    ]
    documented = {
        (method, path.strip("`")): (set(who.split(", ")), body) for method, path, who, body in rows
    }
    actual = {
        key: (set(row.who), f"{row.body // 1024} KiB" if row.body else "")
        for key, row in ADMISSIONS.items()
    }
    assert documented == actual
