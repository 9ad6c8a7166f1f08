"""A real RTSP stream on loopback, and doors before it: one that asks for a digest, one that mutes.

The stream is aio-rtsp-toolkit's server in a process of its own. It knows no logins, so those are
checked by a proxy here, as RFC 7616 says (MD5, as cameras do).
"""

import contextlib
import hashlib
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.fakes.camera import until
from tests.fakes.free_port import free_port

FPS = 15


def clip(path: Path, codec: str, seconds: float = 3.0, size: tuple[int, int] = (320, 240)) -> Path:
    """Write a moving, noisy clip; `codec` is `libx264` or `libx265`."""
    width, height = size
    random = np.random.default_rng(1)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(FPS)}
        if codec == "libx265":
            stream.options |= {"x265-params": "log-level=none:pools=1:frame-threads=1"}
        for number in range(int(seconds * FPS)):
            picture = random.integers(30, 90, (height, width, 3), np.uint8)
            left = number * 6 % (width - 40)
            picture[:, left : left + 40] = 200
            frame = av.VideoFrame.from_ndarray(picture, "bgr24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@dataclass(slots=True)
class RtspServer:
    """A server that shows the clips of a folder again and again."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def url(self, clip_name: str) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{clip_name}?play_count=0"

    def freeze(self) -> None:
        """Let it fall silent without closing anything."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def _accepts(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextmanager
def serving(folder: Path, port: int | None = None) -> Iterator[RtspServer]:
    """Serve the clips of `folder` for as long as the block lasts."""
    port = port or free_port()
    program = Path(sys.executable).with_name("rtsp-server")
    where = ("--host", "127.0.0.1", "--port", str(port), "-cp", str(free_port()))
    process = subprocess.Popen(
        [program, "--dir", folder, *where],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = RtspServer(folder, port, process)
    try:
        until(lambda: _accepts(port), 60)
        yield server
    finally:
        server.thaw()
        server.kill()


@contextmanager
def listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    """Give every connection to `serve` in a thread of its own; yields the port."""
    door = socket.create_server(("127.0.0.1", 0))
    open_ones: list[socket.socket] = []

    def accept() -> None:
        while True:
            try:
                guest, _ = door.accept()
            except OSError:
                return
            open_ones.append(guest)
            threading.Thread(target=serve, args=(guest,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    port: int = door.getsockname()[1]
    try:
        yield port
    finally:
        with contextlib.suppress(OSError):
            door.shutdown(socket.SHUT_RDWR)
        door.close()
        for guest in open_ones:
            with contextlib.suppress(OSError):
                guest.shutdown(socket.SHUT_RDWR)
            guest.close()


def mute(guest: socket.socket) -> None:
    """Take whatever comes and never answer."""
    with contextlib.suppress(OSError):
        while guest.recv(4096):
            pass


@dataclass(frozen=True, slots=True)
class DigestDoor:
    """Lets requests through to the server at `port` that know the user's password."""

    port: int
    user: str
    password: str
    realm: str = "Kuahu test camera"
    nonce: str = secrets.token_hex(16)

    @property
    def question(self) -> str:
        """The challenge that a client has to answer."""
        return f'Digest realm="{self.realm}", nonce="{self.nonce}"'

    def serve(self, guest: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port)) as server,
        ):
            threading.Thread(target=_pump, args=(server, guest), daemon=True).start()
            pending = b""
            while piece := guest.recv(65536):
                pending = self._let_through(pending + piece, guest, server)

    def _let_through(self, data: bytes, guest: socket.socket, server: socket.socket) -> bytes:
        while data:
            if data[:1] == b"$":
                size = 4 + int.from_bytes(data[2:4], "big")
                if len(data) < size:
                    return data
                server.sendall(data[:size])
                data = data[size:]
                continue
            head, end, rest = data.partition(b"\r\n\r\n")
            if not end:
                return data
            if self.knows(head.decode()):
                server.sendall(head + end)
            else:
                guest.sendall(self._challenge(head.decode()))
            data = rest
        return data

    def _challenge(self, request: str) -> bytes:
        sequence = re.search(r"(?i)^cseq: *(\d+)", request, re.MULTILINE)
        lines = (
            "RTSP/1.0 401 Unauthorized",
            f"CSeq: {sequence[1] if sequence else 0}",
            f"WWW-Authenticate: {self.question}",
            "",
            "",
        )
        return "\r\n".join(lines).encode()

    def knows(self, request: str) -> bool:
        """Return whether a request's head, RTSP or HTTP, proves that it knows the password."""
        method, uri = request.split(" ", 2)[:2]
        said = re.search(r"(?i)^authorization: *digest (.*)$", request, re.MULTILINE)
        if said is None:
            return False
        fields = dict(re.findall(r'(\w+)="([^"]*)"', said[1]))
        who = _md5(f"{self.user}:{self.realm}:{self.password}")
        what = _md5(f"{method}:{fields.get('uri')}")
        right = _md5(f"{who}:{self.nonce}:{what}")
        return (
            fields.get("username") == self.user
            and fields.get("uri") == uri
            and fields.get("response") == right
        )


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_RDWR)
