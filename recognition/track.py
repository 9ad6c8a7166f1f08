"""Tracks: which faces of successive frames are one person's. Everything here is a value.

`captured` is seconds of CLOCK_MONOTONIC throughout.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from recognition.face import Face, Vector
from recognition.threshold import Impostors


@dataclass(frozen=True, slots=True)
class TrackRules:
    """When two faces are one person's; the figures' sources are in docs/recognition.md."""

    overlap: float = 0.2
    """The least overlap of two boxes, intersection over union."""
    same_person: float = 3.5
    """A face less like its track's mean and newest face is someone else there; deviations."""
    surely_alike: float = 4.5
    """A face more like its track's mean needs no overlap, only to be within reach; deviations."""
    reach: float = 1.5
    """Face widths."""
    gap: float = 1.5
    """Seconds unseen after which a track has ended."""
    window: int = 12
    """Good frames that are remembered."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One face in one frame; `vector` is None where the face is too poor to compare."""

    face: Face
    vector: Vector | None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Track:
    """One face followed over frames; `samples` are the newest good ones as (vector, weight)."""

    number: int
    face: Face
    last_seen: float
    first_good: float | None = None
    last_good: float | None = None
    good: int = 0
    """Good frames ever, also those no longer remembered."""
    samples: tuple[tuple[Vector, float], ...] = ()
    parent: int | None = None
    """The track in whose place this one began, within the gap."""

    def mean(self, newest: int | None = None) -> Vector:
        """Return the mean of the newest samples, of all by default, by weight, of unit length.

        Raises ValueError for a track without a good frame.
        """
        samples = self.samples if newest is None else self.samples[-newest:]
        if not samples:
            message = f"track {self.number} has no good frame yet"
            raise ValueError(message)
        vectors = np.stack([vector for vector, _ in samples])
        weights = np.array([weight for _, weight in samples], np.float32)
        total = np.asarray(weights @ vectors, np.float32)
        return total / np.float32(max(float(np.linalg.norm(total)), 1e-9))


@dataclass(frozen=True, slots=True)
class Tracks:
    """Every face that one view follows; begin with `Tracks()`."""

    live: tuple[Track, ...] = ()
    last_number: int = 0


@dataclass(frozen=True, slots=True)
class _Likeness:
    impostors: Impostors
    rules: TrackRules


@dataclass(slots=True)
class _Pairing:
    by_track: dict[int, Glance] = field(default_factory=dict)
    fresh: list[Glance] = field(default_factory=list)


def follow(
    before: Tracks,
    glances: tuple[Glance, ...],
    captured: float,
    impostors: Impostors,
    rules: TrackRules,
) -> Tracks:
    """Return the tracks after one more frame; `impostors` are those of the vectors' engine.

    A track unseen for longer than the gap is gone, and so is every track when time runs backwards
    (a camera that began again).
    """
    live = [track for track in before.live if 0 <= captured - track.last_seen <= rules.gap]
    pairing = _pair(live, glances, _Likeness(impostors, rules))
    after = [
        _extend(track, pairing.by_track[track.number], captured, rules)
        if track.number in pairing.by_track
        else track
        for track in live
    ]
    number = before.last_number
    for glance in pairing.fresh:
        number += 1
        parent = next((t.number for t in live if _overlaps(t, glance, rules)), None)
        born = Track(number, glance.face, captured, parent=parent)
        after.append(_extend(born, glance, captured, rules))
    return Tracks(tuple(after), number)


def _pair(live: list[Track], glances: tuple[Glance, ...], likeness: _Likeness) -> _Pairing:
    """Give each glance to at most one track, the best fits first."""
    fits = sorted(
        (
            (fit, track.number, place)
            for track in live
            for place, glance in enumerate(glances)
            if (fit := _fit(track, glance, likeness)) > 0
        ),
        reverse=True,
    )
    pairing, taken = _Pairing(), set[int]()
    for _, number, place in fits:
        if number not in pairing.by_track and place not in taken:
            pairing.by_track[number] = glances[place]
            taken.add(place)
    pairing.fresh = [glance for place, glance in enumerate(glances) if place not in taken]
    return pairing


def _fit(track: Track, glance: Glance, likeness: _Likeness) -> float:
    """Return how well the glance continues the track, 0 where it does not."""
    rules = likeness.rules
    overlap = track.face.box.overlap(glance.face.box)
    if glance.vector is None or not track.samples:
        return overlap if overlap >= rules.overlap else 0.0
    alike = max(float(track.mean() @ glance.vector), float(track.samples[-1][0] @ glance.vector))
    if alike < likeness.impostors.level(rules.same_person):
        return 0.0
    surely = alike >= likeness.impostors.level(rules.surely_alike)
    if overlap >= rules.overlap or (surely and _near(track, glance, rules)):
        return overlap + alike
    return 0.0


def _overlaps(track: Track, glance: Glance, rules: TrackRules) -> bool:
    return track.face.box.overlap(glance.face.box) >= rules.overlap


def _near(track: Track, glance: Glance, rules: TrackRules) -> bool:
    (x, y), (other_x, other_y) = track.face.box.centre, glance.face.box.centre
    reach = rules.reach * max(track.face.box.width, glance.face.box.width)
    return abs(x - other_x) <= reach and abs(y - other_y) <= reach


def _extend(track: Track, glance: Glance, captured: float, rules: TrackRules) -> Track:
    seen = replace(track, face=glance.face, last_seen=captured)
    if glance.vector is None:
        return seen
    return replace(
        seen,
        first_good=captured if track.first_good is None else track.first_good,
        last_good=captured,
        good=track.good + 1,
        samples=(*track.samples, (glance.vector, glance.weight))[-rules.window :],
    )
