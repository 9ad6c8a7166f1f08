"""Life: looks at one camera's faces for what shows that they are no pictures of faces."""

from collections.abc import Callable
from dataclasses import dataclass, field

from models.lane import Direction, Liveness
from models.movement import Movement
from recognition.face import Pixels
from recognition.liveness import Glimpse, LivenessRules, Living, Told, advance
from recognition.movement import pose
from recognition.parallax import Still, still
from recognition.ports import LivenessRater
from recognition.scene import Scene, is_hidden, remember
from recognition.track import Track
from recognition.verdict import Sighted
from recognition.view import View


@dataclass(frozen=True, slots=True)
class Watched:
    """One frame of one view: its tracks, what they say, and which of them name someone now."""

    bgr: Pixels
    captured: float
    tracks: tuple[Track, ...]
    said: tuple[Sighted, ...]
    named: frozenset[int]
    unasked: frozenset[str] = frozenset()
    """The residents who are never asked for a movement."""


@dataclass(slots=True)
class Life:
    """What one camera knows of its faces' liveness, for one thread.

    `draw` gives the movement that is asked if one is. Without a `rater` (its weights are missing)
    no face of a lane that wants liveness is ever alive.
    """

    rater: LivenessRater | None
    draw: Callable[[], Movement]
    rules: LivenessRules = field(default_factory=LivenessRules)
    _living: dict[View, Living] = field(default_factory=dict)
    _scene: Scene = field(default_factory=Scene)

    def rest(self, bgr: Pixels) -> None:
        """Take a look at the scene while nobody is near."""
        self._scene = remember(self._scene, bgr)

    def look(self, view: View, watched: Watched) -> Told:
        """Return what there is to tell of `view` after one frame.

        Raises RecogniserFault when the rater breaks.
        """
        level, before = level_of(view), self._living.get(view, Living())
        if level is Liveness.OFF:
            return advance(before, _bare(watched, Movement.NOD), level, self.rules)[1]
        now = [track for track in watched.tracks if track.last_seen == watched.captured]
        bgr = watched.bgr
        seen = Glimpse(
            captured=watched.captured,
            tracks=watched.tracks,
            said=watched.said,
            named=watched.named,
            drawn=self.draw(),
            scores={track.number: self._rate(bgr, track) for track in now if self.rater},
            stills=_stills(bgr, now, watched.captured) if level is Liveness.CHALLENGE else {},
            hidden=is_hidden(self._scene, bgr, [track.face.box for track in now]) if now else None,
            unasked=watched.unasked,
        )
        self._living[view], told = advance(before, seen, level, self.rules)
        return told

    def _rate(self, bgr: Pixels, track: Track) -> float:
        assert self.rater is not None
        return self.rater.rate(bgr, track.face.box)


def level_of(view: View) -> Liveness:
    """Return how sure `view` wants to be; on the way out nobody is made to move."""
    if view.direction is Direction.EXIT and view.liveness is Liveness.CHALLENGE:
        return Liveness.PASSIVE
    return view.liveness


def _bare(watched: Watched, drawn: Movement) -> Glimpse:
    return Glimpse(watched.captured, watched.tracks, watched.said, watched.named, drawn)


def _stills(bgr: Pixels, tracks: list[Track], captured: float) -> dict[int, Still]:
    held = ((track.number, pose(track.face, captured)) for track in tracks)
    return {number: still(bgr, one) for number, one in held if one is not None}
