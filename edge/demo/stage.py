"""The stage: drawn cameras as MJPEG over HTTP, and a page from which the viewer acts.

It is on loopback only. What changes anything asks for a token that is new at every start and
stands in the page, so that no other web page can drive the demo; requests under a foreign host
name are refused, so that none can be led here by its own.
"""

import functools
import hmac
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from string import Template
from typing import Protocol

from edge.demo.reel import Reel
from models.errors import KuahuError

_BOUNDARY = "frame"
_MAX_BODY = 1024
_SEND_SECONDS = 2.0
"""A watcher that has taken nothing for so long is hung up on."""

_SEND_BUFFER = 128 * 1024

_MAX_PHOTO = 512 * 1024
_JPEG_STARTS = b"\xff\xd8\xff"
_PAGE = {
    "/": "text/html",
    "/words.js": "text/javascript",
    "/stage.js": "text/javascript",
    "/viewer.js": "text/javascript",
    "/stage.css": "text/css",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the viewer does: `name` of a deed, to whom, and on or off."""

    name: str
    target: str
    on: bool


class Backstage(Protocol):
    """Whoever carries out what the viewer does."""

    def perform(self, act: Act) -> None:
        """Do it.

        Raises KuahuError with a sentence for the viewer when it cannot be done.
        """

    def state(self) -> Mapping[str, object]:
        """Return what the page shows, as JSON can hold it."""

    def visitor_code(self) -> bytes:
        """Return the code of a visitor's pass that is good now, as PNG.

        Raises KuahuError when none could be made.
        """

    def enrol(self, photo: bytes, agreed: str) -> str:
        """Enrol the viewer's face from a JPEG and return what there is to remark.

        `agreed` names the text that was agreed to. Raises KuahuError with a sentence for the viewer
        when it cannot be done.
        """


class Stage:
    """Serves `reels` by name as `/NAME.mjpg`, one picture as `/NAME.jpg`, and the page at `/`."""

    def __init__(self, reels: Mapping[str, Reel], backstage: Backstage, port: int = 0) -> None:
        self.reels = reels
        self.backstage = backstage
        self.token = secrets.token_urlsafe(24)
        self.stopping = threading.Event()
        handler = functools.partial(_Request, self)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = False
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.2}, name="stage"
        )

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self._server.server_port}/"

    def stream(self, camera: str) -> str:
        """Return the address of a camera's stream."""
        return f"{self.url}{camera}.mjpg"

    def start(self) -> None:
        """Serve from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everybody and wait for every thread."""
        self.stopping.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def hosts(self) -> frozenset[str]:
        """Return the names under which the page may be asked for."""
        port = self._server.server_port
        return frozenset({f"127.0.0.1:{port}", f"localhost:{port}"})


class _Request(BaseHTTPRequestHandler):
    """One request; the library asks for this shape."""

    timeout = _SEND_SECONDS

    def __init__(self, stage: Stage, *arguments: object) -> None:
        self._stage = stage
        super().__init__(*arguments)  # type: ignore[arg-type] # handed through as they came

    def log_message(self, *_: object) -> None:
        """Say nothing: pages ask once a second."""

    def do_GET(self) -> None:
        """Answer with a page, a picture, a stream or the state."""
        if not self._ours():
            return
        path = self.path.partition("?")[0]
        name, _, kind = path.removeprefix("/").rpartition(".")
        reel = self._stage.reels.get(name)
        if path in _PAGE:
            self._answer(_PAGE[path] + "; charset=utf-8", self._page(path))
        elif path == "/state":
            state = json.dumps(self._stage.backstage.state(), ensure_ascii=False)
            self._answer("application/json", state.encode())
        elif path == "/pass.png":
            self._pass()
        elif reel is not None and kind == "jpg" and reel.plugged:
            self._answer("image/jpeg", reel.frame()[1])
        elif reel is not None and kind == "mjpg":
            self._play(reel)
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing here")

    def do_POST(self) -> None:
        """Carry out what the viewer does."""
        if not self._ours():
            return
        token = self.headers.get("X-Stage-Token", "")
        if not hmac.compare_digest(token.encode(), self._stage.token.encode()):
            self._refuse(HTTPStatus.FORBIDDEN, "load the page again: it belongs to another start")
            return
        deed = self._enrolment() if self.path == "/face" else self._performance()
        if deed is None:
            self._refuse(HTTPStatus.BAD_REQUEST, "this is no act")
            return
        try:
            remark = deed()
        except KuahuError as error:
            self._refuse(HTTPStatus.CONFLICT, str(error))
            return
        self._answer("application/json", json.dumps({"remark": remark}).encode())

    def _performance(self) -> Callable[[], str] | None:
        act = self._act()
        if act is None:
            return None

        def perform() -> str:
            self._stage.backstage.perform(act)
            return ""

        return perform

    def _enrolment(self) -> Callable[[], str] | None:
        photo = self._body(_MAX_PHOTO)
        if not photo.startswith(_JPEG_STARTS):
            return None
        agreed = self.headers.get("X-Agreed", "")
        return lambda: self._stage.backstage.enrol(photo, agreed)

    def _ours(self) -> bool:
        """Whether we were asked for under a name of ours; refuses the request if not."""
        if self.headers.get("Host", "") in self._stage.hosts():
            return True
        self._refuse(HTTPStatus.FORBIDDEN, "the stage is for this machine only")
        return False

    def _body(self, most: int) -> bytes:
        """Return what was sent, empty where that is nothing or more than `most` bytes."""
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdecimal() or int(length) > most:
            return b""
        try:
            return self.rfile.read(int(length))
        except OSError:
            return b""

    def _act(self) -> Act | None:
        try:
            said = json.loads(self._body(_MAX_BODY))
        except ValueError:
            return None
        match said:
            case {"name": str(name), "target": str(target), "on": bool(on)}:
                return Act(name, target, on)
            case _:
                return None

    def _page(self, path: str) -> bytes:
        name = path.removeprefix("/") or "stage.html"
        text = (files("edge.demo") / "page" / name).read_text("utf-8")
        if path == "/":
            text = Template(text).substitute(token=self._stage.token)
        return text.encode()

    def _pass(self) -> None:
        try:
            png = self._stage.backstage.visitor_code()
        except KuahuError as error:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
            return
        self._answer("image/png", png)

    def _play(self, reel: Reel) -> None:
        """Send frame after frame till the watcher leaves, the cable is pulled or the stage stops.

        A camera without its cable does not answer at all.
        """
        self.close_connection = True
        if not reel.plugged:
            return
        # A frame or two in the network, not seconds of them: a slow watcher skips frames.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        last = -1
        try:
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            while reel.plugged and not self._stage.stopping.is_set():
                number, jpeg = reel.frame()
                if number != last:
                    self.wfile.write(_part(jpeg))
                    last = number
                time.sleep(reel.until_next())
        except OSError:
            return

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self._answer("text/plain; charset=utf-8", text.encode(), status)

    def _answer(self, kind: str, body: bytes, status: HTTPStatus = HTTPStatus.OK) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Security-Policy", _POLICY)
            self.send_header("X-Content-Type-Options", "nosniff")
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True


def _part(jpeg: bytes) -> bytes:
    head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"
