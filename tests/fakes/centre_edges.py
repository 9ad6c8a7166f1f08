"""Edges that a centre knows: claimed and let in over HTTP, as the product does it."""

import json
import threading
from collections.abc import Generator
from datetime import timedelta
from hashlib import sha256

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central import clock
from central.claims import make_edge_code
from central.compounds import add_compound
from central.database import open_database, writing

COMPOUND = "6b756168"


class Gate:
    """One edge with a key of its own, made from a name so that each run has the same."""

    def __init__(self, name: str, compound: str = COMPOUND) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest())
        self.public = self._key.public_key().public_bytes_raw()
        self.edge = sha256(self.public).hexdigest()[:32]
        self.compound = compound

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)

    def claiming(self, code: str) -> dict[str, str]:
        """Return the body of this edge's claim."""
        return {
            "code": code,
            "edge": self.edge,
            "public_key": self.public.hex(),
            "compound": self.compound,
        }

    def answer(self, challenge: str) -> dict[str, str]:
        """Return the body by which this edge answers a challenge."""
        text = b"kuahu session 1\x00" + self.edge.encode() + b"\x00" + challenge.encode()
        return {"edge": self.edge, "challenge": challenge, "signature": self.sign(text).hex()}

    def claim(self, database_url: str, url: str) -> None:
        """Become known to the centre at `url`, by a code as its operator makes one."""
        code = code_for(database_url, self.compound)
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
            answer = http.post("/v1/claim", json=self.claiming(code))
        assert answer.status_code == 200, answer.text

    def token(self, url: str) -> str:
        """Return the token of a new session."""
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as http:
            challenge = http.post("/v1/challenge", json={"edge": self.edge}).json()["challenge"]
            answer = http.post("/v1/session", json=self.answer(challenge))
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["token"]
        return token


def code_for(database_url: str, compound: str = COMPOUND, age: timedelta | None = None) -> str:
    """Return a claim code for a compound of the centre on that database; `age` makes it older."""
    engine = open_database(database_url)
    made = clock.now() - (age or timedelta())
    try:
        with writing(engine) as connection:
            add_compound(connection, compound, "Kuahu", made)
            return make_edge_code(connection, compound, "tests", made)
    finally:
        engine.dispose()


class Speaking(httpx.Auth):
    """Lets each request speak as the edge that it names, which is claimed at its first word.

    Edges are known by `gate_named`; a request that names none of them speaks as `usual`.
    """

    requires_request_body = True

    def __init__(self, database_url: str, usual: Gate) -> None:
        self._database_url = database_url
        self._usual = usual
        self._tokens: dict[str, str] = {}
        self._turn = threading.Lock()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        gate = _GATES.get(_edge_of(request), self._usual)
        with self._turn:
            if gate.edge not in self._tokens:
                url = f"{request.url.scheme}://{request.url.netloc.decode()}"
                gate.claim(self._database_url, url)
                self._tokens[gate.edge] = gate.token(url)
        request.headers.setdefault("Authorization", f"Bearer {self._tokens[gate.edge]}")
        yield request


_GATES: dict[str, Gate] = {}


def gate_named(name: str, compound: str = COMPOUND) -> Gate:
    """Return the edge that is made from that name, which `Speaking` speaks for from now on."""
    gate = Gate(name, compound)
    return _GATES.setdefault(gate.edge, gate)


def _edge_of(request: httpx.Request) -> str:
    if "edge" in request.url.params:
        return request.url.params["edge"]
    try:
        said = json.loads(request.content)
    except ValueError:
        return ""
    edge = said.get("edge") if isinstance(said, dict) else None
    return edge if isinstance(edge, str) else ""
