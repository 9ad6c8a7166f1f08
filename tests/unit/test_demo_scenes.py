"""What the demo draws is seen by the product's own eyes, after a camera's compression."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from config.weights import weight_files
from edge.demo.backdrop import Backdrop
from edge.demo.portrait import Portrait, Who, cut_portrait, picture_of
from edge.demo.scenes import EMPTY, CodeHeldUp, FaceHere, Painter, Scene
from edge.qr_image import png
from models.errors import InputError
from recognition.face import Pixels
from recognition.yunet_sface import YuNet
from recognition.zxing_codes import ZxingCodes
from tests.fakes.portraits import nobody

_FPS = 12
_TOKEN = "KH1:" + "7WE8Q$%*+-./:3K9" * 11


@pytest.fixture(scope="module")
def detector() -> YuNet:
    return YuNet(weight_files("yunet-sface")["detector"])


@pytest.fixture(scope="module")
def people(detector: YuNet) -> dict[Who, Portrait]:
    return {who: cut_portrait(picture_of(who), detector) for who in Who}


def _filmed(people: dict[Who, Portrait], scene: Scene, seed: int, start: float) -> list[Pixels]:
    painter = Painter(Backdrop(seed), people, png)
    return [_compressed(painter.paint(scene, start + number / _FPS)) for number in range(3 * _FPS)]


def _compressed(picture: Pixels) -> Pixels:
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


@pytest.mark.parametrize("who", Who)
def test_one_face_is_found_in_every_frame_of_a_standing_person(
    who: Who, people: dict[Who, Portrait], detector: YuNet
) -> None:
    for frame in _filmed(people, FaceHere(who), seed=1, start=1.0):
        faces = detector.detect(frame)
        assert len(faces) == 1
        assert faces[0].box.width >= 100


def test_nobody_is_found_in_an_empty_lane(people: dict[Who, Portrait], detector: YuNet) -> None:
    reader = ZxingCodes()
    for seed in range(4):
        for frame in _filmed(people, EMPTY, seed, 0.0)[::6]:
            assert detector.detect(frame) == ()
            assert reader.read(frame) == ()


@pytest.mark.parametrize("seed", range(4))
def test_a_code_held_up_is_read_in_nine_frames_of_ten(
    seed: int, people: dict[Who, Portrait]
) -> None:
    reader = ZxingCodes()
    frames = _filmed(people, CodeHeldUp(_TOKEN), seed, start=1.0)
    read = [frame for frame in frames if [code.text for code in reader.read(frame)] == [_TOKEN]]
    assert len(read) >= 0.9 * len(frames)


def test_no_two_frames_are_the_same_picture(people: dict[Who, Portrait]) -> None:
    painter = Painter(Backdrop(0), people, png)
    seen = {painter.paint(EMPTY, 0.0).tobytes() for _ in range(200)}
    assert len(seen) == 200


def test_a_picture_without_a_face_plays_nobody(detector: YuNet) -> None:
    with pytest.raises(InputError, match="no face was found"):
        cut_portrait(nobody(), detector)


def test_a_file_that_is_no_picture_plays_nobody(detector: YuNet, tmp_path: Path) -> None:
    text = tmp_path / "me.jpg"
    text.write_text("not a picture", encoding="utf-8")
    with pytest.raises(InputError, match="no picture that can be read"):
        cut_portrait(text, detector)
    with pytest.raises(InputError, match="cannot be read"):
        cut_portrait(tmp_path / "missing.jpg", detector)
    text.write_bytes(b"")
    with pytest.raises(InputError, match="no picture that can be read"):
        cut_portrait(text, detector)
