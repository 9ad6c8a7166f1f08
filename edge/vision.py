"""The vision process: cameras in, words to core, previews to whoever watches."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import cv2

from config.settings import Camera, Settings
from edge import wire
from edge.cameras.kinds import opener, patience
from edge.cameras.kiosk import Pushed
from edge.cameras.watch import Watch
from edge.clock import monotonic
from edge.latest import Latest
from edge.places import Places
from edge.vision_core import CoreLine
from edge.vision_engines import load_engines, plate_wish
from edge.vision_eye import Eye, liveness_of, plate_views_of, views_of
from edge.vision_pictures import PictureDoor
from edge.vision_preview import Previews
from edge.vision_worker import Worker
from models.lane import Liveness

_BEAT = 0.2
_HEALTH = 1.0


class Stop(Protocol):
    """Says when to stop: multiprocessing's Event, or threading's."""

    def is_set(self) -> bool:
        """Return whether it is time."""

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for it at most `timeout` seconds; return whether it is time."""


class Vision:
    """Everything that vision runs; `turn` is called a few times a second by one thread.

    `root` is the state folder. Raises ChannelFault when vision.sock cannot be made in it.
    """

    def __init__(self, settings: Settings, root: Path) -> None:
        cv2.setNumThreads(1)
        places = Places(root)
        self._halt = threading.Event()
        self._bell = threading.Event()
        self._inlets: dict[str, Latest[Pushed]] = {}
        self._eyes = tuple(self._eye(settings, camera) for camera in settings.camera)
        self._core = CoreLine(places.core_socket, self._hear, self._core_lost)
        liveness = any(lane.liveness is not Liveness.OFF for lane in settings.lane)
        plates = plate_wish(settings)
        self._worker = Worker(
            self._eyes,
            lambda: load_engines(settings.recognition, liveness=liveness, plates=plates),
            self._core.tell,
            target=settings.recognition.target_fpir,
            clock=monotonic,
            bell=self._bell,
        )
        previews = {eye.camera.id: Previews(eye.watch.show, monotonic) for eye in self._eyes}
        self._door = PictureDoor(places.vision_socket, previews, self._inlets, monotonic)
        self._worker.start()
        self._told = float("-inf")

    @property
    def looks(self) -> int:
        """How many turns the looking loop has made."""
        return self._worker.turn

    def turn(self) -> None:
        """Look after cameras and the line to core, and tell core once a second how things are."""
        now = monotonic()
        for eye in self._eyes:
            eye.watch.turn(now)
        self._core.turn(now)
        if now - self._told >= _HEALTH:
            self._told = now
            self._core.tell(self.health(now))

    def health(self, now: float) -> wire.VisionHealth:
        """Return how vision is; `turn` in it is the worker's, so that a hanging look shows."""
        return wire.VisionHealth(
            turn=self._worker.turn,
            engine=self._worker.engine,
            cameras=tuple(eye.state(now) for eye in self._eyes),
            faults=self._worker.faults,
            gallery=self._worker.gallery,
        )

    def close(self) -> None:
        """Stop everything, the socket first and core's line last."""
        self._halt.set()
        self._door.close()
        for eye in self._eyes:
            eye.watch.stop()
        self._worker.stop()
        self._core.close()

    def _eye(self, settings: Settings, camera: Camera) -> Eye:
        inlet = Latest[Pushed]()
        if camera.source == "kiosk":
            self._inlets[camera.id] = inlet
        watch = Watch(
            camera.id,
            opener(camera, inlet, monotonic, self._halt.wait),
            Latest(self._bell),
            clock=monotonic,
            share=random.Random().random,  # noqa: S311 - spreads retries, keeps no secret
            patience=patience(camera),
        )
        views, plates = views_of(settings, camera.id), plate_views_of(settings, camera.id)
        return Eye(camera, views, watch, monotonic, liveness_of(settings), plates=plates)

    def _hear(self, message: wire.AnyMessage) -> None:
        self._worker.hear(message)

    def _core_lost(self) -> None:
        self._worker.core_lost()


def run(
    settings: Settings, root: Path, stop: Stop, beat: Callable[[], None] = lambda: None
) -> None:
    """Run vision until `stop` is set; `root` is the state folder that holds the sockets.

    `beat` is called when both the looking and the watching loop have turned since the last time.
    Raises ChannelFault when vision.sock cannot be made.
    """
    vision = Vision(settings, root)
    before = 0
    try:
        while not stop.wait(_BEAT):
            vision.turn()
            if vision.looks > before:
                before = vision.looks
                beat()
    finally:
        vision.close()
