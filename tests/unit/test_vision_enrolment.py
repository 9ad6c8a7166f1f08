"""Photos and rows' pictures become templates one at a time, and look-alikes are named."""

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from edge import wire
from edge.vision_enrolment import Enrolments
from models.template import Gallery, Template
from recognition.face import Box, Pixels
from recognition.gallery import Matcher
from tests.fakes.painted_faces import PaintedFaces, paint, vector_of


def _picture(*people: tuple[int, Box]) -> bytes:
    scene: Pixels = np.zeros((480, 640, 3), np.uint8)
    for person, box in people:
        paint(scene, person, box)
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(scene[:, :, ::-1])).save(buffer, "PNG")
    return buffer.getvalue()


_LARGE, _SMALL = Box(100, 100, 120, 140), Box(400, 100, 40, 50)


def _matcher(*people: int) -> Matcher:
    rows = tuple(
        (f"r{one}", f"1-{one}", Template(PaintedFaces.engine, vector_of(one).tobytes()))
        for one in people
    )
    return Matcher(Gallery(1, rows), PaintedFaces.engine, PaintedFaces.impostors)


def _whole(
    enrolments: Enrolments, matcher: Matcher | None, steps: int
) -> wire.Encoded | wire.Failed:
    for _ in range(steps - 1):
        assert enrolments.step(PaintedFaces(), matcher) is None
    answer = enrolments.step(PaintedFaces(), matcher)
    assert answer is not None
    assert not enrolments.waiting
    return answer


def _people(answer: wire.Encoded | wire.Failed) -> list[int]:
    assert isinstance(answer, wire.Encoded)
    assert {engine for engine, _ in answer.templates} == {PaintedFaces.engine}
    vectors = [np.frombuffer(vector, "<f4") for _, vector in answer.templates]
    return [max(range(20), key=lambda one: float(vector @ vector_of(one))) for vector in vectors]


def test_photos_and_rows_pictures_are_encoded_one_a_step_in_their_order(tmp_path: Path) -> None:
    photo = tmp_path / "photo.png"
    photo.write_bytes(_picture((3, _LARGE)))
    enrolments = Enrolments()
    enrolments.add(wire.Encode(7, (str(photo),), (_picture((5, _LARGE), (6, _SMALL)),)))
    answer = _whole(enrolments, None, 2)
    assert _people(answer) == [3, 5]
    assert isinstance(answer, wire.Encoded)
    assert (answer.ref, answer.bystanders, answer.alike) == (7, 1, ())


def test_whom_the_faces_look_like_is_told_once_each() -> None:
    enrolments = Enrolments()
    enrolments.add(wire.Encode(7, (), (_picture((3, _LARGE)), _picture((3, _LARGE)))))
    answer = _whole(enrolments, _matcher(1, 3), 2)
    assert isinstance(answer, wire.Encoded)
    assert answer.alike == ("r3",)


def test_a_rows_picture_is_encoded_however_poor_its_face_and_a_photo_is_not(tmp_path: Path) -> None:
    poor = _picture((4, _SMALL))
    photo = tmp_path / "poor.png"
    photo.write_bytes(poor)
    enrolments = Enrolments()
    enrolments.add(wire.Encode(1, (), (poor,)))
    assert _people(_whole(enrolments, None, 1)) == [4]
    enrolments.add(wire.Encode(2, (str(photo),)))
    refused = _whole(enrolments, None, 1)
    assert isinstance(refused, wire.Failed)
    assert "poor.png" in refused.text
    assert "too small" in refused.text


@pytest.mark.parametrize("picture", [b"", b"\xff\xd8\xff\xe0 cut", _picture()])
def test_a_rows_picture_without_a_face_fails_in_words(picture: bytes) -> None:
    enrolments = Enrolments()
    enrolments.add(wire.Encode(1, (), (picture,)))
    refused = _whole(enrolments, None, 1)
    assert isinstance(refused, wire.Failed)
    assert "the picture of the row" in refused.text


def test_a_photo_in_memory_is_held_to_the_rules_of_photos_and_its_rule_has_a_word() -> None:
    enrolments = Enrolments()
    enrolments.add(wire.Encode(1, (), photos=(_picture((4, _LARGE)),)))
    assert _people(_whole(enrolments, None, 1)) == [4]
    for picture, word in (
        (_picture((4, _SMALL)), "too_small"),
        (_picture(), "no_face"),
        (b"\xff\xd8\xff\xe0 cut", "corrupt"),
        (b"", "not_a_photo"),
    ):
        enrolments.add(wire.Encode(1, (), photos=(picture,)))
        refused = _whole(enrolments, None, 1)
        assert isinstance(refused, wire.Failed)
        assert refused.word == word
        assert refused.text.startswith("the photo: ")


def test_a_look_says_whether_a_photo_would_do_and_makes_no_template() -> None:
    enrolments = Enrolments()
    for picture, would_do in ((_picture((4, _LARGE)), True), (_picture((4, _SMALL)), False)):
        enrolments.add(wire.Encode(1, (), photos=(picture,), only_look=True))
        answer = _whole(enrolments, _matcher(4), 1)
        assert (answer == wire.Encoded(1, ())) is would_do
