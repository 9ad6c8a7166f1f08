"""What `kuahu doctor` sees of a camera, on recordings and on streams that fail."""

import shutil
import time
from pathlib import Path

import pytest

from config.settings import Camera, Recognition
from edge.cameras.examine import Examined, Finding, examine, findings
from edge.qr_image import png
from edge.vision_engines import Engines, load_engines
from tests.fakes.free_port import free_port
from tests.fakes.portraits import eileen_collins
from tests.fakes.rtsp import clip, listening, mute, serving


@pytest.fixture(scope="module")
def engines() -> Engines:
    return load_engines(Recognition())


def _look(source: str, engines: Engines, **keys: object) -> Examined:
    camera = Camera.model_validate({"id": "gate", "source": source, **keys})
    return examine(camera, engines.faces, engines.codes, time.monotonic, 3.0)


def _found(seen: Examined, word: str) -> Finding:
    found = [line for line in findings(seen) if word in line.text]
    assert len(found) == 1, findings(seen)
    return found[0]


def test_a_face_and_a_code_are_measured(tmp_path: Path, engines: Engines) -> None:
    shutil.copy(eileen_collins(), tmp_path / "0.png")
    (tmp_path / "1.png").write_bytes(png("KH1:" + "A1" * 60))
    seen = _look(f"folder:{tmp_path}", engines, loop=True, repeat=3)
    assert seen.face_px > 60
    assert seen.module_px == pytest.approx(10, abs=0.5)
    assert _found(seen, "face ").good
    assert _found(seen, "code 10").good
    assert _found(seen, "age of its pictures is known").good


def test_a_stream_is_described_and_what_was_not_seen_is_said(
    tmp_path: Path, engines: Engines
) -> None:
    clip(tmp_path / "cam.mp4", "libx264")
    with serving(tmp_path) as server:
        camera = Camera(id="gate", source=server.url("cam.mp4"))
        seen = examine(camera, engines.faces, engines.codes, time.monotonic, 5.0)
    assert (seen.codec, seen.width, seen.height) == ("h264", 320, 240)
    assert seen.fps == pytest.approx(15, abs=1)
    assert seen.dated
    assert _found(seen, "size").good is False
    assert "640" in _found(seen, "size").advice
    assert _found(seen, "no face").good is None
    assert _found(seen, "no code").good is None


@pytest.mark.parametrize("silent", [True, False])
def test_a_camera_that_cannot_be_opened_says_why(engines: Engines, silent: bool) -> None:
    with listening(mute) as port:
        where = port if silent else free_port()
        seen = _look(f"rtsp://127.0.0.1:{where}/x", engines)
    (line,) = findings(seen)
    assert line.good is False
    assert "check" in line.text


def test_a_browser_s_camera_is_left_to_the_browser(engines: Engines) -> None:
    (line,) = findings(_look("kiosk", engines))
    assert line.good is None
    assert "lane's screen" in line.text


def test_without_engines_the_picture_is_still_described(tmp_path: Path) -> None:
    shutil.copy(eileen_collins(), tmp_path / "0.png")
    seen = _look(f"folder:{tmp_path}", Engines(None, None), loop=True)
    assert (seen.width, seen.height, seen.face_px) == (512, 512, 0)
