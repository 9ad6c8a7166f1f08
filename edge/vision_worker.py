"""The one loop that looks: at each camera's newest frame in turn, and to core's wishes."""

import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from edge import wire
from edge.vision_engines import Engines
from edge.vision_enrolment import Enrolments
from edge.vision_eye import Eye
from edge.vision_gallery import GalleryParts
from models.errors import RecogniserFault
from models.template import Gallery
from recognition.gallery import Matcher

log = logging.getLogger(__name__)

RELOAD = 30.0
"""Seconds after which engines that are off are loaded again."""

_IDLE = 0.25


@dataclass(frozen=True, slots=True)
class _Lost:
    """Core hung up."""


class Worker:
    """Owns engines, gallery and every look; everybody else only rings its bell or reads.

    `load` returns the engines and never raises; `tell` takes what there is for core and never
    waits long; `target` is the site's false-positive rate per passage.
    """

    def __init__(
        self,
        eyes: tuple[Eye, ...],
        load: Callable[[], Engines],
        tell: Callable[[wire.AnyMessage], None],
        *,
        target: float,
        clock: Callable[[], float],
        bell: threading.Event,
    ) -> None:
        self._eyes = eyes
        self._load = load
        self._tell = tell
        self._target = target
        self._clock = clock
        self._bell = bell
        self._stop = threading.Event()
        self._heard: queue.SimpleQueue[wire.GalleryPart | wire.Encode | _Lost] = queue.SimpleQueue()
        self._parts = GalleryParts()
        self._enrolments = Enrolments()
        self._engines = Engines(None, None, ("engines are being loaded",))
        self._reload_at = float("-inf")
        self._gallery: Gallery | None = None
        self._matcher: Matcher | None = None
        self._gallery_fault = ""
        self._in_force = -1
        self._broken: frozenset[str] = frozenset()
        self._turn = 0
        self._thread = threading.Thread(target=self._run, name="vision-worker", daemon=True)

    @property
    def turn(self) -> int:
        """How many looks and turns the loop has made; standing still means hanging."""
        return self._turn

    @property
    def engine(self) -> str:
        """The face engine's name, empty where it is off."""
        return self._engines.name

    @property
    def gallery(self) -> int:
        """The version of the gallery in force, -1 while there is none."""
        return self._in_force

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with engines, gallery or looks, in words for the guard."""
        cameras = tuple(
            f"camera {camera}: looking at its pictures fails; see the log"
            for camera in sorted(self._broken)
        )
        gallery = (self._gallery_fault,) if self._gallery_fault else ()
        return (*self._engines.faults, *gallery, *cameras)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def hear(self, message: wire.AnyMessage) -> None:
        """Take what core says; from any thread."""
        if isinstance(message, wire.GalleryPart | wire.Encode):
            self._heard.put(message)
            self._bell.set()

    def core_lost(self) -> None:
        """Forget what a core that hung up has half said; from any thread."""
        self._heard.put(_Lost())

    def stop(self, timeout: float = 5.0) -> None:
        """Stop looking and wait for the loop."""
        self._stop.set()
        self._bell.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stop.is_set():
            self._keep_engines()
            self._obey()
            for eye in self._eyes:
                self._look(eye)
                # Many slow looks in a row are no hang: each of them is progress.
                self._turn += 1
            if not self._enrolments.waiting:
                self._bell.wait(_IDLE)
                self._bell.clear()
            # Counted last: the first turn loads the models, and only with them has vision begun.
            self._turn += 1

    def _keep_engines(self) -> None:
        """Load engines that are off; weights may have been put right meanwhile."""
        if self._engines.complete or self._clock() < self._reload_at:
            return
        self._reload_at = self._clock() + RELOAD
        before = self._engines.faults
        self._engines = self._load()
        if self._engines.faults != before:
            for fault in self._engines.faults:
                log.info("%s", fault)
        self._dress()

    def _dress(self) -> None:
        for eye in self._eyes:
            eye.use_engines(self._engines)
        self._match()

    def _obey(self) -> None:
        while not self._heard.empty():
            match self._heard.get():
                case wire.GalleryPart() as part:
                    whole = self._parts.add(part)
                    if whole is not None:
                        self._gallery = whole
                        self._match()
                case wire.Encode() as request:
                    self._enrolments.add(request)
                case _Lost():
                    self._parts.forget()
                    self._enrolments.forget()
        answer = self._enrolments.step(self._engines.faces, self._matcher)
        if answer is not None:
            self._tell(answer)

    def _match(self) -> None:
        """Put the gallery into force; one that cannot be used leaves the older one in force.

        Core refuses what an older gallery names once someone has withdrawn.
        """
        gallery, faces = self._gallery, self._engines.faces
        if gallery is None or faces is None:
            self._matcher = None
            return
        try:
            matcher = Matcher(gallery, faces.engine, faces.impostors, self._target)
        except ValueError as error:
            self._gallery_fault = f"gallery {gallery.version} cannot be used: {error}"
            log.exception("gallery %d cannot be used", gallery.version)
            return
        strange = {who for who, _, one in gallery.rows if one.seen_by != faces.engine}
        left_out = len(strange - set(matcher.people))
        self._gallery_fault = (
            f"{left_out} residents were enrolled with another engine: enrol them again"
            if left_out
            else ""
        )
        self._matcher = matcher
        for eye in self._eyes:
            eye.use_gallery(matcher)
        self._in_force = gallery.version

    def _look(self, eye: Eye) -> None:
        frame = eye.watch.frames.take()
        if frame is None:
            return
        camera = eye.camera.id
        try:
            seen = eye.look(frame)
        except RecogniserFault as fault:
            self._switch_off(fault)
            return
        except Exception:
            # One picture must not end the loop that all doors depend on.
            if camera not in self._broken:
                log.exception("camera %s: looking at a picture failed", camera)
            self._broken |= {camera}
            return
        self._broken -= {camera}
        for message in seen:
            self._tell(message)

    def _switch_off(self, fault: RecogniserFault) -> None:
        """Go on without the engine that broke, and load it anew after a while."""
        log.info("an engine broke and is off for %g s: %s", RELOAD, fault)
        self._reload_at = self._clock() + RELOAD
        engines = self._engines
        if fault.part == "codes":
            self._engines = replace(engines, codes=None, faults=(f"codes are off: {fault}",))
        elif fault.part == "plates":
            self._engines = replace(engines, plates=None, faults=(f"plates are off: {fault}",))
        else:
            self._engines = replace(engines, faces=None, faults=(f"faces are off: {fault}",))
        self._dress()
