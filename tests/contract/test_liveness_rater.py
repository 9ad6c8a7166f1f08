"""What a rater of liveness must do, on the real weights where set-up has unpacked them."""

import dataclasses

import cv2
import numpy as np
import pytest

from config.weights import weight_files
from models.errors import RecogniserFault
from recognition.face import Box
from recognition.fr_liveness import FrLiveness
from recognition.ports import LivenessRater
from tests.fakes.portraits import grace_hopper, nobody


@pytest.fixture(scope="module")
def rater() -> LivenessRater:
    try:
        return FrLiveness(weight_files("liveness")["passive"])
    except RecogniserFault as fault:
        pytest.skip(f"the weights of liveness are not here (run ./setup): {fault}")


def test_the_name_holds_the_start_of_the_weights_hash(rater: LivenessRater) -> None:
    assert rater.name == "fr-liveness:afa783b7e902"


def test_a_score_lies_between_0_and_1_and_repeats_itself(rater: LivenessRater) -> None:
    picture = cv2.imread(str(grace_hopper()))
    assert picture is not None
    bgr = np.asarray(picture, np.uint8)
    box = Box(190, 110, 130, 160)
    score = rater.rate(bgr, box)
    assert 0 <= score <= 1
    assert rater.rate(bgr, box) == score


def test_the_order_of_colours_and_the_surround_matter(rater: LivenessRater) -> None:
    """The network is fed blue, green, red, and looks at more than the face."""
    picture = cv2.imread(str(grace_hopper()))
    assert picture is not None
    bgr = np.asarray(picture, np.uint8)
    box = Box(190, 110, 130, 160)
    bare = bgr.copy()
    bare[:, :150] = 127
    bare[:, 360:] = 127
    swapped = np.ascontiguousarray(bgr[:, :, ::-1])
    scores = {round(rater.rate(each, box), 6) for each in (bgr, bare, swapped)}
    assert len(scores) == 3


@pytest.mark.parametrize(
    "box",
    [Box(0, 0, 1, 1), Box(-50, -50, 30, 30), Box(600, 600, 5000, 5000), Box(10, 10, 0, 0)],
    ids=["tiny", "outside", "huge", "empty"],
)
def test_any_box_of_any_picture_may_be_rated(rater: LivenessRater, box: Box) -> None:
    picture = cv2.imread(str(nobody()))
    assert picture is not None
    for shape in ((480, 640), (9, 7), (1, 1)):
        bgr = np.asarray(cv2.resize(picture, shape[::-1]), np.uint8)
        assert 0 <= rater.rate(bgr, box) <= 1


def test_other_weights_are_not_loaded(rater: LivenessRater) -> None:
    assert rater
    weights = weight_files("liveness")["passive"]
    with pytest.raises(RecogniserFault, match="not the pinned ones"):
        FrLiveness(dataclasses.replace(weights, sha256="0" * 64))
