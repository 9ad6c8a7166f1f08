"""A track speaks late enough to be right, and says each thing once."""

import numpy as np
import pytest

from models.observation import FaceFault
from models.template import Gallery, Template
from recognition.face import Box, Face
from recognition.gallery import Matcher
from recognition.track import Glance, TrackRules, Tracks, follow
from recognition.verdict import Sighted, Told, VerdictRules, judge
from tests.fakes.painted_faces import PaintedFaces, vector_of

_POINTS = ((0.0, 0.0),) * 5
_RULES = VerdictRules()


def _matcher(*people: int, same_home: bool = False, version: int = 7) -> Matcher:
    rows = tuple(
        (
            f"r{person}",
            "1-1-101" if same_home else f"1-1-{person}",
            Template(PaintedFaces.engine, vector_of(person).tobytes()),
        )
        for person in people
    )
    return Matcher(Gallery(version, rows), PaintedFaces.engine, PaintedFaces.impostors)


class _Gate:
    """One view, fed frame by frame at ten frames a second."""

    def __init__(self, matcher: Matcher) -> None:
        self.matcher = matcher
        self.now = 100.0
        self._tracks = Tracks()
        self._told = Told()

    def frame(self, *people: tuple[int, float], good: bool = True) -> tuple[Sighted, ...]:
        self.now = round(self.now + 0.1, 3)
        glances = tuple(
            Glance(
                Face(Box(place * 300.0, 0, 100, 120), _POINTS, 0.9),  # type: ignore[arg-type]
                vector_of(person, likeness) if good else None,
            )
            for place, (person, likeness) in enumerate(people)
        )
        impostors = self.matcher.impostors
        self._tracks = follow(self._tracks, glances, self.now, impostors, TrackRules())
        self._told, said = judge(self._told, self._tracks.live, self.now, self.matcher, _RULES)
        return said

    def frames(self, count: int, *people: tuple[int, float]) -> list[Sighted]:
        return [said for _ in range(count) for said in self.frame(*people)]


def test_one_frame_alone_names_nobody_and_neither_do_two() -> None:
    assert _Gate(_matcher(1)).frames(2, (1, 1.0)) == []


def test_the_third_frame_names_with_the_newest_frames_time() -> None:
    gate = _Gate(_matcher(1, 2))
    (said,) = gate.frames(3, (1, 0.9))
    assert (said.resident, said.fault, said.gallery) == ("r1", None, 7)
    assert said.captured == gate.now
    assert said.score == pytest.approx(0.9, abs=1e-3)


def test_frames_of_different_people_in_one_place_name_nobody() -> None:
    gate = _Gate(_matcher(1, 2, 3))
    said = [one for person in (1, 2, 3, 1, 2, 3) for one in gate.frame((person, 1.0))]
    assert [one.resident for one in said] == []


def test_a_resident_who_stays_is_told_again_after_five_seconds_and_not_before() -> None:
    gate = _Gate(_matcher(1))
    times = [said.captured for said in gate.frames(120, (1, 1.0))]
    assert times == [pytest.approx(100.3), pytest.approx(105.3), pytest.approx(110.3)]


def test_a_resident_who_comes_back_within_five_seconds_is_not_told_twice() -> None:
    gate = _Gate(_matcher(1))
    assert len(gate.frames(3, (1, 1.0))) == 1
    gate.frames(15)
    assert gate.frames(10, (1, 1.0)) == []


def test_a_stranger_is_refused_once_after_a_fair_look() -> None:
    gate = _Gate(_matcher(1, 2))
    said = gate.frames(95, (50, 1.0))
    assert [(one.resident, one.fault) for one in said] == [(None, FaceFault.UNKNOWN)]
    assert 0.5 <= said[0].captured - 100.1 <= 1.0 + 1e-6


def test_a_stranger_whose_track_breaks_is_not_refused_again_at_once() -> None:
    gate = _Gate(_matcher(1))
    assert len(gate.frames(12, (50, 1.0))) == 1
    gate.frames(15)
    assert gate.frames(30, (50, 1.0)) == []
    gate.frames(110)
    assert len(gate.frames(12, (50, 1.0))) == 1


def test_a_second_stranger_is_refused_too() -> None:
    gate = _Gate(_matcher(1))
    said = gate.frames(15, (50, 1.0), (60, 1.0))
    assert [one.fault for one in said] == [FaceFault.UNKNOWN, FaceFault.UNKNOWN]
    assert said[0].track != said[1].track


def test_a_resident_who_turns_the_head_first_is_not_refused() -> None:
    gate = _Gate(_matcher(1))
    poor = [said for _ in range(20) for said in gate.frame((1, 1.0), good=False)]
    assert poor == []
    assert [said.resident for said in gate.frames(3, (1, 1.0))] == ["r1"]


def test_two_good_frames_are_no_fair_look_however_long_they_take() -> None:
    gate = _Gate(_matcher(1))
    said = [*gate.frame((50, 1.0))]
    for _ in range(30):
        said.extend(gate.frame((50, 1.0), good=False))
    said.extend(gate.frame((50, 1.0)))
    assert said == []
    assert [one.fault for one in gate.frame((50, 1.0))] == [FaceFault.UNKNOWN]


def test_a_resident_nearly_recognised_gets_more_time_than_a_stranger() -> None:
    gate = _Gate(_matcher(1))
    nearly = gate.matcher.threshold - 0.02
    assert gate.frames(15, (1, nearly)) == []
    assert [said.resident for said in gate.frames(10, (1, 0.95))] == ["r1"]


def test_a_resident_who_turns_away_after_being_named_is_not_refused() -> None:
    gate = _Gate(_matcher(1))
    assert len(gate.frames(3, (1, 1.0))) == 1
    assert gate.frames(25, (1, 0.32)) == []


def test_a_stranger_after_a_resident_in_the_same_place_opens_nothing_and_is_refused() -> None:
    gate = _Gate(_matcher(1))
    assert len(gate.frames(5, (1, 1.0))) == 1
    said = gate.frames(60, (50, 1.0))
    assert [(one.resident, one.fault) for one in said] == [(None, FaceFault.UNKNOWN)]


def test_whoever_looks_like_residents_of_two_homes_is_ambiguous() -> None:
    twin = vector_of(1) + vector_of(2)
    twin /= float((twin @ twin) ** 0.5)
    template = Template(PaintedFaces.engine, twin.astype("<f4").tobytes())
    rows = (("r1", "1-1-1", template), ("r2", "1-1-2", template))
    matcher = Matcher(Gallery(1, rows), PaintedFaces.engine, PaintedFaces.impostors)
    (said,) = _Gate(matcher).frames(30, (1, 1.0))
    assert (said.resident, said.fault) == (None, FaceFault.AMBIGUOUS)


def test_twins_of_one_home_open_its_door() -> None:
    twin = vector_of(1) + vector_of(2)
    twin /= float((twin @ twin) ** 0.5)
    template = Template(PaintedFaces.engine, twin.astype("<f4").tobytes())
    rows = (("r1", "1-1-1", template), ("r2", "1-1-1", template))
    matcher = Matcher(Gallery(1, rows), PaintedFaces.engine, PaintedFaces.impostors)
    (said,) = _Gate(matcher).frames(3, (1, 1.0))
    assert said.resident in {"r1", "r2"}


def test_a_withdrawn_resident_is_unknown_from_the_next_gallery_on() -> None:
    gate = _Gate(_matcher(1, 2))
    assert len(gate.frames(3, (1, 1.0))) == 1
    gate.matcher = _matcher(2, version=8)
    assert [said.resident for said in gate.frames(60, (1, 1.0))] == [None]


def test_a_resident_who_takes_anothers_place_unnoticed_is_named_by_three_frames_alone() -> None:
    # Alike enough to be followed as one track, and of two homes.
    both = vector_of(1) + 0.75 * vector_of(2)
    both /= float((both @ both) ** 0.5)
    rows = tuple(
        (name, home, Template(PaintedFaces.engine, vector.astype("<f4").tobytes()))
        for name, home, vector in (("r1", "1-1-1", vector_of(1)), ("r12", "1-1-2", both))
    )
    gate = _Gate(Matcher(Gallery(1, rows), PaintedFaces.engine, PaintedFaces.impostors))
    tracks, told, said = Tracks(), Told(), []
    for number, vector in enumerate([both] * 4 + [vector_of(1)] * 4):
        at = 1.0 + number / 10
        glance = Glance(Face(Box(0, 0, 100, 120), _POINTS, 0.9), vector)  # type: ignore[arg-type]
        tracks = follow(tracks, (glance,), at, gate.matcher.impostors, TrackRules())
        told, new = judge(told, tracks.live, at, gate.matcher, _RULES)
        said.extend((number, one.resident) for one in new)
    assert tracks.last_number == 1
    assert said == [(2, "r12"), (6, "r1")]


def test_a_frame_far_under_the_threshold_does_not_ride_on_the_mean_of_others() -> None:
    gate = _Gate(_matcher(1))
    assert gate.frames(2, (1, 0.9)) == []
    assert gate.frame((1, 0.3)) == ()
    assert [said.resident for said in gate.frame((1, 0.9))] == ["r1"]


def test_two_lucky_frames_of_many_name_nobody_and_a_third_does() -> None:
    gate = _Gate(_matcher(1))
    assert gate.frames(6, (1, 0.3)) == []
    assert gate.frames(2, (1, 0.5)) == []
    assert [said.resident for said in gate.frame((1, 0.5))] == ["r1"]


def test_a_newest_frame_that_looks_more_like_someone_else_says_nothing() -> None:
    matcher = _matcher(1, 2)
    own = 0.9 * vector_of(1) + 0.4 * vector_of(3)
    other = 0.36 * vector_of(1) + 0.34 * vector_of(2) + 0.8 * vector_of(3)
    tracks, told, said = Tracks(), Told(), []
    for number, vector in enumerate([own, own, other, own]):
        unit = vector / np.float32(np.linalg.norm(vector))
        glance = Glance(Face(Box(0, 0, 100, 120), _POINTS, 0.9), unit)  # type: ignore[arg-type]
        at = 1.0 + number / 10
        tracks = follow(tracks, (glance,), at, matcher.impostors, TrackRules())
        told, new = judge(told, tracks.live, at, matcher, _RULES)
        said.extend((number, one.resident) for one in new)
    assert tracks.last_number == 1
    assert said == [(3, "r1")]


def test_a_poor_newest_frame_says_nothing() -> None:
    gate = _Gate(_matcher(1))
    assert gate.frames(2, (1, 1.0)) == []
    assert gate.frame((1, 1.0), good=False) == ()
    assert len(gate.frame((1, 1.0))) == 1
