"""idle_plates: what a camera over an empty way for cars costs, against looking at every frame.

A camera of 1280 x 720 gives 15 frames a second, each with a noise of its own; they are decoded
beforehand for both sides. Ours is a look as vision takes it: motion gate, then the plate detector
where the gate opens. The peer looks for plates in every frame. The figures are processor time, not
time.
"""

import itertools
import time
from collections.abc import Callable

import numpy as np

from config.settings import Camera
from edge.cameras.watch import Watch
from edge.latest import Latest
from edge.plate_engine import load_plates
from edge.vision_engines import Engines
from edge.vision_eye import Eye
from models.frame import Frame
from models.lane import Direction
from plates.look import PlateLooker
from plates.view import PlateView
from tests.bench._blocks import BLOCKS, interleave, show
from tests.bench._frames import scene
from tests.bench._row import About, Goal, Row
from tests.fakes.no_pictures import NoPictures

FPS = 15
FRAMES = 20
OURS, THEIRS = 10 * FPS, 2 * FPS
"""Frames that each side is shown in one block: ten seconds, and two."""
VIEW = PlateView(1, Direction.ENTRY, (0.0, 0.0, 1.0, 1.0))


def main() -> None:
    """Print the row of a lane that looks for plates alone."""
    frames = [scene(noise=number) for number in range(FRAMES)]
    camera, bare = Idle(frames), Every(frames)
    camera.cost()
    taken = interleave({"ours": camera.cost, "every": bare.cost})
    about = About(
        "idle_plates",
        "our look for plates on every frame",
        "processor time of one idle 1280x720 camera / peer's",
        "processors at 15 frames a second",
        BLOCKS * OURS,
    )
    show(Row(about, Goal("<=", 0.2), tuple(taken["ours"]), tuple(taken["every"])))


class Idle:
    """A camera over an empty way, looked at as vision does."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        self._now = 100.0
        camera = Camera(id="cam-1", source="kiosk")
        watch = Watch(camera.id, NoPictures, Latest(), clock=self._clock, share=lambda: 1.0)
        self._eye = Eye(camera, (), watch, self._clock, plates=(VIEW,))
        self._eye.use_engines(Engines(None, None, plates=load_plates(), wants_plates=True))
        self._frames = itertools.cycle(frames)

    def cost(self) -> float:
        """Return the share of a processor that ten seconds of the camera take."""
        return _share(self._look, OURS)

    def _clock(self) -> float:
        return self._now

    def _look(self) -> None:
        self._now += 1 / FPS
        self._eye.look(Frame("cam-1", round(self._now * FPS), self._now, next(self._frames)))


class Every:
    """The look for plates alone, on every frame."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        self._looker = PlateLooker("cam-1", (VIEW,), load_plates())
        self._frames = itertools.cycle(frames)
        self._shown = 0

    def cost(self) -> float:
        """Return the share of a processor that looking at every frame takes."""
        return _share(self._look, THEIRS)

    def _look(self) -> None:
        self._shown += 1
        self._looker.look(next(self._frames), self._shown / FPS)


def _share(look: Callable[[], None], frames: int) -> float:
    begun = time.process_time()
    for _ in range(frames):
        look()
    return (time.process_time() - begun) / frames * FPS
