"""Takes: one face over the frames of a clip, as the product's own rules see it, and played anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from edge.cameras.av_stream import AvStream
from edge.cameras.picture_file import pack
from edge.clock import monotonic
from models.errors import CameraFault
from models.lane import Liveness
from models.movement import Movement
from models.observation import Alive
from recognition.face import Face, Pixels
from recognition.liveness import Glimpse, LivenessRules, Living, Proven, advance
from recognition.movement import pose
from recognition.parallax import Still, still
from recognition.ports import FaceEngine, LivenessRater
from recognition.scene import Scene, is_hidden, remember
from recognition.track import Glance, Track, TrackRules, Tracks, follow
from recognition.verdict import Sighted

FPS = 10.0
LONGEST = 60.0
"""Seconds of a clip that are looked at."""
_NAMED_AFTER = 3
_TURNED = 0.5
"""Yaw up to which a face can be compared, as in recognition/look.py."""
_MOST_FACES = 4
_LEAST_FRAMES = 8
_WIDE, _QUALITY = 640, 92

Timed = tuple[float, Pixels]


@dataclass(frozen=True, slots=True)
class Shown:
    """One face in one frame, and what liveness looks at in it."""

    at: float
    face: Face
    score: float
    still: Still | None
    hidden: bool | None
    jpeg: bytes = b""
    """The frame, 640 pixels wide at most."""


@dataclass(frozen=True, slots=True)
class Take:
    """One face followed; `picture` is the first frame that shows it."""

    name: str
    shown: tuple[Shown, ...]
    picture: Pixels

    @property
    def looks_ahead(self) -> bool:
        """Whether the face looks ahead often enough to be named at all."""
        held = (pose(one.face, one.at) for one in self.shown)
        ahead = sum(one is not None and abs(one.yaw) <= _TURNED for one in held)
        return ahead >= _NAMED_AFTER

    @property
    def middle(self) -> float:
        """The median of its passive scores."""
        return median(one.score for one in self.shown)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was told of a take, and when: seconds since the face was first seen."""

    after: float
    alive: bool


class Watcher:
    """Looks at frames with the site's engine and the rater; faces under `least` pixels are none."""

    def __init__(self, engine: FaceEngine, rater: LivenessRater, least: float) -> None:
        self.engine, self.rater, self._least = engine, rater, least

    def single(self, name: str, frames: Iterable[Timed], scene: Scene | None = None) -> Take | None:
        """Return the take of the largest face in each frame, None where there are too few."""
        shown, picture = [], None
        for at, bgr in frames:
            face = next(iter(self.engine.detect(bgr)), None)
            if face is None or face.box.width < self._least:
                continue
            picture = bgr if picture is None else picture
            shown.append(self._shown(at, bgr, face, scene or Scene()))
        if picture is None or len(shown) < _LEAST_FRAMES:
            return None
        return Take(name, tuple(shown), picture)

    def every(self, name: str, frames: Iterable[Timed]) -> tuple[Take, ...]:
        """Return the takes of all faces that were followed for at least eight frames."""
        tracks, rows, pictures = Tracks(), dict[int, list[Shown]](), dict[int, Pixels]()
        for at, bgr in frames:
            wide = [one for one in self.engine.detect(bgr) if one.box.width >= self._least]
            glances = tuple(
                Glance(face, self.engine.embed(bgr, face)) for face in wide[:_MOST_FACES]
            )
            tracks = follow(tracks, glances, at, self.engine.impostors, TrackRules())
            for track in tracks.live:
                if track.last_seen == at:
                    pictures.setdefault(track.number, bgr)
                    seen = self._shown(at, bgr, track.face, Scene())
                    rows.setdefault(track.number, []).append(seen)
        many = len([1 for shown in rows.values() if len(shown) >= _LEAST_FRAMES]) > 1
        return tuple(
            Take(f"{name}#{number}" if many else name, tuple(shown), pictures[number])
            for number, shown in rows.items()
            if len(shown) >= _LEAST_FRAMES
        )

    def rate(self, bgr: Pixels) -> float | None:
        """Return the score of the largest face in a still, None where there is none."""
        face = next(iter(self.engine.detect(bgr)), None)
        return None if face is None else self.rater.rate(bgr, face.box)

    def _shown(self, at: float, bgr: Pixels, face: Face, scene: Scene) -> Shown:
        held = pose(face, at)
        return Shown(
            at=at,
            face=face,
            score=self.rater.rate(bgr, face.box),
            still=None if held is None else still(bgr, held),
            hidden=is_hidden(scene, bgr, [face.box]),
            jpeg=pack(bgr, _WIDE, _QUALITY),
        )


def clip(path: Path) -> Iterator[Timed]:
    """Yield (seconds, frame) of a video, ten a second at most.

    Raises CameraFault when it holds no video.
    """
    stream = AvStream(str(path), monotonic)
    due = float("-inf")
    try:
        while stream.pull():
            at = stream.pts or 0.0
            if at > LONGEST:
                return
            if at >= due - 0.001:
                due = max(due + 1 / FPS, at + 0.5 / FPS)
                yield at, stream.pixels()
    except CameraFault:
        if due == float("-inf"):
            raise
    finally:
        stream.close()


def known(behind: Pixels) -> Scene:
    """Return the scene of a camera that has seen `behind` for a while."""
    scene = Scene()
    for _ in range(5):
        scene = remember(scene, behind)
    return scene


def between(take: Take, start: float, end: float) -> Take:
    """Return the part of the take between two moments."""
    shown = tuple(one for one in take.shown if start <= one.at <= end)
    return Take(take.name, shown, take.picture)


def play(
    take: Take, level: Liveness, movement: Movement, rules: LivenessRules
) -> tuple[Verdict, ...]:
    """Return what is told of the take at a lane of `level` that asks for `movement`.

    The face counts as named from its third frame that looks ahead.
    """
    living, verdicts, ahead = Living(), list[Verdict](), 0
    for one in take.shown:
        track = Track(1, one.face, one.at)
        held = pose(one.face, one.at)
        named = held is not None and abs(held.yaw) <= _TURNED
        ahead += named
        said = named and ahead >= _NAMED_AFTER
        sighted = Sighted("1", None, 1.0, 0, 1, one.at, one.face)
        seen = Glimpse(
            captured=one.at,
            tracks=(track,),
            said=(sighted,) if said else (),
            named=frozenset({1}) if said else frozenset(),
            drawn=movement,
            scores={1: one.score},
            stills={} if one.still is None else {1: one.still},
            hidden=one.hidden,
        )
        living, told = advance(living, seen, level, rules)
        verdicts += [
            Verdict(one.at - take.shown[0].at, each.alive is not Alive.UNCHECKED)
            for each in told
            if isinstance(each, Proven)
        ]
    return tuple(verdicts)
