"""idle_gate: what a camera with nobody before it costs, against looking at every frame.

A camera of 1280 x 720 gives 15 frames a second, each with a noise of its own; they are decoded
beforehand for both sides. Ours is a look as vision takes it: motion gate, then YuNet and the code
reader where the gate opens. The peer detects faces and reads codes in every frame. The figures are
processor time, not time.
"""

import itertools
import time
from collections.abc import Callable

import numpy as np

from models.lane import Direction
from recognition.look import Looker
from recognition.ports import CodeReader
from recognition.second_chance import SecondChance
from recognition.view import Look, Region, View
from tests.bench._blocks import BLOCKS, disk_folder, interleave, show
from tests.bench._faces import Eyes, open_eyes
from tests.bench._frames import scene
from tests.bench._row import About, Goal, Row
from tests.bench._site import site_on_disk

FPS = 15
FRAMES = 20
OURS, THEIRS = 4 * FPS, 2 * FPS
"""Frames that each side is shown in one block: four seconds, and two."""

_LOOKS = {
    "idle_gate": frozenset({Look.FACE, Look.CODE}),
    "idle_gate_codes": frozenset({Look.CODE}),
}


def main() -> None:
    """Print the row of a lane that takes faces and codes, and of one that takes codes alone."""
    frames = [scene(noise=number) for number in range(FRAMES)]
    with disk_folder() as folder, site_on_disk(folder) as site:
        eyes = open_eyes(site)
    contenders: dict[str, Callable[[], float]] = {}
    for name, looks in _LOOKS.items():
        camera, bare = Idle(eyes, looks, frames), Every(eyes, looks, frames)
        camera.cost()
        contenders |= {name: camera.cost, f"{name} every": bare.cost}
    taken = interleave(contenders)
    rows: list[Row] = []
    for name in _LOOKS:
        peer = "YuNet and zxing-cpp" if name == "idle_gate" else "zxing-cpp"
        about = About(
            name,
            f"{peer} on every frame",
            "processor time of one idle 1280x720 camera / peer's",
            "processors at 15 frames a second",
            BLOCKS * OURS,
        )
        goal = Goal("<=", 0.2 if name == "idle_gate" else None)
        rows.append(Row(about, goal, tuple(taken[name]), tuple(taken[f"{name} every"])))
    show(*rows)


class Idle:
    """A camera that nobody stands before, looked at as vision does."""

    def __init__(self, eyes: Eyes, looks: frozenset[Look], frames: list[np.ndarray]) -> None:
        view = View(1, Direction.ENTRY, looks, Region(), 60)
        codes: CodeReader = SecondChance(eyes.codes, time.monotonic)
        self._looker = Looker("cam-1", (view,), eyes.faces, codes)
        self._looker.use(eyes.matcher())
        self._frames = itertools.cycle(frames)
        self._shown = 0

    def cost(self) -> float:
        """Return the share of a processor that four seconds of the camera take."""
        return _share(self._look, OURS)

    def _look(self) -> None:
        self._shown += 1
        self._looker.look(next(self._frames), 100 + self._shown / FPS)


class Every:
    """The engines alone, on every frame."""

    def __init__(self, eyes: Eyes, looks: frozenset[Look], frames: list[np.ndarray]) -> None:
        self._eyes, self._looks = eyes, looks
        self._frames = itertools.cycle(frames)

    def cost(self) -> float:
        """Return the share of a processor that looking at every frame takes."""
        return _share(self._look, THEIRS)

    def _look(self) -> None:
        frame = next(self._frames)
        if Look.FACE in self._looks:
            self._eyes.faces.detect(frame)
        self._eyes.codes.read(frame)


def _share(look: Callable[[], None], frames: int) -> float:
    begun = time.process_time()
    for _ in range(frames):
        look()
    return (time.process_time() - begun) / frames * FPS
