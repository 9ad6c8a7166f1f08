"""A passage teaches only who is surely the resident by the photo, so that nobody drifts in."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edge import wire
from edge.vision_enrolment import Enrolments
from models.template import Gallery, Template
from recognition.enrolment import learn
from recognition.face import Box, Pixels, Vector
from recognition.gallery import Doubt, Likeness, Matcher
from recognition.photo import PhotoFault, PhotoRefused
from tests.fakes.painted_faces import PaintedFaces, paint, vector_of

_ENGINE = PaintedFaces.engine
_PLACE = Box(200, 100, 120, 140)
Row = tuple[str, str, Template]


def _bytes(vector: Vector) -> bytes:
    return vector.astype("<f4").tobytes()


def _photo(resident: str, vector: Vector, home: str = "") -> Row:
    return resident, home or f"1-1-{resident}", Template(_ENGINE, _bytes(vector))


def _passage(resident: str, vector: Vector, engine: str = _ENGINE) -> Row:
    return resident, f"1-1-{resident}", Template.of_passage(engine, _bytes(vector))


def _matcher(*rows: Row) -> Matcher:
    return Matcher(Gallery(7, rows), _ENGINE, PaintedFaces.impostors)


def _between(share: float) -> Vector:
    """Return a face on the way from Ann to the stranger, unit length."""
    ann, stranger = vector_of(1), vector_of(50)
    total = (1 - share) * ann + share * stranger
    return np.asarray(total / np.linalg.norm(total), np.float32)


def _near(likeness: float) -> Vector:
    """Return a face that is so like Ann's, on the way to the stranger, unit length."""
    ann, stranger = vector_of(1), vector_of(50)
    stranger = stranger - (stranger @ ann) * ann
    rest = np.sqrt(1 - likeness**2) * stranger / np.linalg.norm(stranger)
    return np.asarray(likeness * ann + rest, np.float32)


def _picture(*people: tuple[int, Box]) -> bytes:
    scene: Pixels = np.zeros((480, 640, 3), np.uint8)
    for person, box in people:
        paint(scene, person, box)
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(scene[:, :, ::-1])).save(buffer, "PNG")
    return buffer.getvalue()


def test_what_was_learnt_names_the_resident_whom_the_photo_alone_does_not() -> None:
    seen = _near(0.4)
    alone = _matcher(_photo("ann", vector_of(1)))
    taught = _matcher(_photo("ann", vector_of(1)), _passage("ann", _near(0.6)))
    assert alone.nearest(seen).likeness is Likeness.UNKNOWN
    near = taught.nearest(seen)
    assert (near.likeness, near.resident) == (Likeness.NAMED, "ann")


def test_what_was_learnt_names_nobody_who_is_nothing_like_the_photo() -> None:
    taught = _matcher(_photo("ann", vector_of(1)), *[_passage("ann", _near(0.6))] * 4)
    for likeness in (0.34, 0.2, 0.0):
        near = taught.nearest(_near(likeness))
        assert near.likeness is Likeness.UNKNOWN
        assert float(_near(0.6) @ _near(likeness)) > taught.threshold
        assert taught.alike(_near(likeness)) == ()


def test_what_was_learnt_raises_nobodys_threshold() -> None:
    photos = [_photo(f"r{one}", vector_of(one)) for one in range(60)]
    before = _matcher(*photos)
    after = _matcher(*photos, *[_passage(f"r{one}", vector_of(one)) for one in range(60)] * 4)
    assert before.threshold > _matcher(photos[0]).threshold
    assert after.threshold == before.threshold


def test_what_another_engine_learnt_is_not_compared() -> None:
    rows = _photo("ann", vector_of(1)), _passage("ann", _near(0.6), "other:1")
    assert _matcher(*rows).nearest(_near(0.4)).likeness is Likeness.UNKNOWN
    assert _matcher(_passage("ann", vector_of(1))).doubt("ann", vector_of(1)) is Doubt.NO_PHOTO


def test_nobody_drifts_into_a_template_step_by_step() -> None:
    rows = [_photo("ann", vector_of(1))]
    learnt = [vector_of(1)]
    for step in range(25):
        seen = _near(1 - step * 0.04)
        assert float(seen @ learnt[-1]) > _matcher(*rows).threshold, "each step is a small one"
        if _matcher(*rows).doubt("ann", seen) is None:
            learnt.append(seen)
            rows.append(_passage("ann", seen))
    assert 5 < len(rows) < 18, "the first steps are learnt, the last ones are not"
    assert float(learnt[-1] @ vector_of(1)) > _matcher(*rows[:1]).threshold
    assert _matcher(*rows).doubt("ann", vector_of(50)) is Doubt.UNLIKE_PHOTO
    assert _matcher(*rows).nearest(vector_of(50)).likeness is not Likeness.NAMED


@given(st.floats(-1, 1))
def test_learning_asks_for_more_than_naming(likeness: float) -> None:
    matcher, seen = _matcher(_photo("ann", vector_of(1))), vector_of(1, likeness)
    if matcher.doubt("ann", seen) is None:
        assert matcher.nearest(seen).likeness is Likeness.NAMED
        assert likeness > matcher.threshold + 0.04


@pytest.mark.parametrize("home", ["1-1-ann", "2-2-202"])
def test_who_looks_like_another_resident_too_teaches_nothing(home: str) -> None:
    twin = _between(0.4)
    seen = _between(0.1)
    assert _matcher(_photo("ann", vector_of(1))).doubt("ann", seen) is None
    both = _matcher(_photo("ann", vector_of(1)), _photo("twin", twin, home))
    assert both.doubt("ann", seen) is Doubt.LIKE_ANOTHER


def test_a_resident_without_a_photo_here_teaches_nothing() -> None:
    matcher = _matcher(_photo("ann", vector_of(1)))
    assert matcher.doubt("bob", vector_of(1)) is Doubt.NO_PHOTO
    assert Matcher(Gallery(0, ()), _ENGINE, PaintedFaces.impostors).doubt("ann", vector_of(1))


def test_a_passages_picture_must_be_as_good_as_a_photo() -> None:
    matcher, faces = _matcher(_photo("ann", vector_of(1))), PaintedFaces()
    (template,) = learn(_picture((1, _PLACE)), faces, matcher, "ann").templates
    assert float(np.frombuffer(template.vector, "<f4") @ vector_of(1)) > 0.99
    for picture, why in (
        (_picture((1, Box(200, 100, 50, 60))), PhotoFault.TOO_SMALL),
        (_picture((1, _PLACE), (2, Box(400, 100, 110, 130))), PhotoFault.TWO_FACES),
        (_picture(), PhotoFault.NO_FACE),
        (_picture((2, _PLACE)), PhotoFault.UNLIKE_PHOTO),
    ):
        with pytest.raises(PhotoRefused) as refused:
            learn(picture, faces, matcher, "ann")
        assert refused.value.why is why


def _answer(request: wire.Encode, matcher: Matcher | None) -> wire.Encoded | wire.Failed | None:
    enrolments = Enrolments()
    enrolments.add(request)
    return enrolments.step(PaintedFaces(), matcher)


def test_vision_learns_for_the_resident_of_the_order_alone() -> None:
    matcher = _matcher(_photo("ann", vector_of(1)), _photo("bob", vector_of(2)))
    picture = _picture((1, _PLACE))
    assert isinstance(_answer(wire.Encode(1, (), (picture,), "ann"), matcher), wire.Encoded)
    refused = _answer(wire.Encode(1, (), (picture,), "bob"), matcher)
    assert isinstance(refused, wire.Failed)
    assert "not enough like the enrolled photo" in refused.text
    early = _answer(wire.Encode(1, (), (picture,), "ann"), None)
    assert isinstance(early, wire.Failed)
    assert "gallery" in early.text
