"""P10: how old a frame is when it is decided about, at 25 frames a second.

A camera of 25 frames a second shows a resident's face all the time and a new pass every half
second; the real watch, mailbox, worker and looker find them. The age is that of the pass's frame
at its decision, so that each has gone through every engine. Allowed is one frame interval and one
inference: detector, embedder and code reader on the same frame, alone.
"""

import itertools
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from config.settings import Camera
from edge import wire
from edge.cameras.source import About, Picture
from edge.cameras.watch import Watch
from edge.clock import monotonic
from edge.latest import Latest
from edge.vision_eye import Eye
from edge.vision_worker import Worker
from models.lane import Direction
from models.observation import PassShown
from recognition.view import Look, Region, View
from tests.bench._blocks import BLOCKS, disk_folder, interleave, median_of, show, timed
from tests.bench._faces import Eyes, largest, open_eyes
from tests.bench._frames import with_code, with_face
from tests.bench._row import About as RowAbout
from tests.bench._row import Goal, Row
from tests.bench._site import Site, site_on_disk

INTERVAL = 1 / 25
SHOWN_FOR = 12
"""Frames for which one pass is held up."""
PASSES = 16
SECONDS = 3.5
VIEW = View(1, Direction.ENTRY, frozenset({Look.FACE, Look.CODE}), Region(), 60)


def main() -> None:
    """Print P10."""
    with disk_folder() as folder, site_on_disk(folder) as site:
        eyes = open_eyes(site)
        face = with_face()
        frames = [with_code(site.token(), number, on=face) for number in range(PASSES)]
        camera = Reel(frames)
        with looking(site, eyes, camera) as ages:

            def seen() -> float:
                ages.clear()
                camera.running.set()
                time.sleep(SECONDS)
                camera.running.clear()
                time.sleep(0.2)
                return statistics.median(ages) * 1000

            def allowed() -> float:
                return INTERVAL * 1000 + median_of(lambda: inference(eyes, frames[0]), 12)

            seen()
            taken = interleave({"age": seen, "allowed": allowed}, BLOCKS)
    about = RowAbout(
        "P10",
        "frame interval (40 ms) + detect + embed + read codes",
        "age of the frame at its decision, p50 / allowed",
        "ms",
        round(BLOCKS * SECONDS / INTERVAL / SHOWN_FOR),
    )
    show(Row(about, Goal("<=", 1.5), tuple(taken["age"]), tuple(taken["allowed"])))


def inference(eyes: Eyes, frame: np.ndarray) -> float:
    """Return the milliseconds that the engines alone take for one frame."""

    def all_engines() -> None:
        eyes.faces.embed(frame, largest(eyes.faces, frame))
        eyes.codes.read(frame)

    return timed(all_engines)


class Reel:
    """A camera that shows its frames at their time, and nothing while it is not running."""

    def __init__(self, frames: list[np.ndarray]) -> None:
        self._frames = frames
        self._numbers = itertools.count()
        self._due = 0.0
        self.running = threading.Event()

    def about(self) -> About:
        """Return what a recording says of itself."""
        return About("reel", self._frames[0].shape[1], self._frames[0].shape[0], 25.0, live=False)

    def read(self) -> Picture | None:
        """Return the next frame when it is due."""
        while not self.running.wait(1.0):
            pass
        self._due = max(self._due + INTERVAL, time.monotonic() - INTERVAL)
        time.sleep(max(0.0, self._due - time.monotonic()))
        turn = next(self._numbers) // SHOWN_FOR
        return Picture(self._frames[turn % len(self._frames)], self._due)

    def close(self) -> None:
        """Do nothing: no device is open."""


@contextmanager
def looking(site: Site, eyes: Eyes, camera: Reel) -> Iterator[list[float]]:
    """Look through `camera`; the ages of decided frames, in seconds, gather in the list."""
    ages: list[float] = []

    def tell(message: wire.AnyMessage) -> None:
        if isinstance(message, wire.SawCode):
            seen = PassShown(message.seen.at, message.seen.text)
            _, now = site.decided(seen)
            ages.append(monotonic() - seen.at.captured)
            assert now.mono >= seen.at.captured

    bell = threading.Event()
    watch = Watch("cam-1", lambda: camera, Latest(bell), clock=monotonic, share=lambda: 0.5)
    eye = Eye(Camera(id="cam-1", source="kiosk"), (VIEW,), watch, monotonic)
    worker = Worker((eye,), lambda: eyes.engines, tell, target=1e-3, clock=monotonic, bell=bell)
    rows = eyes.gallery.rows
    told = [(who, home, one.engine, one.vector) for who, home, one in rows]
    worker.hear(wire.GalleryPart(eyes.gallery.version, 0, 1, tuple(told)))
    over = threading.Event()

    def turn() -> None:
        while not over.wait(0.1):
            watch.turn(monotonic())

    keeper = threading.Thread(target=turn)
    worker.start()
    keeper.start()
    try:
        yield ages
    finally:
        over.set()
        keeper.join()
        camera.running.set()
        worker.stop()
        watch.stop()
