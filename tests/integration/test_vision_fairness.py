"""One worker, one thread, and every camera in its turn, however much another one shows."""

import json
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from config.settings import Camera
from edge import wire
from edge.vision_engines import Engines
from edge.vision_worker import Worker
from models.frame import Frame

_ROOT = Path(__file__).resolve().parents[2]


class Always:
    """A mailbox in which there is always a newer frame."""

    def __init__(self, camera: str) -> None:
        self._camera = camera

    def take(self) -> Frame:
        return Frame(self._camera, 1, 0.0, np.zeros((4, 4, 3), np.uint8))


class Watched:
    def __init__(self, camera: str) -> None:
        self.frames = Always(camera)


class SlowEye:
    """A camera whose frames never end, each of which takes `seconds` to look at."""

    def __init__(self, camera: str, seconds: float, order: list[str]) -> None:
        self.camera = Camera(id=camera, source="kiosk")
        self.watch = Watched(camera)
        self._seconds, self._order = seconds, order

    def use_engines(self, engines: Engines) -> None:
        """Look without engines."""

    def look(self, frame: Frame) -> tuple[wire.SawFace | wire.SawCode, ...]:
        self._order.append(frame.camera)
        time.sleep(self._seconds)
        return ()


def test_a_camera_that_is_slow_to_look_at_takes_no_turn_from_the_others() -> None:
    order: list[str] = []
    bell, enough = threading.Event(), threading.Event()
    eyes = tuple(
        SlowEye(camera, seconds, order)
        for camera, seconds in (("slow", 0.02), ("quick", 0.0), ("third", 0.001))
    )
    worker = Worker(
        eyes,  # type: ignore[arg-type] # eyes by shape
        lambda: Engines(None, None, ("none",)),
        lambda _: None,
        target=1e-3,
        clock=time.monotonic,
        bell=bell,
    )
    worker.start()
    while len(order) < 60 and not enough.wait(0.01):
        bell.set()
    worker.stop()
    assert order[:60] == ["slow", "quick", "third"] * 20
    counted = Counter(order)
    assert max(counted.values()) - min(counted.values()) <= 1


_COUNT = """
import json, os, sys, threading
from pathlib import Path

class Stop:
    turns = 0
    def is_set(self):
        return False
    def wait(self, timeout=None):
        threading.Event().wait(timeout)
        self.turns += 1
        return beats or self.turns > 300

beats = []
root, engine = Path(sys.argv[1]), sys.argv[2]
from config.settings import Settings
from edge.jobs import run_vision
assert "numpy" not in sys.modules, "numpy was loaded before its threads were counted"
settings = Settings(
    site={"compound": "00000001"},
    camera=[{"id": "gate", "source": "kiosk"}],
    relay=[{"name": "gate"}],
    lane=[{"number": 1, "name": "1", "relay": "gate", "view": [{"camera": "gate"}]}],
    recognition={"engine": engine},
)

def ticks(task):
    # utime and stime of proc(5), counted behind the name, which may hold anything.
    fields = (task / "stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])

def at_work():
    # onnxruntime keeps a thread from its import on that does nothing; whoever computes has ticks.
    ours = {str(thread.native_id) for thread in threading.enumerate()}
    tasks = Path("/proc/self/task").iterdir()
    return sum(task.name not in ours and ticks(task) > 0 for task in tasks)

def beat():
    # The engines have been loaded and proved by an inference; a large gallery is compared too.
    import numpy as np
    gallery = np.ones((20000, 128), np.float32)
    for _ in range(100):
        gallery @ np.ones(128, np.float32)
    beats.append(at_work())

run_vision(settings, root, Stop(), beat)
print(json.dumps(beats))
"""


@pytest.mark.parametrize("engine", ["yunet-sface", pytest.param("dlib", marks=pytest.mark.long)])
def test_vision_looks_with_the_one_thread_of_its_worker(engine: str, tmp_path: Path) -> None:
    if engine == "dlib":
        pytest.importorskip("dlib", reason="the extra dlib is not installed")
    folder = tmp_path / "s"
    folder.mkdir(mode=0o700)
    said = subprocess.run(
        [sys.executable, "-c", _COUNT, str(folder), engine],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    beats = json.loads(said.stdout.splitlines()[-1])
    assert beats, said.stderr
    assert set(beats) == {0}, "a library has threads of its own"
