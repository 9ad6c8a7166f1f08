"""A face that was wrongly taken for a resident is not taken again, and nobody else notices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.template import Gallery, Template
from recognition.encoding import careful, compared
from recognition.face import Box, Face, Pixels, Vector
from recognition.gallery import _DOUBT_OVER, _DOUBT_UNDER, Likeness, Matcher
from tests.fakes.painted_faces import PaintedFaces, paint, vector_of

_ENGINE = PaintedFaces.engine
Row = tuple[str, str, Template]


def _mixed(*parts: tuple[int, float]) -> Vector:
    """Return a unit vector that leans towards several people."""
    total = np.sum([share * vector_of(person) for person, share in parts], axis=0)
    return np.asarray(total / np.linalg.norm(total), np.float32)


def _own(resident: str, vector: Vector, home: str = "") -> Row:
    return resident, home or f"1-1-{resident}", Template(_ENGINE, vector.astype("<f4").tobytes())


def _not(resident: str, vector: Vector, engine: str = _ENGINE) -> Row:
    return (
        resident,
        f"1-1-{resident}",
        Template.of_another(engine, vector.astype("<f4").tobytes()),
    )


def _matcher(*rows: Row) -> Matcher:
    return Matcher(Gallery(7, rows), _ENGINE, PaintedFaces.impostors)


_ANN = vector_of(1)
_SISTER = _mixed((1, 0.8), (9, 1.0))
"""Like Ann enough to be named as her."""


def test_who_was_wrongly_taken_for_a_resident_is_not_taken_again() -> None:
    before, after = _matcher(_own("ann", _ANN)), _matcher(_own("ann", _ANN), _not("ann", _SISTER))
    assert before.nearest(_SISTER).likeness is Likeness.NAMED
    assert after.nearest(_SISTER).likeness is Likeness.UNKNOWN
    later = _mixed((1, 0.85), (9, 1.0), (30, 0.4))
    assert before.nearest(later).likeness is Likeness.NAMED
    assert after.nearest(later).likeness is Likeness.UNKNOWN


@given(st.floats(0.75, 1.0))
def test_the_resident_is_named_as_before(likeness: float) -> None:
    matcher = _matcher(_own("ann", _ANN), _not("ann", _SISTER))
    near = matcher.nearest(vector_of(1, likeness))
    assert (near.likeness, near.resident) == (Likeness.NAMED, "ann")
    assert near.score == pytest.approx(likeness, abs=1e-4)


def test_the_bar_is_raised_for_that_resident_alone() -> None:
    rows = (_own("ann", _ANN), _not("ann", _SISTER), _own("sister", _SISTER))
    near = _matcher(*rows).nearest(_SISTER)
    assert (near.likeness, near.resident) == (Likeness.NAMED, "sister")


def test_a_mistake_of_another_engine_counts_for_nothing() -> None:
    matcher = _matcher(_own("ann", _ANN), _not("ann", _SISTER, "painted:ffffffffffff"))
    assert matcher.nearest(_SISTER).likeness is Likeness.NAMED


def test_a_mistake_is_never_anybodys_template() -> None:
    matcher = _matcher(_own("bob", vector_of(2)), _not("ann", _SISTER))
    assert matcher.people == ("bob",)
    assert matcher.nearest(_SISTER).likeness is Likeness.UNKNOWN
    assert matcher.threshold == _matcher(_own("bob", vector_of(2))).threshold


def test_a_template_of_another_says_so_and_names_its_engine() -> None:
    wrong = Template.of_another(_ENGINE, b"1234")
    own = Template(_ENGINE, b"1234")
    assert (wrong.is_anothers, wrong.seen_by) == (True, _ENGINE)
    assert (own.is_anothers, own.seen_by) == (False, _ENGINE)
    assert wrong.engine != _ENGINE


def test_a_broken_mistake_is_refused_when_the_gallery_is_built() -> None:
    with pytest.raises(ValueError, match="enrol"):
        _matcher(_own("ann", _ANN), _not("ann", np.ones(128, np.float32)))


def test_a_new_face_is_told_whom_it_looks_like_the_nearest_first() -> None:
    matcher = _matcher(
        _own("ann", _ANN), _own("sister", _SISTER), _own("sister", _SISTER), _own("x", vector_of(5))
    )
    assert matcher.alike(_SISTER) == ("sister", "ann")
    assert matcher.alike(vector_of(40)) == ()
    assert _matcher().alike(_ANN) == ()


def test_only_scores_near_the_threshold_are_in_doubt() -> None:
    matcher = _matcher(_own("ann", _ANN))
    deviation = PaintedFaces.impostors.deviation
    for away, doubtful in (
        (-_DOUBT_UNDER - 0.05, False),
        (-_DOUBT_UNDER + 0.05, True),
        (_DOUBT_OVER - 0.05, True),
        (_DOUBT_OVER + 0.05, False),
    ):
        score = matcher.threshold + away * deviation
        assert matcher.doubts(vector_of(1, score)) is doubtful
    assert not _matcher().doubts(_ANN)


class _Counted(PaintedFaces):
    """Counts its looks, and sees a person less like themselves at the first one."""

    def __init__(self, first: Vector) -> None:
        self.looks = 0
        self._first = first

    def embed(self, bgr: Pixels, face: Face) -> Vector:
        self.looks += 1
        return self._first if self.looks == 1 else super().embed(bgr, face)


def _painted() -> tuple[Pixels, Face]:
    picture = np.zeros((480, 640, 3), np.uint8)
    paint(picture, 1, Box(200, 100, 120, 140))
    return picture, PaintedFaces().detect(picture)[0]


def test_a_doubtful_look_is_followed_by_a_careful_one_and_a_clear_one_is_not() -> None:
    matcher, (picture, face) = _matcher(_own("ann", _ANN)), _painted()
    doubtful = _Counted(vector_of(1, matcher.threshold - 0.01))
    assert float(compared(picture, face, doubtful, matcher) @ _ANN) == pytest.approx(1, abs=1e-4)
    assert doubtful.looks == 5
    for score in (0.95, 0.1):
        clear = _Counted(vector_of(1, score))
        vector = compared(picture, face, clear, matcher)
        assert (clear.looks, float(vector @ _ANN)) == (1, pytest.approx(score, abs=1e-4))


def test_a_careful_vector_has_unit_length_and_leaves_the_picture_alone() -> None:
    picture, face = _painted()
    before = picture.copy()
    vector = careful(picture, face, PaintedFaces())
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-5)
    assert vector.dtype == np.float32
    assert np.array_equal(picture, before)


def test_a_zoomed_face_keeps_its_middle() -> None:
    _, face = _painted()
    for zoom in (0.9, 1.1):
        zoomed = face.zoomed(zoom)
        own, other = np.array(face.points), np.array(zoomed.points)
        assert other.mean(axis=0) == pytest.approx(own.mean(axis=0))
        assert np.ptp(other, axis=0) == pytest.approx(np.ptp(own, axis=0) * zoom)
        assert zoomed.box == face.box
