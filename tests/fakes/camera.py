"""Cameras made of a script, and a clock that only moves when told to."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from edge.cameras.source import About, Picture
from models.errors import CameraFault
from recognition.face import Pixels


class HandClock:
    """Seconds that pass when someone says so."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def noisy(seed: int, width: int = 64, height: int = 48) -> Pixels:
    """Return a picture that is unlike that of any other seed."""
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


@dataclass
class Scripted:
    """A source that shows `pictures`, then does what `then` says.

    `then` is `end`, `fail` or `hang`; a hanging read returns once `release` is set.
    """

    pictures: Iterator[Picture]
    then: str = "end"
    live: bool = True
    release: threading.Event = field(default_factory=threading.Event)
    hanging: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)

    def about(self) -> About:
        return About("h264", 64, 48, 15.0, live=self.live)

    def read(self) -> Picture | None:
        picture = next(self.pictures, None)
        if picture is not None:
            return picture
        if self.then == "end":
            return None
        if self.then == "fail":
            message = "the cable was pulled"
            raise CameraFault(message, part="camera", advice="plug it in")
        self.hanging.set()
        self.release.wait(60)
        return Picture(noisy(99), 1.0)

    def close(self) -> None:
        self.closed.set()


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until `true()` holds; a test that waits in vain fails here."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if true():
            return
        pause.wait(0.01)
    message = f"waited {seconds} s in vain"
    raise AssertionError(message)
