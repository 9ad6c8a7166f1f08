"""An eye: one camera, its watch, and what its frames are looked at for."""

import secrets
from collections.abc import Callable
from math import isfinite

from config.settings import Camera, Settings
from edge import wire
from edge.cameras.notes import NotedCodes, NotedFaces, Notes
from edge.cameras.watch import Watch
from edge.vision_engines import Engines
from models.frame import Frame
from models.lane import Credential
from models.movement import Prompt
from models.observation import FaceSeen
from plates.look import PlateLooker
from plates.view import PlateView
from recognition.challenge import PROVING, ChallengeRules
from recognition.face import Pixels
from recognition.gallery import Matcher
from recognition.life import Life
from recognition.liveness import LivenessRules
from recognition.look import Looker, Seen
from recognition.motion import Motion, gate
from recognition.second_chance import SecondChance
from recognition.view import Look, Region, View

OLDEST = 0.5
"""Seconds after its capture at which a frame is not worth a look any more."""

Saw = wire.SawFace | wire.SawCode | wire.SawPlate | wire.AskedToMove
_LOOKS = {Credential.FACE: Look.FACE, Credential.PASS: Look.CODE}


def views_of(settings: Settings, camera: str) -> tuple[View, ...]:
    """Return what the site's lanes want of `camera`.

    A lane that takes no faces has no faces looked for, and so for passes.
    """
    return tuple(
        View(
            lane=lane.number,
            direction=view.direction,
            looks=frozenset(
                look
                for credential, look in _LOOKS.items()
                if credential in lane.credentials and look.value in view.looks
            ),
            region=Region(*view.roi) if view.roi is not None else Region(),
            min_face=settings.recognition.min_face,
            liveness=lane.liveness,
        )
        for lane in settings.lane
        for view in lane.view
        if view.camera == camera
    )


def plate_views_of(settings: Settings, camera: str) -> tuple[PlateView, ...]:
    """Return which parts of `camera` are looked at for plates."""
    return tuple(
        PlateView(lane.number, view.direction, view.roi or (0.0, 0.0, 1.0, 1.0))
        for lane in settings.lane
        for view in lane.view
        if view.camera == camera and "plate" in view.looks
    )


def liveness_of(settings: Settings) -> LivenessRules:
    """Return the rules of liveness with what the site says."""
    return LivenessRules(challenge=ChallengeRules(seconds=settings.recognition.challenge_seconds))


class Eye:
    """One camera; `use` and `look` belong to the worker, `state` to the thread of the watch."""

    def __init__(
        self,
        camera: Camera,
        views: tuple[View, ...],
        watch: Watch,
        clock: Callable[[], float],
        liveness: LivenessRules | None = None,
        *,
        plates: tuple[PlateView, ...] = (),
    ) -> None:
        self.camera = camera
        self.watch = watch
        self._views = views
        self._clock = clock
        self._notes = Notes(clock)
        self._liveness = liveness or LivenessRules()
        self._looker: Looker | None = None
        self._plate_views = plates
        self._plates: PlateLooker | None = None
        self._motion = Motion()
        self._matcher: Matcher | None = None

    def use_engines(self, engines: Engines) -> None:
        """Look with these engines from the next frame on."""
        faces = NotedFaces(engines.faces, self._notes) if engines.faces is not None else None
        codes = None
        if engines.codes is not None:
            chance = SecondChance(engines.codes, self._clock, self._notes.unread)
            codes = NotedCodes(chance, self._notes)
        life = Life(engines.liveness, lambda: secrets.choice(PROVING), self._liveness)
        self._looker = Looker(self.camera.id, self._views, faces, codes, life=life)
        if engines.plates is None:
            self._plates = None
        elif self._plates is None and self._plate_views:
            self._plates = PlateLooker(self.camera.id, self._plate_views, engines.plates)

    def use_gallery(self, matcher: Matcher) -> None:
        """Compare faces with this gallery from the next frame on."""
        if self._looker is not None:
            self._looker.use(matcher)

    def look(self, frame: Frame) -> tuple[Saw, ...]:
        """Return what there is to tell core after `frame`.

        A frame whose capture time is unknown, or over half a second ago, tells nothing. Raises
        RecogniserFault when an engine breaks.
        """
        captured = frame.captured
        if captured is None or self._clock() - captured > OLDEST:
            return ()
        pixels: Pixels = frame.pixels  # type: ignore[assignment] # our cameras give BGR arrays
        people: tuple[Saw, ...] = ()
        if self._looker is not None and self._views:
            people = tuple(_message(seen) for seen in self._looker.look(pixels, captured))
        return (*people, *self._cars(pixels, captured))

    def _cars(self, bgr: Pixels, captured: float) -> tuple[wire.SawPlate, ...]:
        """Return what there is to tell of plates; a still picture is looked at once a second."""
        looker = self._plates
        if looker is None:
            return ()
        self._motion, wanted = gate(self._motion, bgr, captured, busy=looker.busy)
        if not wanted:
            return ()
        return tuple(wire.SawPlate(one.observation, one.jpeg) for one in looker.look(bgr, captured))

    def state(self, now: float) -> wire.CameraState:
        """Return how the camera is, for the guard and for `kuahu doctor`."""
        condition = self.watch.condition(now)
        about, moved = condition.about, self._motion.moved
        return wire.CameraState(
            id=self.camera.id,
            ok=condition.ok,
            state=condition.state,
            width=about.width,
            height=about.height,
            fps=round(condition.fps, 1),
            codec=about.codec,
            dropped=condition.dropped,
            face_px=self._notes.face_px,
            module_px=round(self._notes.module_px, 1),
            complaint=condition.complaint,
            advice=self._notes.advice,
            moved_ago=round(now - moved, 2) if isfinite(moved) else -1.0,
        )


def _message(seen: Seen | Prompt) -> Saw:
    if isinstance(seen, Prompt):
        return wire.AskedToMove(seen)
    if isinstance(seen.observation, FaceSeen):
        return wire.SawFace(seen.observation, seen.jpeg)
    return wire.SawCode(seen.observation, seen.jpeg)
