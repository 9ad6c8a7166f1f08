"""The look: one camera's picture becomes observations, words without pixels, each told once."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from models.lane import Liveness
from models.movement import Movement, Prompt
from models.observation import FaceSeen, PassShown, Sighting
from recognition.advice import AdviceRules, Trouble, advise, trouble_of
from recognition.code_memory import CodeMemory, CodeRules, remember
from recognition.encoding import compared
from recognition.evidence import crop, holder
from recognition.face import Box, Face, Pixels
from recognition.gallery import Matcher
from recognition.life import Life, Watched
from recognition.liveness import Asked, LivenessRules, Proven
from recognition.motion import Motion, gate
from recognition.ports import CodeRead, CodeReader, FaceEngine
from recognition.quality import measure, weight
from recognition.track import Glance, TrackRules, Tracks, follow
from recognition.verdict import Sighted, Told, VerdictRules, judge
from recognition.view import Look, Region, View, around, owner


@dataclass(frozen=True, slots=True)
class LookRules:
    """How a camera is looked at; the figures' sources are in docs/recognition.md."""

    track: TrackRules = field(default_factory=TrackRules)
    verdict: VerdictRules = field(default_factory=VerdictRules)
    code: CodeRules = field(default_factory=CodeRules)
    liveness: LivenessRules = field(default_factory=LivenessRules)
    advice: AdviceRules = field(default_factory=AdviceRules)
    most_faces: int = 2
    """Faces of a view that are compared in one frame, the largest first."""
    most_turn: float = 0.5
    least_sharpness: float = 0.006
    motion_gate: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation, and a small JPEG (at most 40,000 bytes) of what it was seen in."""

    observation: FaceSeen | PassShown
    jpeg: bytes


@dataclass(slots=True)
class _ViewState:
    tracks: Tracks = field(default_factory=Tracks)
    told: Told = field(default_factory=Told)
    codes: CodeMemory = field(default_factory=CodeMemory)
    trouble: Trouble = field(default_factory=Trouble)
    moving: bool = False
    """Whether somebody is asked for a movement, during which a face may be turned away."""


class Looker:
    """Looks at the frames of one camera for all its views; for one thread.

    Without `faces` or `codes` (an engine that could not be loaded) the other still works. The
    gallery is set by `use`; until then no face is looked for.
    """

    def __init__(
        self,
        camera: str,
        views: tuple[View, ...],
        faces: FaceEngine | None,
        codes: CodeReader | None,
        rules: LookRules | None = None,
        life: Life | None = None,
    ) -> None:
        self._camera = camera
        self._faces, self._codes = faces, codes
        self._rules = rules or LookRules()
        self._face_views = tuple(view for view in views if Look.FACE in view.looks)
        self._code_views = tuple(view for view in views if Look.CODE in view.looks)
        self._states = {view: _ViewState() for view in views}
        self._life = life or Life(None, lambda: Movement.NOD, self._rules.liveness)
        self._motion = Motion()
        self._matcher: Matcher | None = None

    def use(self, matcher: Matcher) -> None:
        """Compare with this gallery from the next frame on."""
        self._matcher = matcher

    def look(self, bgr: Pixels, captured: float) -> tuple[Seen | Prompt, ...]:
        """Return what there is to say after this picture, h x w x 3 BGR.

        `captured` is seconds of CLOCK_MONOTONIC. A frozen picture is the caller's to withhold
        (recognition/picture_health.py). Raises RecogniserFault when an engine breaks.
        """
        busy = any(state.tracks.live or state.codes.codes for state in self._states.values())
        if self._rules.motion_gate:
            self._motion, wanted = gate(self._motion, bgr, captured, busy=busy)
            if not wanted:
                return ()
        return (*self._look_for_codes(bgr, captured), *self._look_for_faces(bgr, captured))

    def _look_for_faces(self, bgr: Pixels, captured: float) -> tuple[Seen | Prompt, ...]:
        region = around(self._face_views)
        if self._faces is None or self._matcher is None or region is None:
            return ()
        part, dx, dy = _part(bgr, region)
        every: dict[View, list[Face]] = {view: [] for view in self._face_views}
        found_faces = self._faces.detect(part)
        if not found_faces and any(view.liveness is not Liveness.OFF for view in every):
            self._life.rest(bgr)
        for found in found_faces:
            face = found.shifted(dx, dy)
            view = owner(self._face_views, face.box.centre, bgr.shape[1], bgr.shape[0])
            if view is not None:
                every[view].append(face)
        by_view = {
            view: [face for face in faces if face.box.width >= view.min_face]
            for view, faces in every.items()
        }
        seen: list[Seen | Prompt] = []
        for view, faces in by_view.items():
            glances = tuple(self._glance(bgr, face) for face in faces[: self._rules.most_faces])
            state = self._states[view]
            state.tracks = follow(
                state.tracks, glances, captured, self._faces.impostors, self._rules.track
            )
            state.told, said = judge(
                state.told, state.tracks.live, captured, self._matcher, self._rules.verdict
            )
            named = frozenset(number for number, when in state.told.named if when == captured)
            marked = self._matcher.second_factor
            watched = Watched(bgr, captured, state.tracks.live, said, named, marked)
            for one in self._life.look(view, watched):
                if isinstance(one, Asked):
                    state.moving = one.movement is not None
                    seen.append(Prompt(self._at(view, captured), one.track, one.movement))
                else:
                    seen.append(Seen(self._face_seen(view, one), _portrait(bgr, one.said)))
            seen.extend(self._advice(watched, view, every[view][:1]))
        return tuple(seen)

    def _advice(self, watched: Watched, view: View, largest: list[Face]) -> Iterator[Prompt]:
        """Yield what would let the largest face be named, where nobody is."""
        state, rules = self._states[view], self._rules.advice
        if state.moving:
            state.trouble = Trouble()
            return
        what = None
        if largest and not watched.named:
            what = trouble_of(measure(watched.bgr, largest[0]), view.min_face, rules)
        state.trouble, say, new = advise(state.trouble, what, watched.captured, rules)
        if new:
            yield Prompt(self._at(view, watched.captured), 0, None, say)

    def _glance(self, bgr: Pixels, face: Face) -> Glance:
        assert self._faces is not None
        assert self._matcher is not None
        quality = measure(bgr, face)
        turned = quality.turn > self._rules.most_turn
        if turned or quality.sharpness < self._rules.least_sharpness:
            return Glance(face, None, 0.0)
        return Glance(face, compared(bgr, face, self._faces, self._matcher), weight(quality))

    def _at(self, view: View, captured: float) -> Sighting:
        return Sighting(view.lane, view.direction, captured, self._camera)

    def _face_seen(self, view: View, proven: Proven) -> FaceSeen:
        said = proven.said
        return FaceSeen(
            at=self._at(view, said.captured),
            resident=said.resident,
            fault=said.fault,
            score=said.score,
            gallery=said.gallery,
            track=said.track,
            alive=proven.alive,
            failures=proven.failures,
        )

    def _look_for_codes(self, bgr: Pixels, captured: float) -> tuple[Seen, ...]:
        region = around(self._code_views)
        if self._codes is None or region is None:
            return ()
        part, dx, dy = _part(bgr, region)
        by_view: dict[View, dict[str, Box]] = {view: {} for view in self._code_views}
        for code in self._codes.read(part):
            box = _box(code).shifted(dx, dy)
            view = owner(self._code_views, box.centre, bgr.shape[1], bgr.shape[0])
            if view is not None:
                by_view[view][code.text] = box
        seen: list[Seen] = []
        for view, boxes in by_view.items():
            state = self._states[view]
            state.codes, tell = remember(state.codes, frozenset(boxes), captured, self._rules.code)
            at = self._at(view, captured)
            seen.extend(
                Seen(PassShown(at, text), holder(bgr, box, 4.0))
                for text, box in boxes.items()
                if text in tell
            )
        return tuple(seen)


def _part(bgr: Pixels, region: Region) -> tuple[Pixels, float, float]:
    box = region.pixels(bgr.shape[1], bgr.shape[0])
    top, left = int(box.y), int(box.x)
    part = bgr[top : top + int(box.height), left : left + int(box.width)]
    return np.ascontiguousarray(part), box.x, box.y


def _portrait(bgr: Pixels, said: Sighted) -> bytes:
    return crop(bgr, said.face.box, 1.8)


def _box(code: CodeRead) -> Box:
    across, down = [x for x, _ in code.corners], [y for _, y in code.corners]
    return Box(min(across), min(down), max(across) - min(across), max(down) - min(down))
