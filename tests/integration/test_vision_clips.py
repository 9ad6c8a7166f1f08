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


def _settings(source: str, *, loop: bool = False) -> Settings:
    return Settings(
        site={"compound": "00000001"},
        camera=[{"id": "gate", "source": source, "repeat": 2, "fps": 12, "loop": loop}],
        relay=[{"name": "gate"}],
        lane=[{"number": 1, "name": "1", "relay": "gate", "view": [{"camera": "gate"}]}],
    )


_CLIPS = ("walk_opera.mp4", "single_hai1.mp4", "taxi_night.mp4", "seq_live_0007", "seq_print_0007")


def _source(name: str) -> str:
    path = need("gate") / name
    return f"folder:{path}" if path.is_dir() else f"file:{path}"


@pytest.mark.parametrize("name", _CLIPS)
def test_a_clip_plays_to_its_end_without_a_stall(name: str) -> None:
    eye, worker, told = _run(_settings(_source(name)))
    worker.hear(wire.GalleryPart(1, 0, 1, ()))
    worker.start()
    until(lambda: worker.engine != "", 60)
    states: set[str] = set()
    turns: list[int] = []

    def ended() -> bool:
        now = time.monotonic()
        eye.watch.turn(now)
        states.add(eye.watch.condition(now).state)
        turns.append(worker.turn)
        return "ended" in states

    until(ended, 240)
    until(lambda: worker.turn > turns[-1] + 1)
    worker.stop()
    eye.watch.stop()
    assert states <= {"opening", "live", "ended"}
    assert worker.faults == ()
    assert turns[-1] > turns[0]
    faces = [message for message in told if isinstance(message, wire.SawFace)]
    assert {face.seen.resident for face in faces} <= {None}


@pytest.mark.parametrize("name", ["walk_opera.mp4", "seq_live_0007"])
def test_somebody_in_a_clip_is_told_to_be_unknown(name: str) -> None:
    """The clip is looped: a machine that is busy with other things sees less of it."""
    eye, worker, told = _run(_settings(_source(name), loop=True))
    worker.hear(wire.GalleryPart(1, 0, 1, ()))
    worker.start()

    def seen() -> bool:
        eye.watch.turn(time.monotonic())
        return bool(told)

    until(seen, 240)
    worker.stop()
    eye.watch.stop()
    face = told[0]
    assert isinstance(face, wire.SawFace)
    assert face.seen.resident is None
    assert 0 < len(face.crop) <= 40_000


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
