"""MJPEG over HTTP: read, stamped by arrival, and let go when it falls silent."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from edge.cameras.av_stream import Login
from edge.cameras.mjpeg import MjpegSource
from edge.cameras.picture_file import pack
from models.errors import CameraFault
from tests.fakes.camera import noisy
from tests.fakes.free_port import free_port
from tests.fakes.rtsp import DigestDoor, listening, mute

_BOUNDARY = "picture"


@contextmanager
def _camera(pictures: int, door: DigestDoor | None = None) -> Iterator[str]:
    """Send so many pictures, a twentieth of a second apart, then nothing at all.

    With a `door`, only to who knows its password.
    """
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if door is not None and not door.knows(f"{self.requestline}\r\n{self.headers}"):
                self.send_response(401)
                self.send_header("WWW-Authenticate", door.question)
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Type", f"multipart/x-mixed-replace;boundary={_BOUNDARY}")
            self.end_headers()
            for number in range(pictures):
                jpeg = pack(noisy(number, 160, 120), 160, 80)
                head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}"
                self.wfile.write(head.encode() + b"\r\n\r\n" + jpeg + b"\r\n")
                done.wait(0.05)
            done.wait(60)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/video"
    finally:
        done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _read_on(source: MjpegSource) -> None:
    while True:
        source.read()


def test_pictures_are_read_and_told_apart_from_buffered_ones() -> None:
    with _camera(60) as url:
        source = MjpegSource(url, None, time.monotonic)
        pictures = [source.read() for _ in range(40)]
        about = source.about()
        source.close()
    assert (about.codec, about.width, about.height) == ("mjpeg", 160, 120)
    assert pictures[0].pixels.shape == (120, 160, 3)
    assert pictures[0].captured is None
    stamped = [picture.captured for picture in pictures if picture.captured is not None]
    assert stamped
    assert stamped == sorted(stamped)


def test_a_digest_login_opens_the_stream() -> None:
    with _camera(20, DigestDoor(0, "admin", "p@ss:wo/rd %41")) as url:
        source = MjpegSource(url, Login("admin", "p@ss:wo/rd %41"), time.monotonic)
        assert source.read().pixels.shape == (120, 160, 3)
        source.close()
        with pytest.raises(CameraFault, match="refuses this user"):
            MjpegSource(url, Login("admin", "wrong"), time.monotonic)


def test_a_camera_that_falls_silent_is_given_up() -> None:
    with _camera(40) as url:
        source = MjpegSource(url, None, time.monotonic)
        for _ in range(39):
            source.read()
        with pytest.raises(CameraFault, match="no answer in 2 s"):
            _read_on(source)
        source.close()


def test_a_camera_that_never_answers_is_given_up() -> None:
    with listening(mute) as port, pytest.raises(CameraFault, match="no answer in 2 s"):
        MjpegSource(f"http://127.0.0.1:{port}/video", Login("a", "b"), time.monotonic)


def test_nobody_there_says_what_to_check() -> None:
    with pytest.raises(CameraFault, match="nothing listens there"):
        MjpegSource(f"http://127.0.0.1:{free_port()}/video", None, time.monotonic)
