"""An eye: one camera, its watch, and what its frames are looked at for."""

import secrets
from collections.abc import Callable

from config.settings import Camera, Settings
from edge import wire
from edge.cameras.notes import NotedCodes, NotedFaces, Notes
from edge.cameras.watch import Watch
from edge.vision_engines import Engines
from models.frame import Frame
from models.lane import Credential
from models.movement import Prompt
from models.observation import FaceSeen
from recognition.challenge import PROVING, ChallengeRules
from recognition.gallery import Matcher
from recognition.life import Life
from recognition.liveness import LivenessRules
from recognition.look import Looker, Seen
from recognition.second_chance import SecondChance
from recognition.view import Look, Region, View

OLDEST = 0.5
"""Seconds after its capture at which a frame is not worth a look any more."""

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
    ) -> None:
        self.camera = camera
        self.watch = watch
        self._views = views
        self._clock = clock
        self._notes = Notes(clock)
        self._liveness = liveness or LivenessRules()
        self._looker: Looker | None = None
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

    def use_gallery(self, matcher: Matcher) -> None:
        """Compare faces with this gallery from the next frame on."""
        if self._looker is not None:
            self._looker.use(matcher)

    def look(self, frame: Frame) -> tuple[wire.SawFace | wire.SawCode | wire.AskedToMove, ...]:
        """Return what there is to tell core after `frame`.

        A frame whose capture time is unknown, or over half a second ago, tells nothing. Raises
        RecogniserFault when an engine breaks.
        """
        looker, captured = self._looker, frame.captured
        if looker is None or not self._views or captured is None:
            return ()
        if self._clock() - captured > OLDEST:
            return ()
        return tuple(
            _message(seen)
            for seen in looker.look(frame.pixels, captured)  # type: ignore[arg-type] # our cameras give BGR arrays
        )

    def state(self, now: float) -> wire.CameraState:
        """Return how the camera is, for the guard and for `kuahu doctor`."""
        condition = self.watch.condition(now)
        about = condition.about
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
        )


def _message(seen: Seen | Prompt) -> wire.SawFace | wire.SawCode | wire.AskedToMove:
    if isinstance(seen, Prompt):
        return wire.AskedToMove(seen)
    if isinstance(seen.observation, FaceSeen):
        return wire.SawFace(seen.observation, seen.jpeg)
    return wire.SawCode(seen.observation, seen.jpeg)
