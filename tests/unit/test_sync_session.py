"""An edge claims its compound once and shows who it is by signature from then on."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from edge.store.folder import Keys, load_keys, prepare
from edge.sync.plan import Refused
from edge.sync.road import Address, Question, Road, Said
from edge.sync.session import Identity, Session, admitted, claim
from models.errors import CentreFault
from tests.fakes.centre_model import COMPOUND, Asked, ModelCentre, served
from tests.fakes.command_line import kuahu, ok

CODE = "K7M2-Q9XD"
FEED = Question("v1/feed?after=0")


@dataclass
class Edge:
    """An identity, and a road to a model of the centre on which answers can be replaced."""

    keys: Keys
    centre: ModelCentre = field(default_factory=ModelCentre)
    instead: deque[httpx.Response] = field(default_factory=deque)
    sent: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        transport = httpx.MockTransport(self._carry)
        address = Address("http://127.0.0.1:9", self.keys.edge)
        self.road = Road(address, lambda: 0.0, transport)
        self.session = Session(self.keys.edge, self.keys.sign)
        self.identity = Identity(self.keys.edge, self.keys.public.hex(), COMPOUND)

    def known(self) -> "Edge":
        self.centre.know(self.keys.edge, self.keys.public)
        return self

    def ask(self) -> Said | Refused:
        return admitted(self.road, self.session, FEED)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        self.sent.append(body)
        if self.instead:
            return self.instead.popleft()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        target = request.url.raw_path.decode()
        status, said = self.centre.answer(Asked(request.method, target, body, token))
        return httpx.Response(status, content=said)


@pytest.fixture
def edge(tmp_path: Path) -> Iterator[Edge]:
    one = Edge(load_keys(prepare(tmp_path / "state")))
    with one.road:
        yield one


def test_a_claimed_edge_is_let_in_and_stays_so(edge: Edge) -> None:
    edge.centre.codes[CODE] = None
    assert claim(edge.road, CODE, edge.identity) is None
    assert isinstance(edge.ask(), Said)
    assert isinstance(edge.ask(), Said)
    assert edge.centre.logins == 1


def test_a_lost_answer_to_a_claim_costs_nothing_and_a_used_code_is_refused(edge: Edge) -> None:
    edge.centre.codes[CODE] = None
    assert claim(edge.road, CODE, edge.identity) is None
    assert claim(edge.road, CODE, edge.identity) is None
    edge.centre.codes[CODE] = "aa" * 32
    refused = claim(edge.road, CODE, edge.identity)
    assert refused is not None
    assert refused.status == 403


def test_another_edges_name_in_the_answer_is_no_claim(edge: Edge) -> None:
    edge.instead.append(httpx.Response(200, json={"edge": "00" * 16, "compound": COMPOUND}))
    with pytest.raises(CentreFault, match="no centre"):
        claim(edge.road, CODE, edge.identity)


def test_a_session_that_died_is_begun_again_once(edge: Edge) -> None:
    edge.known().ask()
    edge.centre.restart()
    assert isinstance(edge.ask(), Said)
    assert edge.centre.logins == 2


def test_a_revoked_edge_is_told_what_to_do_and_is_let_in_after_a_new_claim(edge: Edge) -> None:
    edge.known().ask()
    edge.centre.revoke(edge.keys.edge)
    refused = edge.ask()
    assert isinstance(refused, Refused)
    assert "kuahu centre claim" in refused.why
    edge.known()
    assert isinstance(edge.ask(), Said)


def test_a_centre_that_opens_sessions_and_then_refuses_them_is_asked_only_twice(edge: Edge) -> None:
    edge.known()
    refusing = [
        *(httpx.Response(200, json={"challenge": "c"}), httpx.Response(200, json=_opened("t"))),
        httpx.Response(401),
    ]
    edge.instead.extend([*refusing, *refusing])
    assert isinstance(edge.ask(), Refused)
    assert not edge.instead


def _opened(token: str) -> dict[str, object]:
    return {"token": token, "seconds": 60}


@pytest.mark.parametrize(
    "instead",
    [
        [httpx.Response(200, content=b"<html>log in to the Wi-Fi</html>")],
        [httpx.Response(200, json={"challenge": ""})],
        [httpx.Response(200, json={"challenge": "x" * 2000})],
        [httpx.Response(200, json={"challenge": "c"}), httpx.Response(200, json=_opened("a\r\nb"))],
        [httpx.Response(200, json={"challenge": "c"}), httpx.Response(200, content=b"{}")],
    ],
    ids=["a portal", "no challenge", "a long challenge", "a token with a line end", "no token"],
)
def test_what_no_centre_answers_begins_no_session(
    edge: Edge, instead: list[httpx.Response]
) -> None:
    edge.known().instead.extend(instead)
    with pytest.raises(CentreFault):
        edge.ask()


def test_a_signature_is_bound_to_this_edge_and_its_purpose(edge: Edge) -> None:
    edge.known().ask()
    (session,) = [body for body in edge.sent if b"signature" in body]
    replayed = edge.centre.answer(Asked("POST", "/v1/session", session))
    assert replayed[0] == 401


def test_the_command_claims_and_says_what_to_write(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    table = f'[site]\ncompound = "{COMPOUND}"\nstate = "{tmp_path}/state"\n'
    site.write_text(table)
    centre = ModelCentre(codes={CODE: None})
    with served(centre) as url:
        said = ok(site, "centre", "claim", url, f" {CODE} ")
        assert f'[centre]\nurl = "{url}"' in said
        edge = load_keys(prepare(tmp_path / "state")).edge
        assert list(centre.keys) == [edge]
        site.write_text(f'{table}[centre]\nurl = "{url}"\n')
        assert "[centre]" not in ok(site, "centre", "claim", url, CODE)
        result = kuahu(site, "centre", "claim", url, "another")
    assert result.exit_code == 1
    assert isinstance(result.exception, CentreFault)
    assert "used by another gate" in str(result.exception)
