"""Every operation of both applications, asked rightly and wrongly, by everybody: never a 5xx."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.app import create
from central.settings import Settings as CentreSettings
from edge import wire
from edge.clock import monotonic
from edge.web.admission import ADMISSIONS, Who
from edge.web.app import application
from edge.web.house import House
from models.lane import Credential
from models.user import Role
from tests.fakes.asgi_client import AsgiClient
from tests.fakes.centre_edges import admit, token_of
from tests.fakes.centre_events import EDGE
from tests.fakes.core import FakeCore, Person
from tests.fakes.store_site import quick_folder
from tests.fakes.web_eye import FakeEye, portrait
from tests.fakes.web_site import CHEAP_HASH, PASSWORD, site_settings, wait_for
from tests.fuzz.api_caller import Caller, Request, cases, operations
from tests.fuzz.targets import TARGETS

EACH = 3
MANY = 100
SAYS = {
    "text/html",
    "application/json",
    "image/jpeg",
    "text/event-stream",
    "text/css",
    "text/csv",
    "text/plain",
}
NAMES = {Who.GUARD: "guard", Who.MANAGER: "boss"}
ROLES = {Who.GUARD: Role.GUARD, Who.MANAGER: Role.MANAGER}


@dataclass
class Pages:
    """The guard's pages over a core and an eye that behave."""

    app: FastAPI
    client: AsgiClient
    core: FakeCore

    @property
    def house(self) -> House:
        house: House = self.app.state.house
        return house

    def caller(self, who: Who) -> Caller:
        """Return a browser of that role, standing on a page of its own."""
        caller = Caller(self.client)
        if who is Who.LANE:
            key = self.house.seal.lane_key(1, self.house.screens.generation(1))
            caller.get(f"/lane/1?key={key}")
            assert caller.get("/lane/1").status_code == 200
            return caller
        caller.get("/login")
        if who in NAMES:
            form = f"name={NAMES[who]}&password={PASSWORD.replace(' ', '+')}".encode()
            kind = ("content-type", "application/x-www-form-urlencoded")
            headers = [*caller._all({}), kind]
            answer = self.client.ask("POST", "/login", headers, form)
            cookie = answer.headers["set-cookie"].partition(";")[0]
            caller.cookies |= dict([cookie.split("=", 1)])
            assert caller.get("/").status_code == 200
        return caller


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    with quick_folder() as folder:
        site = site_settings()
        core, eye = FakeCore(folder, site), FakeEye(folder)
        core.start()
        eye.start()
        for who, name in NAMES.items():
            core._put_user(wire.PutUser(0, name, ROLES[who], CHEAP_HASH))
        core.see(
            1, Person(Credential.FACE, "someone", "3-1-502", portrait(90)), "opened", "resident"
        )
        core.see(2, Person(Credential.PASS), "refused", "forged")
        app = application(site, folder, monotonic)
        try:
            with AsgiClient(app) as client:
                house: House = app.state.house
                wait_for(lambda: house.board.up and house.board.site is not None and house.eye.up)
                yield Pages(app, client, core)
        finally:
            core.stop()
            eye.stop()


def sound(answer: httpx.Response, case: Request) -> None:
    """Hold one answer against what every answer keeps."""
    asked = f"{case.method} {case.path}"
    assert answer.status_code < 500, f"{asked}: {answer.status_code} {answer.text[:500]}"
    kind = answer.headers.get("content-type", "").partition(";")[0]
    assert not answer.content or kind in SAYS, f"{asked}: {kind!r}"


def asked_by(pages: Pages, who: Who, of_each: int) -> None:
    every = operations(pages.app)
    assert {(one.method.upper(), one.path) for one in every} == {
        key for key in ADMISSIONS if key[1] != "/static"
    }
    by_name = {one.label: cases(one) for one in every}
    callers = [pages.caller(who)]

    @settings(max_examples=of_each, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def each(drawn: st.SearchStrategy[Request], data: st.DataObject) -> None:
        case = data.draw(drawn)
        answer = callers[0].send(case)
        if case.path == "/screen-key":
            # The key that made this caller may be void now.
            callers[0] = pages.caller(who)
        sound(answer, case)
        row = ADMISSIONS[case.method.upper(), case.path]
        if who is Who.ANYONE and Who.ANYONE not in row.who:
            assert answer.status_code in {303, 401, 403, 404, 405}, answer.status_code

    for drawn in by_name.values():
        each(drawn)


@pytest.mark.parametrize("who", Who)
def test_no_request_of_anyone_breaks_the_pages(pages: Pages, who: Who) -> None:
    asked_by(pages, who, EACH)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("who", Who)
def test_no_request_of_many_breaks_the_pages(pages: Pages, who: Who) -> None:
    asked_by(pages, who, MANY)


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[FastAPI, AsgiClient]]:
    folder: Path = tmp_path_factory.mktemp("centre")
    # Nobody waits for news here.
    app = create(CentreSettings(f"sqlite:///{folder}/centre.db"), lambda: True)
    admit(f"sqlite:///{folder}/centre.db", EDGE)
    with AsgiClient(app) as client:
        yield app, client


def batches() -> st.SearchStrategy[bytes]:
    """Return what an edge or a stranger may send: kept batches, whole and with pieces changed."""
    kept = [path.read_bytes()[1:] for path in TARGETS["wire"].kept if path.name.startswith("batch")]
    return st.one_of(
        st.sampled_from(kept),
        st.builds(
            lambda one, at, new: one[: at % len(one)] + new + one[at % len(one) + len(new) :],
            st.sampled_from(kept),
            st.integers(0, 10_000),
            st.binary(min_size=1, max_size=6),
        ),
    )


def asked_of_the_centre(
    centre: tuple[FastAPI, AsgiClient], headers: dict[str, str], of_each: int
) -> None:
    app, client = centre
    by_name = {one.label: cases(one) for one in operations(app)}
    caller = Caller(client, headers)

    @settings(max_examples=of_each, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def each(drawn: st.SearchStrategy[Request], data: st.DataObject) -> None:
        case = data.draw(drawn)
        body = data.draw(batches()) if case.method == "POST" else None
        answer = caller.send(case, body)
        sound(answer, case)
        assert answer.headers["content-type"] == "application/json"
        if not headers and case.path not in OPEN:
            assert answer.status_code in {400, 401}

    for drawn in by_name.values():
        each(drawn)


OPEN = {"/v1/health", "/v1/claim", "/v1/challenge", "/v1/session"}
"""What is there for whoever has no session yet."""
CLAIMS = {"nobody": {}, "an edge": {"authorization": f"Bearer {token_of(EDGE)}"}}


@pytest.mark.parametrize("who", CLAIMS)
def test_no_request_of_anyone_breaks_the_centre(
    centre: tuple[FastAPI, AsgiClient], who: str
) -> None:
    asked_of_the_centre(centre, CLAIMS[who], EACH)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("who", CLAIMS)
def test_no_request_of_many_breaks_the_centre(centre: tuple[FastAPI, AsgiClient], who: str) -> None:
    asked_of_the_centre(centre, CLAIMS[who], MANY)
