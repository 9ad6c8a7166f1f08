"""The stage feeds the product's own camera, and obeys its own page only."""

import http.client
import json
import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from edge.cameras.mjpeg import MjpegSource
from edge.demo.backdrop import Backdrop
from edge.demo.consent import VERSIONS, version
from edge.demo.reel import Reel
from edge.demo.scenes import EMPTY, CodeHeldUp, Painter
from edge.demo.stage import Act, Stage
from edge.qr_image import png
from models.errors import CameraFault, InputError
from recognition.zxing_codes import ZxingCodes

_TOKEN = "KH1:" + "7WE8Q$%*+-./:3K9" * 11


class _Backstage:
    """Remembers what was done, refuses what is impossible."""

    def __init__(self) -> None:
        self.done: list[Act] = []
        self.photos: list[bytes] = []

    def perform(self, act: Act) -> None:
        if act.name == "fly":
            message = "nobody can fly"
            raise InputError(message)
        self.done.append(act)

    def state(self) -> dict[str, object]:
        return {"acts": len(self.done), "word": "放行"}

    def visitor_code(self) -> bytes:
        return png(_TOKEN)

    def enrol(self, photo: bytes, agreed: str) -> str:
        if agreed not in VERSIONS:
            message = "nobody agreed"
            raise InputError(message)
        self.photos.append(photo)
        return "welcome"


@pytest.fixture
def backstage() -> _Backstage:
    return _Backstage()


@pytest.fixture
def stage(backstage: _Backstage) -> Iterator[Stage]:
    reels = {name: Reel(Painter(Backdrop(0), {}, png), time.monotonic) for name in ("cam1", "cam2")}
    opened = Stage(reels, backstage)
    opened.start()
    yield opened
    opened.stop()
    assert not [thread for thread in threading.enumerate() if thread.name == "stage"]


def _ask(
    stage: Stage, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, bytes, dict[str, str]]:
    host = stage.url.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=10)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, body or None, sent)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


def _act(stage: Stage, said: object, token: str | None = None) -> tuple[int, str]:
    sent = stage.token if token is None else token
    status, body, _ = _ask(stage, "POST", "/act", json.dumps(said).encode(), X_Stage_Token=sent)
    return status, body.decode()


def _read_on(source: MjpegSource) -> None:
    """Read more pictures than the network can hold."""
    for _ in range(200):
        source.read()


def test_the_products_camera_reads_the_scene_that_is_shown(stage: Stage) -> None:
    source = MjpegSource(stage.stream("cam1"), None, time.monotonic)
    try:
        first, second = source.read(), source.read()
        assert first.pixels.shape == (480, 640, 3)
        assert not np.array_equal(first.pixels, second.pixels)
        reader = ZxingCodes()
        stage.reels["cam1"].show(CodeHeldUp(_TOKEN))
        texts = [code.text for _ in range(40) for code in reader.read(source.read().pixels)]
        assert _TOKEN in texts
        stage.reels["cam1"].show(EMPTY)
        pictures = [source.read() for _ in range(24)]
        assert reader.read(pictures[-1].pixels) == ()
        assert any(picture.captured is not None for picture in pictures)
    finally:
        source.close()


def test_a_pulled_cable_ends_the_stream_and_lets_nobody_in(stage: Stage) -> None:
    source = MjpegSource(stage.stream("cam1"), None, time.monotonic)
    other = MjpegSource(stage.stream("cam2"), None, time.monotonic)
    try:
        source.read()
        stage.reels["cam1"].plug(plugged=False)
        with pytest.raises(CameraFault):
            _read_on(source)
        with pytest.raises(CameraFault):
            MjpegSource(stage.stream("cam1"), None, time.monotonic)
        assert other.read().pixels.shape == (480, 640, 3)
        stage.reels["cam1"].plug(plugged=True)
        again = MjpegSource(stage.stream("cam1"), None, time.monotonic)
        assert again.read().pixels.shape == (480, 640, 3)
        again.close()
    finally:
        source.close()
        other.close()


def test_two_watchers_see_the_same_frame(stage: Stage) -> None:
    reel = stage.reels["cam1"]
    frames = [reel.frame() for _ in range(200)]
    by_number: dict[int, set[bytes]] = {}
    for number, jpeg in frames:
        by_number.setdefault(number, set()).add(jpeg)
    assert {len(pictures) for pictures in by_number.values()} == {1}


def test_an_act_from_the_page_is_done(stage: Stage, backstage: _Backstage) -> None:
    assert _act(stage, {"name": "stand", "target": "2", "on": True})[0] == 200
    assert backstage.done == [Act("stand", "2", on=True)]
    status, text = _act(stage, {"name": "fly", "target": "2", "on": True})
    assert (status, text) == (409, "nobody can fly")


def test_nothing_is_done_without_the_pages_token(stage: Stage, backstage: _Backstage) -> None:
    said = {"name": "stand", "target": "2", "on": True}
    for token in ("", "wrong", "\xff", stage.token[:-1]):
        assert _act(stage, said, token)[0] == 403
    assert backstage.done == []


def test_nothing_is_answered_under_a_foreign_name(stage: Stage, backstage: _Backstage) -> None:
    said = json.dumps({"name": "stand", "target": "2", "on": True}).encode()
    for path in ("/", "/state", "/cam1.jpg", "/cam1.mjpg", "/pass.png"):
        status, body, _ = _ask(stage, "GET", path, Host="rebound.example")
        assert status == 403
        assert stage.token.encode() not in body
    headers = {"X_Stage_Token": stage.token, "Host": "rebound.example"}
    assert _ask(stage, "POST", "/act", said, **headers)[0] == 403
    assert backstage.done == []


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"name": 1}', b'{"name":"a","target":"b","on":1}', b"\xff", b" " * 2000],
)
def test_what_is_no_act_is_refused(stage: Stage, backstage: _Backstage, body: bytes) -> None:
    assert _ask(stage, "POST", "/act", body, X_Stage_Token=stage.token)[0] == 400
    assert backstage.done == []


def test_a_face_is_taken_from_the_page_only_and_with_consent(
    stage: Stage, backstage: _Backstage
) -> None:
    jpeg, agreed = b"\xff\xd8\xff" + b"1" * 4000, version("zh")

    def send(body: bytes, token: str, agreed: str, **more: str) -> tuple[int, str]:
        sent = {"X_Stage_Token": token, "X_Agreed": agreed, **more}
        status, answer, _ = _ask(stage, "POST", "/face", body, **sent)
        return status, answer.decode()

    assert send(jpeg, "", agreed)[0] == 403
    assert send(jpeg, stage.token, agreed, Host="rebound.example")[0] == 403
    assert send(jpeg, stage.token, "another text") == (409, "nobody agreed")
    assert send(b"GIF89a" + jpeg, stage.token, agreed)[0] == 400
    assert send(jpeg, stage.token, agreed, Content_Length="600000")[0] == 400
    assert backstage.photos == []
    assert send(jpeg, stage.token, agreed) == (200, '{"remark": "welcome"}')
    assert backstage.photos == [jpeg]
    assert version("zh") != version("en")


def test_the_page_and_its_parts_are_served(stage: Stage) -> None:
    status, page, headers = _ask(stage, "GET", "/?lang=en")
    assert status == 200
    assert stage.token.encode() in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert b"http://" not in page
    assert b"https://" not in page
    for part in ("words.js", "viewer.js", "stage.js", "stage.css"):
        assert f"/{part}".encode() in page
        assert _ask(stage, "GET", f"/{part}")[0] == 200
    assert json.loads(_ask(stage, "GET", "/state")[1])["word"] == "放行"
    assert _ask(stage, "GET", "/pass.png")[1].startswith(b"\x89PNG")
    assert _ask(stage, "GET", "/cam1.jpg")[1].startswith(b"\xff\xd8")
    assert _ask(stage, "GET", "/../stage.py")[0] == 404
    assert _ask(stage, "GET", "/cam9.mjpg")[0] == 404


def test_stopping_hangs_up_on_a_watcher(backstage: _Backstage) -> None:
    stage = Stage({"cam1": Reel(Painter(Backdrop(1), {}, png), time.monotonic)}, backstage)
    stage.start()
    source = MjpegSource(stage.stream("cam1"), None, time.monotonic)
    source.read()
    stage.stop()
    with pytest.raises(CameraFault):
        _read_on(source)
    source.close()
