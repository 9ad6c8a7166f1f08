"""Vision when something is wrong: weights, frames, floods, a core that does not read."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.settings import Camera, Recognition, Settings
from config.weights import weight_files
from edge import wire
from edge.cameras.jpeg_size import jpeg_size
from edge.cameras.kinds import opener
from edge.cameras.source import Source
from edge.cameras.watch import Watch
from edge.channel import Client, Refused, connect
from edge.latest import Latest
from edge.places import Places
from edge.qr_image import png
from edge.vision import Vision, run
from edge.vision_engines import Engines, load_engines
from edge.vision_eye import OLDEST, Eye, views_of
from edge.vision_worker import RELOAD, Worker
from models.errors import CameraFault, RecogniserFault
from models.frame import Frame
from models.weights import WeightFile
from recognition.face import Face, Pixels, Vector
from recognition.look import Looker
from recognition.ports import CodeRead
from recognition.threshold import Impostors
from recognition.zxing_codes import ZxingCodes
from tests.fakes.camera import HandClock, noisy, until
from tests.fakes.camera_core import listening
from tests.fakes.no_pictures import NoPictures

_NO_BEAT = 1.5
"""Seconds without a beat that show a hang: a healthy loop beats five times a second."""


def _settings(source: str = "kiosk", **lane: object) -> Settings:
    return Settings(
        site={"compound": "00000001"},
        camera=[{"id": "gate", "source": source, "loop": True}],
        relay=[{"name": "gate"}],
        lane=[{"number": 1, "name": "1", "relay": "gate", "view": [{"camera": "gate"}], **lane}],
    )


def _spoilt(engine: str) -> dict[str, WeightFile]:
    return {
        part: WeightFile(file.path, "0" * 64, file.source)
        for part, file in weight_files(engine).items()
    }


def _gone(engine: str) -> dict[str, WeightFile]:
    return {
        part: WeightFile(Path("nowhere.onnx"), file.sha256, file.source)
        for part, file in weight_files(engine).items()
    }


@pytest.mark.parametrize("weights", [_spoilt, _gone])
def test_wrong_weights_switch_faces_off_and_leave_codes_on(
    weights: Callable[[str], dict[str, WeightFile]],
) -> None:
    engines = load_engines(Recognition(), weights)
    assert engines.faces is None
    assert engines.codes is not None
    assert engines.name == ""
    (fault,) = engines.faults
    assert "faces are off" in fault
    assert "install" in fault


def test_right_weights_load_and_say_nothing() -> None:
    engines = load_engines(Recognition())
    assert engines.faces is not None
    assert engines.faults == ()
    assert engines.name == engines.faces.engine


def _no_frames() -> Source:
    return NoPictures()


class _Breaking:
    """A face engine whose network gives nonsense."""

    engine = "breaking:0"
    impostors = Impostors(0.1, 0.1, 0.4)

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        message = f"not finite, on {bgr.shape}"
        raise RecogniserFault(message, part="faces", advice="restart")

    def embed(self, bgr: Pixels, face: Face) -> Vector:
        raise NotImplementedError


class _Bench:
    """One worker over one camera, fed by hand."""

    def __init__(self, clock: HandClock, *loads: Engines) -> None:
        settings = _settings()
        bell = threading.Event()
        self.frames = Latest[Frame](bell)
        self.told: list[wire.AnyMessage] = []
        self.loads = 0
        watch = Watch("gate", _no_frames, self.frames, clock=clock, share=lambda: 1.0)
        self.clock = clock
        self._numbers = iter(range(1, 10**6))
        eye = Eye(settings.camera[0], views_of(settings, "gate"), watch, clock)

        def load() -> Engines:
            self.loads += 1
            return loads[min(self.loads, len(loads)) - 1]

        self.worker = Worker((eye,), load, self.told.append, target=1e-3, clock=clock, bell=bell)

    def show(self, pixels: object, captured: float | None) -> None:
        """Put one frame before the worker and wait until it was taken."""
        taken = self.worker.turn
        self.frames.put(Frame("gate", next(self._numbers), captured, pixels))
        until(lambda: self.worker.turn > taken + 1)

    def codes(self) -> list[str]:
        return [each.seen.text for each in self.told if isinstance(each, wire.SawCode)]


@pytest.fixture
def code() -> Pixels:
    drawn = cv2.imdecode(np.frombuffer(png("KH1:TEST"), np.uint8), cv2.IMREAD_COLOR)
    return np.asarray(drawn, np.uint8)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[_Bench]:
    clock = HandClock()
    bench = _Bench(clock, *getattr(request, "param", (Engines(None, ZxingCodes()),)))
    bench.worker.start()
    until(lambda: bench.loads > 0)
    yield bench
    bench.worker.stop()


def test_a_code_in_a_fresh_frame_is_told(bench: _Bench, code: Pixels) -> None:
    bench.show(code, bench.clock())
    assert bench.codes() == ["KH1:TEST"]


@pytest.mark.parametrize("age", [None, OLDEST + 0.01, 60.0])
def test_a_frame_that_is_old_or_of_unknown_age_tells_nothing(
    bench: _Bench, code: Pixels, age: float | None
) -> None:
    bench.show(code, None if age is None else bench.clock() - age)
    assert bench.codes() == []
    bench.show(code, bench.clock())
    assert bench.codes() == ["KH1:TEST"]


def test_a_frame_that_breaks_the_look_breaks_nothing_else(bench: _Bench, code: Pixels) -> None:
    bench.show("no picture at all", bench.clock())
    assert any("camera gate" in fault for fault in bench.worker.faults)
    bench.show(code, bench.clock())
    assert bench.codes() == ["KH1:TEST"]
    assert not any("camera gate" in fault for fault in bench.worker.faults)


@pytest.mark.parametrize(
    "bench", [(Engines(_Breaking(), ZxingCodes()), Engines(None, ZxingCodes()))], indirect=True
)
def test_an_engine_that_breaks_is_off_at_once_and_loaded_again_later(
    bench: _Bench, code: Pixels
) -> None:
    bench.worker.hear(wire.GalleryPart(1, 0, 1, ()))
    bench.show(noisy(1, 320, 240), bench.clock())
    assert any("faces are off" in fault for fault in bench.worker.faults)
    assert bench.worker.engine == ""
    bench.show(code, bench.clock())
    assert bench.codes() == ["KH1:TEST"]
    assert bench.loads == 1
    bench.clock.now += RELOAD
    until(lambda: bench.loads == 2)


def test_a_gallery_that_cannot_be_used_is_a_fault(bench: _Bench) -> None:
    engines = load_engines(Recognition())
    loaded = _Bench(bench.clock, engines)
    loaded.worker.start()
    rows = (("eileen", "3-1-502", engines.name, b"\x00" * 12),)
    loaded.worker.hear(wire.GalleryPart(4, 0, 1, rows))
    until(lambda: any("gallery 4" in fault for fault in loaded.worker.faults))
    strange = (("eileen", "3-1-502", "another:1", b"\x00" * 512),)
    loaded.worker.hear(wire.GalleryPart(5, 0, 1, strange))
    until(lambda: any("another engine" in fault for fault in loaded.worker.faults))
    loaded.worker.hear(wire.GalleryPart(6, 0, 1, ()))
    until(lambda: loaded.worker.faults == ())
    loaded.worker.stop()


def test_a_lane_without_faces_has_none_looked_for() -> None:
    views = views_of(_settings(credentials=["pass"]), "gate")
    assert [sorted(look.value for look in view.looks) for view in views] == [["code"]]
    assert views_of(_settings(), "elsewhere") == ()
    assert Looker("gate", views, None, ZxingCodes()).look(noisy(1), 1.0) == ()


def test_a_flood_of_previews_gets_the_same_picture_and_recognition_goes_on(
    tmp_path: Path,
) -> None:
    pictures, root = tmp_path / "p", tmp_path / "s"
    pictures.mkdir()
    root.mkdir()
    (pictures / "pass.png").write_bytes(png("KH1:TEST"))
    vision = Vision(_settings(f"folder:{pictures}"), root)
    stop = threading.Event()
    asked = [0] * 4
    packed: set[int] = set()

    def flood(who: int) -> None:
        client = Client(connect(Places(root).vision_socket, "web"), lambda _: None)
        while not stop.is_set():
            shown = client.ask(wire.Preview(client.ref(), "gate"), wire.PreviewIs)
            asked[who] += 1
            if shown.jpeg:
                packed.add(shown.number)
                assert jpeg_size(shown.jpeg) is not None
        client.close()

    flooding = [threading.Thread(target=flood, args=(who,)) for who in range(len(asked))]
    with listening(root) as core:
        for thread in flooding:
            thread.start()

        def enough() -> bool:
            vision.turn()
            return bool(core.codes()) and min(asked) > 30

        until(enough, 90)
        stop.set()
        for thread in flooding:
            thread.join()
        before = vision.looks
        until(lambda: vision.looks > before)
    vision.close()
    assert sum(asked) > 2 * len(packed)


def test_the_mutant_that_looks_at_old_frames_is_caught(
    bench: _Bench, code: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.vision_eye.OLDEST", float("inf"))
    bench.show(code, bench.clock() - 60.0)
    assert bench.codes() == ["KH1:TEST"]


class _Hanging:
    """A code reader that never comes back."""

    def __init__(self) -> None:
        self.entered, self.release = threading.Event(), threading.Event()

    def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
        del pixels
        self.entered.set()
        self.release.wait(60)
        return ()


def test_a_look_that_hangs_stops_the_beat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hanging, stop, beats = _Hanging(), threading.Event(), Latest[int]()
    monkeypatch.setattr("edge.vision.load_engines", lambda _, **__: Engines(None, hanging))
    pictures, root = tmp_path / "p", tmp_path / "s"
    pictures.mkdir()
    root.mkdir()
    settings = _settings(f"folder:{pictures}")
    running = threading.Thread(target=run, args=(settings, root, stop, lambda: beats.put(1)))
    running.start()
    assert beats.take(60) == 1
    (pictures / "0.png").write_bytes(png("KH1:TEST"))
    assert hanging.entered.wait(60)
    until(lambda: beats.take(_NO_BEAT) is None)
    hanging.release.set()
    assert beats.take(60) == 1
    stop.set()
    running.join(30)
    assert not running.is_alive()


def test_an_unknown_camera_has_no_preview(tmp_path: Path) -> None:
    vision = Vision(_settings(), tmp_path)
    channel = connect(Places(tmp_path).vision_socket, "web")
    client = Client(channel, lambda _: None)
    ref = client.ref()
    with pytest.raises(Refused, match="no camera 'nowhere'"):
        client.ask(wire.Preview(ref, "nowhere"), wire.PreviewIs)
    client.close()
    vision.close()


def test_strangers_to_the_protocol_are_hung_up_on(tmp_path: Path) -> None:
    vision = Vision(_settings(), tmp_path)
    client = Client(connect(Places(tmp_path).vision_socket, "web"), lambda _: None)
    client.tell(wire.Call(1, 1))
    until(lambda: client.gone)
    client.close()
    vision.close()


def test_a_camera_table_without_a_number_names_itself() -> None:
    camera = Camera(id="gate", source="usb:front")
    opened = opener(camera, Latest(), time.monotonic, threading.Event().wait)
    with pytest.raises(CameraFault, match="write usb:0"):
        opened()
