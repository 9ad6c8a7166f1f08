"""One try at one camera: a thread that opens the source and hands on its pictures till it stops."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from edge.cameras.source import UNKNOWN, About, Opener, Picture, Source
from models.errors import CameraFault

log = logging.getLogger(__name__)


class Phase(Enum):
    """How far a try has come."""

    OPENING = "opening"
    RUNNING = "running"
    ENDED = "ended"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sign:
    """What a try shows of itself; `at` is when it last got on, in CLOCK_MONOTONIC seconds."""

    phase: Phase
    at: float
    about: About = UNKNOWN
    pictures: int = 0
    fault: CameraFault | None = None


class Capture:
    """One try. A read that hangs cannot be stopped: such a try is abandoned and closes itself."""

    def __init__(
        self,
        camera: str,
        opener: Opener,
        deliver: Callable[[Picture, About], None],
        clock: Callable[[], float],
    ) -> None:
        self._camera = camera
        self._opener = opener
        self._deliver = deliver
        self._clock = clock
        self._abandoned = threading.Event()
        self._sign = Sign(Phase.OPENING, clock())
        self._thread = threading.Thread(target=self._run, name=f"camera-{camera}", daemon=True)
        self._thread.start()

    @property
    def sign(self) -> Sign:
        """The newest sign of life."""
        return self._sign

    @property
    def alive(self) -> bool:
        """Whether the thread still runs, or hangs."""
        return self._thread.is_alive()

    def abandon(self) -> None:
        """Let no further picture through and close the source as soon as its read returns."""
        self._abandoned.set()

    def join(self, timeout: float) -> None:
        """Wait for the thread at most `timeout` seconds."""
        self._thread.join(timeout)

    def _run(self) -> None:
        try:
            source = self._opener()
            try:
                self._pump(source)
            finally:
                source.close()
        except CameraFault as fault:
            self._fail(fault)
        except Exception:
            log.exception("camera %s: its reader broke", self._camera)
            advice = "it is opened again by itself; report this if it goes on"
            message = f"camera {self._camera}: its reader broke; {advice}"
            self._fail(CameraFault(message, part="camera", advice=advice))

    def _pump(self, source: Source) -> None:
        pictures = 0
        while not self._abandoned.is_set():
            picture = source.read()
            about = source.about()
            if self._abandoned.is_set():
                return
            if picture is None:
                self._sign = Sign(Phase.ENDED, self._clock(), about, pictures)
                return
            pictures += 1
            self._sign = Sign(Phase.RUNNING, self._clock(), about, pictures)
            self._deliver(picture, about)

    def _fail(self, fault: CameraFault) -> None:
        self._sign = Sign(Phase.FAILED, self._clock(), self._sign.about, 0, fault)
