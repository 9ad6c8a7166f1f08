"""The operator's pages: the first account, who may do what, codes, revocations, what is odd."""

import re
import secrets
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from argon2 import PasswordHasher
from sqlalchemy import Engine, delete, text

from central import clock
from central.__main__ import main
from central.claim_code import main as make_code
from central.database import migrate, open_database, writing
from central.feed import acknowledge
from central.operator import accounts, passwords
from central.operator.accounts import Role
from central.operator.part import ADMISSIONS, ROUTES
from central.tables import ATTEMPTS, COMPOUNDS, EDGES
from models.errors import InputError
from tests.fakes.centre_databases import ENGINES, empty_database
from tests.fakes.centre_edges import Gate
from tests.fakes.centre_events import chain, wire
from tests.fakes.centre_server import running

CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
CODE = re.compile(r"<code>([0-9A-Z-]{19})</code>")
PASSWORD = "a long password"
COMPOUND = "0a1b2c3d"


@dataclass
class Desk:
    """A running centre, its database, and the browser of somebody of the staff."""

    url: str
    engine: Engine
    browser: httpx.Client

    def see(self, path: str) -> httpx.Response:
        return self.browser.get(path, headers={"accept": "text/html"})

    def do(self, path: str, **fields: str) -> httpx.Response:
        """Send a form as the page of this browser would."""
        token = CSRF.search(self.see("/staff/login").text)
        assert token is not None
        return self.browser.post(path, data={"csrf": token[1], **fields})

    def log_in(self, name: str, password: str = PASSWORD) -> httpx.Response:
        return self.do("/staff/login", name=name, password=password)


@pytest.fixture(scope="module", autouse=True)
def quick_hashes() -> Iterator[None]:
    """Hash as the product does, but cheaply."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(1, 8, 1))
        passwords._decoy.cache_clear()
        yield
    passwords._decoy.cache_clear()


@pytest.fixture(scope="module", params=ENGINES)
def site(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Engine]]:
    """Yield a running centre and its database, with an operator and a reader."""
    with ExitStack() as up:
        folder = tmp_path_factory.mktemp("centre")
        database_url = up.enter_context(empty_database(request, folder))
        engine = open_database(database_url)
        up.callback(engine.dispose)
        migrate(engine)
        with writing(engine) as connection:
            for role in Role:
                accounts.add(connection, f"the-{role}", PASSWORD, role, clock.now())
        yield up.enter_context(running(database_url)), engine


@pytest.fixture
def desk(site: tuple[str, Engine]) -> Iterator[Desk]:
    """Yield a browser that is nobody's yet; tries and compounds of other tests are gone."""
    url, engine = site
    with writing(engine) as connection:
        for table in (ATTEMPTS, COMPOUNDS, EDGES):
            connection.execute(delete(table))
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as browser:
        yield Desk(url, engine, browser)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(f"sqlite:///{tmp_path}/empty.db")
    migrate(engine)
    yield engine
    engine.dispose()


def test_the_first_account_needs_the_code_of_the_terminal(empty: Engine) -> None:
    now = clock.now()
    one, two = (accounts.first_code(empty, now) for _ in range(2))
    assert one is not None
    assert two is not None
    assert accounts.open_to_first(empty)
    for code, at in (("AAAA-AAAA-AAAA-AAAA", now), (one, now + timedelta(days=1))):
        assert not accounts.make_first(empty, code, "boss", PASSWORD, at)
    for name, password in (("", PASSWORD), ("a b", PASSWORD), ("boss", "short")):
        with pytest.raises(InputError):
            accounts.make_first(empty, one, name, password, now)
    assert accounts.make_first(empty, one.lower(), "boss", PASSWORD, now)
    # Another worker's code is of no use any more, and no start makes one.
    assert not accounts.make_first(empty, two, "second", PASSWORD, now)
    assert accounts.first_code(empty, now) is None
    assert not accounts.open_to_first(empty)


def test_an_edge_code_opens_no_account(empty: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KUAHU_CENTRE_DATABASE", str(empty.url))
        assert make_code([COMPOUND, "Kuahu"]) == 0
        code = capsys.readouterr().out.strip()
        assert make_code(["nonsense", "Kuahu"]) == 1
    assert not accounts.make_first(empty, code, "boss", PASSWORD, clock.now())


def test_a_start_shows_the_code_until_there_is_an_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/centre.db"
    monkeypatch.setenv("KUAHU_CENTRE_DATABASE", url)
    said: list[str] = []

    def serve(_settings: object, _host: str, _port: int, ready: object) -> None:
        assert callable(ready)
        ready("http://here")
        said.append(capsys.readouterr().out)

    monkeypatch.setattr("central.__main__.serve", serve)
    assert main([]) == 0
    code = re.search(r"give the code (\S+)", said[0])
    assert code is not None
    engine = open_database(url)
    assert accounts.make_first(engine, code[1], "boss", PASSWORD, clock.now())
    engine.dispose()
    assert main([]) == 0
    assert said[1] == "centre ready at http://here\n"


def test_the_first_account_is_made_on_the_page(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/centre.db"
    engine = open_database(url)
    migrate(engine)
    code = accounts.first_code(engine, clock.now())
    assert code is not None
    with running(url) as there, httpx.Client(base_url=there, trust_env=False) as browser:
        desk = Desk(there, engine, browser)
        form = {"name": "boss", "password": PASSWORD}
        assert desk.do("/staff/first", code="wrong", **form).status_code == 403
        assert desk.do("/staff/first", code=code, name="boss", password="x").status_code == 400
        assert desk.do("/staff/first", code=code, **form).status_code == 303
        assert desk.do("/staff/first", code=code, **form).status_code == 403
        assert desk.log_in("boss").headers["location"] == "/staff"
        assert desk.see("/staff").status_code == 200
    engine.dispose()


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(desk: Desk) -> None:
    answers = [desk.log_in("nobody"), desk.log_in("the-reader", "another password")]
    assert [answer.status_code for answer in answers] == [403, 403]
    token = re.compile(r'value="[0-9a-f]{32}"')
    assert len({token.sub("", answer.text) for answer in answers}) == 1


def test_guessing_is_slowed_and_a_start_does_not_forgive(desk: Desk) -> None:
    statuses = [desk.log_in("the-reader", f"guess number {n}").status_code for n in range(7)]
    assert statuses == [403] * 6 + [429]
    assert desk.log_in("the-reader").status_code == 429
    with (
        running(desk.engine.url.render_as_string(hide_password=False)) as url,
        httpx.Client(base_url=url, trust_env=False, timeout=30) as browser,
    ):
        assert Desk(url, desk.engine, browser).log_in("the-reader").status_code == 429
    assert desk.log_in("the-operator").status_code == 303


def test_nobody_gets_in_without_an_account(desk: Desk) -> None:
    open_to_all = {"/staff/login", "/staff/first"}
    for method, path, _ in ROUTES:
        if path in open_to_all:
            continue
        where = path.format(compound=COMPOUND)
        answer = desk.see(where) if method == "GET" else desk.do(where)
        assert answer.status_code in {303, 401, 403}, path
        assert answer.headers.get("location", "/staff/login") == "/staff/login"
    assert {(method, path) for method, path, _ in ROUTES} == set(ADMISSIONS)


def test_a_reader_looks_and_changes_nothing(desk: Desk) -> None:
    desk.log_in("the-operator")
    desk.do("/staff/compounds", compound=COMPOUND, name="跨湖")
    desk.do("/staff/logout")
    desk.log_in("the-reader")
    page = desk.see(f"/staff/compounds/{COMPOUND}")
    assert page.status_code == 200
    assert "/code" not in page.text
    for path in (
        "/staff/compounds",
        f"/staff/compounds/{COMPOUND}/code",
        f"/staff/compounds/{COMPOUND}/revoke",
        f"/staff/compounds/{COMPOUND}/seen",
        "/staff/people",
        "/staff/people/close",
    ):
        assert desk.do(path, name="x", compound="ffffffff").status_code == 403
    assert desk.see("/staff/people").status_code == 403


def test_a_form_from_elsewhere_changes_nothing(desk: Desk) -> None:
    desk.log_in("the-operator")
    fields = {"compound": COMPOUND, "name": "x", "csrf": "0" * 32}
    assert desk.browser.post("/staff/compounds", data=fields).status_code == 403
    assert COMPOUND not in desk.see("/staff").text


def test_an_operator_lets_an_edge_in_sees_it_and_puts_it_out(desk: Desk) -> None:
    desk.log_in("the-operator")
    assert desk.do("/staff/compounds", compound="zz", name="x").status_code == 400
    assert desk.do("/staff/compounds", compound=COMPOUND, name="跨湖").status_code == 303
    assert desk.see("/staff/compounds/ffffffff").status_code == 404
    code = CODE.search(desk.do(f"/staff/compounds/{COMPOUND}/code").text)
    assert code is not None
    assert code[1] not in desk.see(f"/staff/compounds/{COMPOUND}").text
    gate = Gate(secrets.token_hex(8), COMPOUND)
    assert desk.browser.post("/v1/claim", json=gate.claiming(code[1])).status_code == 200
    known = {"Authorization": f"Bearer {gate.token(desk.url)}"}
    rows = [wire(row) for row in (*chain(2), *chain(1, first=5), *chain(1, salt="fork"))]
    desk.browser.post("/v1/events", json={"edge": gate.edge, "events": [*rows, {}]}, headers=known)
    desk.browser.post("/v1/letters", json={"letters": [{}]}, headers=known)
    acknowledge(desk.engine, gate.edge, COMPOUND, 5, clock.now())
    page = desk.see(f"/staff/compounds/{COMPOUND}").text
    assert gate.edge in page
    assert "3\u20134" in page
    assert "副本恢复" in page
    assert "跨湖" in desk.see("/staff").text
    desk.do(f"/staff/compounds/{COMPOUND}/seen")
    assert "副本恢复" not in desk.see(f"/staff/compounds/{COMPOUND}").text
    stranger = Gate("elsewhere").edge
    assert desk.do(f"/staff/compounds/{COMPOUND}/revoke", edge=stranger).status_code == 404
    assert desk.do(f"/staff/compounds/{COMPOUND}/revoke", edge=gate.edge).status_code == 303
    assert desk.browser.get("/v1/feed", headers=known).status_code == 401
    assert "已吊销" in desk.see(f"/staff/compounds/{COMPOUND}").text


def test_accounts_are_made_and_closed_and_one_operator_stays(desk: Desk) -> None:
    desk.log_in("the-operator")
    new = {"name": "li", "password": PASSWORD, "role": "reader"}
    assert desk.do("/staff/people", **new).status_code == 303
    assert desk.do("/staff/people", **new).status_code == 400
    assert desk.do("/staff/people", name="mo", password="short").status_code == 400
    secret = accounts.log_in(desk.engine, "li", PASSWORD, clock.now())
    assert secret is not None
    assert accounts.find(desk.engine, secret, clock.now()) == accounts.Staff("li", Role.READER)
    assert accounts.find(desk.engine, secret, clock.now() + accounts.LIFE) is None
    assert desk.do("/staff/people/close", name="li").status_code == 303
    assert accounts.find(desk.engine, secret, clock.now()) is None
    assert accounts.log_in(desk.engine, "li", PASSWORD, clock.now()) is None
    assert desk.do("/staff/people/close", name="the-operator").status_code == 400
    assert desk.see("/staff").status_code == 200


def test_no_password_or_session_is_kept_as_it_is(desk: Desk) -> None:
    secret = accounts.log_in(desk.engine, "the-reader", PASSWORD, clock.now())
    assert secret is not None
    with desk.engine.connect() as connection:
        for table in ("staff", "staff_sessions"):
            kept = str(connection.execute(text(f"SELECT * FROM {table}")).all())
            assert PASSWORD not in kept
            assert secret not in kept
        assert "$argon2id$" in str(connection.execute(text("SELECT * FROM staff")).all())


def test_the_pages_speak_english_too(desk: Desk) -> None:
    desk.browser.headers["accept-language"] = "en"
    desk.log_in("the-operator")
    assert "Take a compound in" in desk.see("/staff").text
    assert "New account" in desk.see("/staff/people").text


def test_the_description_names_every_route_of_edges(desk: Desk) -> None:
    said = desk.browser.get("/v1/openapi.json").json()
    assert set(said["paths"]) == {
        "/v1/claim", "/v1/challenge", "/v1/session", "/v1/events", "/v1/gaps", "/v1/feed",
        "/v1/letters", "/v1/health",
    }  # fmt: skip
    assert said["paths"]["/v1/feed"]["get"]["security"] == [{"session": []}]
    assert "security" not in said["paths"]["/v1/claim"]["post"]
    assert {"Claiming", "Event", "Letter", "Page"} <= set(said["components"]["schemas"])
