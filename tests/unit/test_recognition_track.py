"""A track is one person: place and likeness together decide."""

import pytest

from recognition.face import Box, Face
from recognition.track import Glance, TrackRules, Tracks, follow
from tests.fakes.painted_faces import PaintedFaces, vector_of

_RULES = TrackRules()
_POINTS = ((0.0, 0.0),) * 5


def _glance(
    person: int, x: float = 0.0, likeness: float = 1.0, *, good: bool = True, weight: float = 1.0
) -> Glance:
    face = Face(Box(x, 0, 100, 120), _POINTS, 0.9)  # type: ignore[arg-type]
    return Glance(face, vector_of(person, likeness) if good else None, weight)


def _follow(before: Tracks, *glances: Glance, at: float) -> Tracks:
    return follow(before, glances, at, PaintedFaces.impostors, _RULES)


def test_the_same_face_in_the_same_place_is_one_track() -> None:
    tracks = Tracks()
    for frame in range(5):
        tracks = _follow(tracks, _glance(1, x=frame * 20), at=frame / 10)
    (only,) = tracks.live
    assert (only.number, only.good, only.last_good) == (1, 5, 0.4)
    assert only.first_good == 0.0


def test_another_face_in_the_same_place_is_another_track() -> None:
    tracks = _follow(Tracks(), _glance(1), at=0.0)
    tracks = _follow(tracks, _glance(2), at=0.1)
    assert [track.number for track in tracks.live] == [1, 2]
    assert tracks.live[1].parent == 1


def test_a_surely_alike_face_may_jump_and_another_may_not() -> None:
    tracks = _follow(Tracks(), _glance(1), at=0.0)
    assert len(_follow(tracks, _glance(1, x=140), at=0.2).live) == 1
    assert len(_follow(tracks, _glance(1, x=140, likeness=0.4), at=0.2).live) == 2
    assert len(_follow(tracks, _glance(1, x=400), at=0.2).live) == 2


def test_two_people_side_by_side_keep_their_tracks_when_they_swap_sides() -> None:
    tracks = _follow(Tracks(), _glance(1, x=0), _glance(2, x=90), at=0.0)
    tracks = _follow(tracks, _glance(2, x=0), _glance(1, x=90), at=0.1)
    assert len(tracks.live) == 2
    assert [float(track.mean() @ vector_of(track.number)) for track in tracks.live] == (
        pytest.approx([1.0, 1.0], abs=1e-5)
    )


def test_a_poor_face_holds_the_place_but_adds_nothing() -> None:
    tracks = _follow(Tracks(), _glance(1), at=0.0)
    tracks = _follow(tracks, _glance(1, x=30, good=False), at=0.1)
    (only,) = tracks.live
    assert (only.good, only.last_seen, only.last_good) == (1, 0.1, 0.0)
    assert only.face.box.x == 30


@pytest.mark.parametrize(("away", "left"), [(1.49, 1), (1.51, 0), (-0.5, 0)])
def test_an_unseen_track_ends_and_so_does_every_one_when_time_runs_back(
    away: float, left: int
) -> None:
    tracks = _follow(Tracks(), _glance(1), at=10.0)
    assert len(_follow(tracks, at=10.0 + away).live) == left


def test_only_the_newest_samples_are_remembered() -> None:
    tracks = Tracks()
    for frame in range(30):
        tracks = _follow(tracks, _glance(1), at=frame / 10)
    assert len(tracks.live[0].samples) == _RULES.window
    assert tracks.live[0].good == 30


def test_the_mean_leans_to_the_heavier_sample() -> None:
    tracks = _follow(Tracks(), _glance(1, likeness=0.9, weight=0.9), at=0.0)
    tracks = _follow(tracks, _glance(1, weight=0.1), at=0.1)
    mean = tracks.live[0].mean()
    assert float(mean @ vector_of(1, 0.9)) > float(mean @ vector_of(1))


def test_a_track_without_a_good_frame_has_no_mean() -> None:
    tracks = _follow(Tracks(), _glance(1, good=False), at=0.0)
    with pytest.raises(ValueError, match="no good frame"):
        tracks.live[0].mean()


def test_numbers_are_never_used_twice() -> None:
    tracks = Tracks()
    for start in range(0, 50, 5):
        tracks = _follow(tracks, _glance(1), at=float(start))
    assert tracks.last_number == 10
    assert [track.number for track in tracks.live] == [10]
