"""docs/centre.md as a model: one compound's centre in memory that keeps every promise of the page.

`answer` is the whole server; tests put roads that fail before it, or serve it on a port.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

COMPOUND = "00000000"
FIRST = ("revoked", "face_withdrawn", "erase")
Answer = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrives."""

    method: str
    target: str
    body: bytes = b""
    token: str | None = None


@dataclass
class ModelCentre:
    """Remembers what it promised; `restart` forgets sessions, as a start of the program does."""

    compound: str = COMPOUND
    page: int = 200
    epoch: str = "e1"
    newest: int = 0
    behind: bool = False
    items: list[dict[str, Any]] = field(default_factory=list)
    stray: list[object] = field(default_factory=list)
    letters: dict[int, dict[str, Any]] = field(default_factory=dict)
    conflicts: set[int] = field(default_factory=set)
    events: dict[tuple[str, int], str] = field(default_factory=dict)
    codes: dict[str, str | None] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    proof: int = 0
    logins: int = 0
    _challenges: set[str] = field(default_factory=set)
    _tokens: dict[str, str] = field(default_factory=dict)
    _turn: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self._open = {
            "/v1/claim": self._claim,
            "/v1/challenge": self._challenge,
            "/v1/session": self._session,
        }

    def tell(self, kind: str, /, **body: object) -> int:
        with self._turn:
            self.newest += 1
            self.items.append({"number": self.newest, "kind": kind, "body": body})
            return self.newest

    def know(self, edge: str, public: bytes) -> None:
        """Know an edge without a code."""
        self.keys[edge] = public

    def revoke(self, edge: str) -> None:
        with self._turn:
            self.keys.pop(edge, None)
            self.restart()

    def restart(self) -> None:
        with self._turn:
            self._tokens.clear()
            self._challenges.clear()

    def said(self, kind: str) -> list[dict[str, Any]]:
        """Return the bodies of the letters of one kind, by number."""
        with self._turn:
            return [one["body"] for _, one in sorted(self.letters.items()) if one["kind"] == kind]

    def answer(self, asked: Asked) -> Answer:
        """Return status and body of the answer."""
        url = urlsplit(asked.target)
        with self._turn:
            if url.path in self._open:
                return self._open[url.path](msgspec.json.decode(asked.body))
            if self._tokens.get(asked.token or "") is None:
                return _said({"error": "not known here"}, 401)
            if url.path == "/v1/feed":
                words = parse_qs(url.query)
                return self._feed(int(words["after"][0]), words.get("epoch", [self.epoch])[0])
            take = {"/v1/letters": self._letters, "/v1/events": self._events}[url.path]
            return take(msgspec.json.decode(asked.body))

    def _challenge(self, _asked: dict[str, str]) -> Answer:
        challenge = secrets.token_hex(8)
        self._challenges.add(challenge)
        return _said({"challenge": challenge})

    def _claim(self, said: dict[str, str]) -> Answer:
        known = self.codes.get(said["code"], "")
        key = bytes.fromhex(said["public_key"])
        right = sha256(key).hexdigest()[:32] == said["edge"] and said["compound"] == self.compound
        if known not in {None, said["public_key"]} or not right:
            return _said({"error": "this code is wrong, used or over"}, 403)
        self.codes[said["code"]] = said["public_key"]
        self.keys[said["edge"]] = key
        return _said({"edge": said["edge"], "compound": said["compound"]})

    def _session(self, said: dict[str, str]) -> Answer:
        key, challenge = self.keys.get(said["edge"]), said["challenge"]
        text = b"kuahu session 1\x00" + said["edge"].encode() + b"\x00" + challenge.encode()
        try:
            assert key is not None
            assert challenge in self._challenges
            Ed25519PublicKey.from_public_bytes(key).verify(bytes.fromhex(said["signature"]), text)
        except (AssertionError, InvalidSignature):
            return _said({"error": "not known here"}, 401)
        self._challenges.discard(challenge)
        self.logins += 1
        token = secrets.token_hex(16)
        self._tokens[token] = said["edge"]
        return _said({"token": token, "seconds": 3600})

    def _letters(self, said: dict[str, Any]) -> Answer:
        safe = []
        for letter in said["letters"]:
            held = self.letters.setdefault(letter["number"], letter)
            if held == letter:
                safe.append(letter["number"])
            else:
                self.conflicts.add(letter["number"])
        return _said({"safe": safe})

    def _events(self, said: dict[str, Any]) -> Answer:
        safe, aside = [], []
        for index, row in enumerate(said["events"]):
            key = (row["journal"], row["seq"])
            if self.events.setdefault(key, row["row_hash"]) == row["row_hash"]:
                safe.append(key)
            else:
                aside.append({"index": index, "why": "fork"})
        return _said({"safe": safe, "quarantined": aside})

    def _feed(self, after: int, epoch: str) -> Answer:
        if epoch != self.epoch:
            # A number of another database says nothing here.
            return _said({"number": 0, "newest": self.newest, "epoch": self.epoch, "items": []})
        if after > self.newest:
            self.newest, self.behind = after, True
        self.proof = max(self.proof, after)
        taken = [one for one in self.items if one["number"] > after][: self.page]
        cut = taken and taken[-1]["number"] < self.newest and len(taken) == self.page
        number = taken[-1]["number"] if cut else max(self.newest, after)
        ordered = [*sorted(taken, key=_rank), *self.stray]
        self.stray.clear()
        return _said(
            {
                "number": number,
                "newest": self.newest,
                "epoch": self.epoch,
                "behind": self.behind,
                "items": ordered,
            }
        )


def _rank(item: dict[str, Any]) -> tuple[int, int]:
    kind = item["kind"]
    return (FIRST.index(kind) if kind in FIRST else len(FIRST), item["number"])


def _said(value: object, status: int = 200) -> Answer:
    return status, msgspec.json.encode(value)


@contextmanager
def served(centre: ModelCentre) -> Iterator[str]:
    """Yield the URL under which the model answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            status, said = centre.answer(Asked(self.command, self.path, body, token))
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="model")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
