"""A proxy before the real centre that fails as networks, proxies and servers do."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import SplitResult, urlsplit


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with this, and let the centre know nothing of the request."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DropAnswer:
    """Let the centre store the request, then close without its answer."""


@dataclass(frozen=True, slots=True)
class CutAnswer:
    """Let the centre store the request, then send half of its answer and close."""


Fault = Say | DropAnswer | CutAnswer


@dataclass
class Faults:
    """What goes wrong next, in order; after that all goes through. `refuse` is asked each time."""

    url: str = ""
    next: deque[Fault] = field(default_factory=deque)
    refuse: Callable[[bytes], Fault | None] = lambda _body: None
    requests: int = 0


@contextmanager
def before(centre_url: str) -> Iterator[Faults]:
    """Yield the faults of a running proxy before the centre."""
    faults = Faults()
    far = urlsplit(centre_url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.carry(b"")

        def do_POST(self) -> None:
            self.carry(self.rfile.read(int(self.headers["Content-Length"])))

        def carry(self, body: bytes) -> None:
            faults.requests += 1
            fault = faults.refuse(body) or (faults.next.popleft() if faults.next else None)
            if isinstance(fault, Say):
                self.answer(fault.status, fault.body, fault.headers)
                return
            status, said = _forward(far, (self.command, self.path), body, dict(self.headers))
            if isinstance(fault, DropAnswer):
                self.close_connection = True
            elif isinstance(fault, CutAnswer):
                self.answer(status, said[: len(said) // 2], {"Content-Length": str(len(said))})
                self.close_connection = True
            else:
                self.answer(status, said, {"Content-Type": "application/json"})

        def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        faults.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="faults")
        thread.start()
        try:
            yield faults
        finally:
            server.shutdown()
            thread.join()


def _forward(
    far: SplitResult, asked: tuple[str, str], body: bytes, headers: dict[str, str]
) -> tuple[int, bytes]:
    connection = HTTPConnection(far.hostname or "", far.port, timeout=30)
    try:
        connection.request(*asked, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()
