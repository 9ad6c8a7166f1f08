"""Network cameras: a real RTSP stream, its login, its silence and its death."""

import logging
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import Camera
from edge.cameras.av_stream import Login
from edge.cameras.kinds import opener, patience
from edge.cameras.kiosk import Pushed
from edge.cameras.rtsp import RtspSource
from edge.cameras.watch import Watch
from edge.latest import Latest
from models.errors import CameraFault
from models.frame import Frame
from tests.fakes.camera import until
from tests.fakes.free_port import free_port
from tests.fakes.rtsp import DigestDoor, RtspServer, clip, listening, mute, serving

_PASSWORD = "p@ss:wo/rd %41?#é"  # every character that a URL could trip over


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RtspServer]:
    folder = tmp_path_factory.mktemp("clips")
    clip(folder / "h264.mp4", "libx264")
    clip(folder / "h265.mp4", "libx265")
    with serving(folder) as running:
        yield running


def _watch(source: str, **keys: object) -> Watch:
    camera = Camera.model_validate({"id": "gate", "source": source, **keys})
    return Watch(
        "gate",
        opener(camera, Latest[Pushed](), time.monotonic, threading.Event().wait),
        Latest[Frame](),
        clock=time.monotonic,
        share=lambda: 0.0,
        patience=patience(camera),
    )


def _reaches(watch: Watch, *states: str) -> None:
    def there() -> bool:
        watch.turn(time.monotonic())
        return watch.condition(time.monotonic()).state in states

    until(there, 90)


@pytest.mark.parametrize(("name", "codec"), [("h264.mp4", "h264"), ("h265.mp4", "hevc")])
def test_both_codecs_are_read_and_described(server: RtspServer, name: str, codec: str) -> None:
    source = RtspSource(server.url(name), None, time.monotonic)
    pictures = [source.read() for _ in range(40)]
    about = source.about()
    source.close()
    assert (about.codec, about.width, about.height) == (codec, 320, 240)
    assert about.fps == pytest.approx(15, abs=1)
    assert about.live
    assert pictures[0].captured is None
    assert pictures[0].pixels.shape == (240, 320, 3)
    settled = [picture.captured for picture in pictures if picture.captured is not None]
    assert settled
    assert settled == sorted(settled)


def test_the_stream_reaches_the_mailbox_with_its_capture_times(server: RtspServer) -> None:
    watch = _watch(server.url("h264.mp4"))
    _reaches(watch, "live")
    frames: list[Frame] = []

    def settled() -> bool:
        frame = watch.frames.take()
        frames.extend([frame] if frame is not None else [])
        return any(frame.captured is not None for frame in frames)

    until(settled, 60)
    assert [frame.number for frame in frames] == sorted({frame.number for frame in frames})
    assert all(f.captured is None or f.captured <= time.monotonic() for f in frames)
    watch.stop()


def test_a_server_that_dies_is_away_and_found_again(tmp_path: Path) -> None:
    clip(tmp_path / "cam.mp4", "libx264")
    port = free_port()
    watch = None
    with serving(tmp_path, port) as first:
        watch = _watch(first.url("cam.mp4"))
        _reaches(watch, "live")
        first.kill()
        _reaches(watch, "away")
        assert watch.condition(time.monotonic()).complaint
    with serving(tmp_path, port):
        _reaches(watch, "live")
    watch.stop()


def test_a_server_that_falls_silent_is_noticed_and_found_again(tmp_path: Path) -> None:
    clip(tmp_path / "cam.mp4", "libx264")
    with serving(tmp_path) as running:
        watch = _watch(running.url("cam.mp4"))
        _reaches(watch, "live")
        running.freeze()
        _reaches(watch, "silent", "away")
        assert not watch.condition(time.monotonic()).ok
        running.thaw()
        _reaches(watch, "live")
        watch.stop()


def test_a_server_that_never_answers_is_given_up() -> None:
    with listening(mute) as port, pytest.raises(CameraFault, match="no answer in 2 s"):
        RtspSource(f"rtsp://127.0.0.1:{port}/x", None, time.monotonic)


def test_nobody_there_says_what_to_check() -> None:
    with pytest.raises(CameraFault, match="nothing listens there; check host and port"):
        RtspSource(f"rtsp://127.0.0.1:{free_port()}/x", None, time.monotonic)


def test_a_digest_login_opens_the_stream(server: RtspServer) -> None:
    door = DigestDoor(server.port, "wächter", _PASSWORD)
    with listening(door.serve) as port:
        url = f"rtsp://127.0.0.1:{port}/h264.mp4?play_count=0"
        source = RtspSource(url, Login("wächter", _PASSWORD), time.monotonic)
        assert source.read().pixels.shape == (240, 320, 3)
        source.close()


def test_a_wrong_password_is_refused_in_words(server: RtspServer) -> None:
    door = DigestDoor(server.port, "admin", "right")
    wrong = Login("admin", "wrong")
    with listening(door.serve) as port, pytest.raises(CameraFault, match="refuses this user"):
        RtspSource(f"rtsp://127.0.0.1:{port}/h264.mp4", wrong, time.monotonic)


def test_no_password_shows_anywhere(
    server: RtspServer, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Not in a log, not in what went wrong, not in what lies behind what went wrong."""
    caplog.set_level(logging.DEBUG)
    word = "hunter2secret"
    door = DigestDoor(server.port, "admin", "right")
    told: list[str] = []
    with listening(door.serve) as refusing, listening(mute) as muted:
        for port in (refusing, muted, free_port()):
            url = f"rtsp://127.0.0.1:{port}/h264.mp4?token={word}"
            with pytest.raises(CameraFault) as caught:
                RtspSource(url, Login("admin", word), time.monotonic)
            assert caught.value.__cause__ is None
            assert caught.value.__context__ is None
            told += traceback.format_exception(caught.value)
            told.append(repr(caught.value) + str(caught.value.args) + caught.value.advice)
        watch = _watch(f"rtsp://127.0.0.1:{refusing}/h264.mp4", user="admin", password=word)
        _reaches(watch, "away")
        told += [watch.condition(time.monotonic()).complaint, repr(Login("admin", word))]
        watch.stop()
    told += [record.getMessage() for record in caplog.records]
    told += list(capfd.readouterr())
    assert any("camera gate" in text for text in told)
    assert not [text for text in told if word in text]


def test_a_password_file_is_read_when_the_camera_is_opened(
    server: RtspServer, tmp_path: Path
) -> None:
    kept = tmp_path / "camera.password"
    door = DigestDoor(server.port, "admin", "later")
    with listening(door.serve) as port:
        url = f"rtsp://127.0.0.1:{port}/h264.mp4?play_count=0"
        watch = _watch(url, user="admin", password_file=str(kept))
        _reaches(watch, "away")
        assert "cannot be read" in watch.condition(time.monotonic()).complaint
        kept.write_text("later\n", encoding="utf-8")
        _reaches(watch, "live")
        watch.stop()
