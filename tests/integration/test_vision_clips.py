"""Real clips of people at gates go through camera and look without a stall."""

import threading
import time
from pathlib import Path

import pytest

from config.settings import Camera, Recognition, Settings
from edge import wire
from edge.cameras.kinds import opener
from edge.cameras.kiosk import Pushed
from edge.cameras.watch import Watch
from edge.latest import Latest
from edge.vision_engines import load_engines
from edge.vision_eye import Eye, views_of
from edge.vision_worker import Worker
from models.frame import Frame
from tests.fakes.camera import until
from tests.fakes.data import need


def _settings(source: str) -> Settings:
    return Settings(
        site={"compound": "00000001"},
        camera=[{"id": "gate", "source": source, "repeat": 2, "fps": 12}],
        relay=[{"name": "gate"}],
        lane=[{"number": 1, "name": "1", "relay": "gate", "view": [{"camera": "gate"}]}],
    )


@pytest.mark.parametrize(
    "name",
    ["walk_opera.mp4", "single_hai1.mp4", "taxi_night.mp4", "seq_live_0007", "seq_print_0007"],
)
def test_a_clip_plays_to_its_end_and_its_faces_are_told(name: str) -> None:
    path = need("gate") / name
    kind = "folder" if path.is_dir() else "file"
    settings = _settings(f"{kind}:{path}")
    eye, worker, told = _run(settings)
    watch = eye.watch
    worker.hear(wire.GalleryPart(1, 0, 1, ()))
    worker.start()
    until(lambda: worker.engine != "", 60)
    states: set[str] = set()

    def ended() -> bool:
        now = time.monotonic()
        watch.turn(now)
        states.add(watch.condition(now).state)
        return watch.condition(now).state == "ended"

    until(ended, 240)
    looked = worker.turn
    until(lambda: worker.turn > looked + 1)
    worker.stop()
    watch.stop()
    assert states <= {"opening", "live", "ended"}
    assert worker.faults == ()
    faces = [message for message in told if isinstance(message, wire.SawFace)]
    assert {face.seen.resident for face in faces} <= {None}
    assert faces
    assert all(0 < len(face.crop) <= 40_000 for face in faces)


def _run(settings: Settings) -> tuple[Eye, Worker, list[wire.AnyMessage]]:
    bell = threading.Event()
    camera: Camera = settings.camera[0]
    watch = Watch(
        camera.id,
        opener(camera, Latest[Pushed](), time.monotonic, threading.Event().wait),
        Latest[Frame](bell),
        clock=time.monotonic,
        share=lambda: 0.0,
    )
    eye = Eye(camera, views_of(settings, camera.id), watch, time.monotonic)
    told: list[wire.AnyMessage] = []
    worker = Worker(
        (eye,),
        lambda: load_engines(Recognition()),
        told.append,
        target=1e-3,
        clock=time.monotonic,
        bell=bell,
    )
    return eye, worker, told


def test_a_clip_that_is_no_video_is_away_and_stays_so(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"nothing" * 1000)
    eye, worker, told = _run(_settings(f"file:{path}"))
    worker.start()

    def away() -> bool:
        eye.watch.turn(time.monotonic())
        return eye.watch.condition(time.monotonic()).state == "away"

    until(away, 60)
    worker.stop()
    eye.watch.stop()
    assert told == []
