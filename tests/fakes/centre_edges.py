"""Edges that a centre knows: claimed and let in over HTTP, as the product does it."""

import re
from collections.abc import Generator
from datetime import timedelta
from hashlib import sha256

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update

from central import clock
from central.batch import edge_name
from central.claims import make_edge_code
from central.compounds import add_compound
from central.database import insert_new, migrate, open_database, writing
from central.moments import microseconds
from central.sessions import token_digest
from central.tables import EDGES, SESSIONS
from models.errors import InputError

COMPOUND = "6b756168"
_NAMED = re.compile(rb'"edge":\s*"([!-~]{1,80}?)"')


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


def token_of(edge: str) -> str:
    """Return the token that `admit` gives an edge."""
    return sha256(b"a token for tests only " + edge.encode()).hexdigest()


def admit(database_url: str, *edges: str, public: bytes = b"", compound: str = COMPOUND) -> None:
    """Let edges of any name speak to the centre on that database by `token_of`.

    For tests whose subject is not how an edge gets in: `Gate` does that as the product does.
    """
    engine = open_database(database_url)
    migrate(engine)
    try:
        with writing(engine) as connection:
            add_compound(connection, compound, "Kuahu", clock.now())
            for edge in edges:
                connection.execute(insert_new(connection, EDGES), {"edge": edge, "arrivals": 0})
                known = {"compound": compound} | ({"public_key": public.hex()} if public else {})
                connection.execute(update(EDGES).where(EDGES.c.edge == edge).values(**known))
                session = {
                    "digest": token_digest(token_of(edge)),
                    "edge": edge,
                    "challenge": sha256(edge.encode()).hexdigest(),
                    "expires": microseconds(clock.now() + timedelta(days=1)),
                }
                connection.execute(insert_new(connection, SESSIONS), session)
    finally:
        engine.dispose()


class Speaking(httpx.Auth):
    """Lets each request speak as the edge that it names, which is admitted at its first word.

    A request that names none that could be one speaks as `usual`.
    """

    requires_request_body = True

    def __init__(self, database_url: str, usual: str) -> None:
        self._database_url = database_url
        self._usual = usual
        self._known: set[str] = set()

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        edge = _edge_of(request) or self._usual
        if edge not in self._known:
            admit(self._database_url, edge)
            self._known.add(edge)
        request.headers.setdefault("Authorization", f"Bearer {token_of(edge)}")
        yield request


def _edge_of(request: httpx.Request) -> str:
    written = _NAMED.search(request.content)
    said = request.url.params.get("edge") or (written[1].decode() if written else "")
    try:
        return edge_name(said)
    except InputError:
        return ""
