"""The centre's pages as one front: the table of routes, forms, cookies, headers, languages."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from central.database import open_database
from central.front import front
from central.house import House
from central.passes.secret import Secret
from tests.fakes.asgi_client import AsgiClient

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HTML = ("accept", "text/html")
FORM = ("content-type", "application/x-www-form-urlencoded")


def pages(tmp_path: Path, public_url: str = "") -> FastAPI:
    engine = open_database(f"sqlite:///{tmp_path}/centre.db")
    return front(engine, public_url, lambda: NOW, Secret(bytes(32)))


@pytest.fixture
def app(tmp_path: Path) -> Iterator[FastAPI]:
    made = pages(tmp_path)
    yield made
    made.state.house.engine.dispose()


@pytest.fixture
def client(app: FastAPI) -> Iterator[AsgiClient]:
    with AsgiClient(app) as client:
        yield client


def cookies(answer: httpx.Response) -> dict[str, str]:
    lines = answer.headers.get_list("set-cookie")
    return dict(line.split(";", 1)[0].split("=", 1) for line in lines)


def token(answer: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{32})"', answer.text)
    assert found
    return found[1]


def test_every_route_has_a_row_and_every_row_a_route(app: FastAPI) -> None:
    house: House = app.state.house
    routes = set()
    for route in app.routes:
        methods = {"GET"} if isinstance(route, Mount) else route.methods  # type: ignore[attr-defined]
        routes |= {(method, route.path) for method in methods}  # type: ignore[attr-defined]
    assert routes == set(house.admissions)


def test_a_route_without_a_row_is_not_there(app: FastAPI) -> None:
    app.add_api_route("/forgotten", lambda: "secret", methods=["GET"])
    with AsgiClient(app) as client:
        answer = client.ask("GET", "/forgotten")
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/nil", "/docs", "/openapi.json", "/static/../app.py"])
def test_what_is_not_in_the_table_is_not_there(client: AsgiClient, path: str) -> None:
    assert client.ask("GET", path).status_code == 404
    assert client.ask("PUT", path).status_code == 404


def test_what_binds_the_browser_is_on_every_answer(client: AsgiClient) -> None:
    for path in ("/", "/nil", "/static/centre.css"):
        headers = client.ask("GET", path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "strict-transport-security" not in headers


def test_cookies_never_leave_https_where_the_centre_has_it(tmp_path: Path) -> None:
    app = pages(tmp_path, "https://centre.example/")
    with AsgiClient(app) as client:
        answer = client.ask("GET", "/nil", [HTML])
    app.state.house.engine.dispose()
    (line,) = answer.headers.get_list("set-cookie")
    assert line.startswith("__Host-kuahu-visit=")
    assert "; secure" in line.lower()
    assert "; httponly" in line.lower()
    assert "domain" not in line.lower()
    assert "strict-transport-security" in answer.headers


def test_a_form_needs_the_token_of_its_own_browser(client: AsgiClient) -> None:
    page = client.ask("GET", "/nil", [HTML])
    other = token(client.ask("GET", "/nil", [HTML]))
    cookie = ("cookie", "; ".join(f"{name}={value}" for name, value in cookies(page).items()))
    for given in ("", "0" * 32, other):
        body = f"csrf={given}&language=en&back=/".encode()
        assert client.ask("POST", "/language", [cookie, FORM], body).status_code == 403
    body = f"csrf={token(page)}&language=en&back=/home?x=1".encode()
    answer = client.ask("POST", "/language", [cookie, FORM], body)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/home?x=1"
    assert cookies(answer)["kuahu-language"] == "en"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://["])
def test_a_form_from_another_site_is_refused(client: AsgiClient, origin: str) -> None:
    page = client.ask("GET", "/nil", [HTML])
    headers = [
        ("cookie", f"kuahu-visit={cookies(page)['kuahu-visit']}"),
        ("x-csrf", token(page)),
        ("origin", origin),
        FORM,
    ]
    answer = client.ask("POST", "/language", headers, b"language=en")
    assert answer.status_code == 403


def test_a_body_has_an_end(client: AsgiClient) -> None:
    assert client.ask("POST", "/language", [FORM], b"x" * 8193).status_code == 413


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_no_form_leads_out_of_the_house(client: AsgiClient, back: str) -> None:
    page = client.ask("GET", "/nil", [HTML])
    headers = [("cookie", f"kuahu-visit={cookies(page)['kuahu-visit']}"), ("x-csrf", token(page))]
    fields = str(httpx.QueryParams({"language": "zh", "back": back})).encode()
    answer = client.ask("POST", "/language", [*headers, FORM], fields)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"


def test_a_page_speaks_the_language_that_was_chosen(client: AsgiClient) -> None:
    assert "无法完成" in client.ask("GET", "/nil", [HTML]).text
    english = client.ask("GET", "/nil", [HTML, ("accept-language", "en")])
    assert "Not possible" in english.text
    assert '<html lang="en">' in english.text
    chosen = [HTML, ("cookie", "kuahu-language=zh"), ("accept-language", "en")]
    assert "无法完成" in client.ask("GET", "/nil", chosen).text
