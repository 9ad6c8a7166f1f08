"""Small questions to one picture: moved, frozen, dark, in which view, how sharp, as evidence."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from edge.qr_image import png
from models.lane import Direction
from recognition.evidence import MOST_BYTES, crop, holder
from recognition.face import Box, Face, Pixels
from recognition.motion import LOOK_ANYWAY, Motion, gate
from recognition.picture_health import Health, HealthRules, PictureFault, examine
from recognition.quality import measure, weight
from recognition.view import Look, Region, View, around, owner
from recognition.zxing_codes import ZxingCodes

_DRAW = np.random.default_rng(7)


def _noise(low: int = 0, high: int = 255, shape: tuple[int, int] = (240, 320)) -> Pixels:
    return _DRAW.integers(low, high, (*shape, 3)).astype(np.uint8)


def _flat(level: int) -> Pixels:
    return np.full((240, 320, 3), level, np.uint8)


# The motion gate.


def test_the_first_picture_is_looked_at_and_then_the_gate_rests() -> None:
    motion, looks = Motion(), []
    for tick in range(40):
        still = np.clip(_flat(90) + _DRAW.normal(0, 3, (240, 320, 3)), 0, 255).astype(np.uint8)
        motion, look = gate(motion, still, tick / 10, busy=False)
        looks.append(look)
    assert looks[0]
    assert looks[11:].count(True) == pytest.approx(29 / (LOOK_ANYWAY * 10), abs=1)


def test_someone_who_comes_in_opens_it() -> None:
    motion, _ = gate(Motion(), _flat(90), 0.0, busy=False)
    motion, _ = gate(motion, _flat(90), 1.5, busy=False)
    motion, before = gate(motion, _flat(90), 1.6, busy=False)
    entering = _flat(90)
    entering[60:150, 0:40] = 160
    motion, look = gate(motion, entering, 1.7, busy=False)
    _, after = gate(motion, entering, 1.8, busy=False)
    assert (before, look, after) == (False, True, True)


def test_it_stays_open_while_someone_is_in_view() -> None:
    motion, _ = gate(Motion(), _flat(90), 0.0, busy=False)
    motion, _ = gate(motion, _flat(90), 1.5, busy=False)
    assert not gate(motion, _flat(90), 1.6, busy=False)[1]
    assert gate(motion, _flat(90), 1.6, busy=True)[1]


@pytest.mark.parametrize("shape", [(1, 1), (3, 500), (33, 31), (1080, 1920)])
def test_any_size_of_picture_passes_and_a_new_size_is_a_change(shape: tuple[int, int]) -> None:
    motion, _ = gate(Motion(), _flat(90), 0.0, busy=False)
    motion, look = gate(motion, np.full((*shape, 3), 90, np.uint8), 0.1, busy=False)
    assert look


# Health.


def _examined(pictures: list[tuple[float, Pixels]]) -> list[PictureFault | None]:
    health, faults = Health(), []
    for captured, picture in pictures:
        health, fault = examine(health, picture, captured, HealthRules())
        faults.append(fault)
    return faults


def test_identical_pixels_for_five_seconds_are_frozen() -> None:
    picture = _noise()
    assert _examined([(0, picture), (4.9, picture), (5.0, picture), (5.1, _noise())]) == [
        None,
        None,
        PictureFault.FROZEN,
        None,
    ]


def test_one_changed_pixel_is_a_living_picture() -> None:
    picture = _noise()
    pictures = []
    for second in range(12):
        picture = picture.copy()
        picture[40, 40, 0] ^= 1
        pictures.append((float(second), picture))
    assert _examined(pictures) == [None] * 12


def test_black_pictures_are_dark_after_three_seconds() -> None:
    faults = _examined([(second / 2, _noise(0, 9)) for second in range(8)])
    assert faults == [None] * 6 + [PictureFault.DARK] * 2


def test_one_flat_tone_is_covered_and_a_scene_is_not() -> None:
    assert _examined([(0, _noise(118, 122)), (3, _noise(118, 122))])[-1] is PictureFault.COVERED
    assert _examined([(0, _noise(60, 200)), (3, _noise(60, 200))])[-1] is None


def test_dark_and_covered_in_turn_are_each_timed_on_their_own() -> None:
    pictures = [(0, _noise(0, 9)), (2, _noise(118, 122)), (4, _noise(0, 9)), (6, _noise(0, 9))]
    assert _examined(pictures) == [None] * 4


def test_time_that_runs_backwards_begins_again() -> None:
    picture = _noise()
    assert _examined([(100, picture), (1, picture), (3, picture)]) == [None] * 3


# Views.


def _view(lane: int, *edges: float) -> View:
    return View(lane, Direction.ENTRY, frozenset({Look.FACE}), Region(*edges))


def test_what_lies_in_two_regions_belongs_to_the_smaller() -> None:
    wide, narrow = _view(1, 0, 0, 1, 1), _view(2, 0.5, 0, 1, 1)
    assert owner((wide, narrow), (300, 100), 400, 300) == narrow
    assert owner((wide, narrow), (100, 100), 400, 300) == wide
    assert owner((narrow,), (100, 100), 400, 300) is None


def test_the_region_around_holds_all() -> None:
    assert around([_view(1, 0.1, 0.2, 0.3, 0.4), _view(2, 0.2, 0.1, 0.9, 0.3)]) == Region(
        0.1, 0.1, 0.9, 0.4
    )
    assert around([]) is None


@pytest.mark.parametrize("edges", [(0, 0, 0, 1), (0.5, 0, 0.4, 1), (0, -0.1, 1, 1), (0, 0, 1, 1.1)])
def test_a_region_outside_the_picture_is_refused(edges: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="within 0 to 1"):
        Region(*edges)


def test_a_region_has_at_least_one_pixel() -> None:
    box = Region(0.5, 0.5, 0.5001, 0.5001).pixels(100, 100)
    assert (box.width, box.height) == (1, 1)


# Quality.


def _face(box: Box, nose: float = 0.5, lower: float = 0.0) -> Face:
    def at(right: float, down: float) -> tuple[float, float]:
        return box.x + right * box.width, box.y + down * box.height

    eyes = at(0.3, 0.4), at(0.7, 0.4 + lower)
    return Face(box, (*eyes, at(nose, 0.6), at(0.35, 0.8), at(0.65, 0.8)), 0.9)


def test_a_blurred_face_is_less_sharp_at_every_size() -> None:
    for side in (60, 120, 300):
        sharp = _noise(shape=(side, side))
        blurred = sharp.astype(np.float32)
        for _ in range(side // 10):
            blurred = (blurred + np.roll(blurred, 1, 0) + np.roll(blurred, 1, 1)) / 3
        face = _face(Box(0, 0, side, side))
        soft = measure(blurred.astype(np.uint8), face).sharpness
        assert soft < measure(sharp, face).sharpness / 2


def test_sharpness_does_not_depend_on_light() -> None:
    picture, face = _noise(100, 200), _face(Box(50, 50, 120, 140))
    dim = (picture / 2).astype(np.uint8)
    assert measure(dim, face).sharpness == pytest.approx(measure(picture, face).sharpness, rel=0.05)
    assert measure(dim, face).light == pytest.approx(measure(picture, face).light / 2, rel=0.05)


def test_pose_is_read_from_the_points() -> None:
    box, picture = Box(50, 50, 100, 100), _noise()
    straight = measure(picture, _face(box))
    turned = measure(picture, _face(box, nose=0.7))
    leaning = measure(picture, _face(box, lower=0.4))
    assert straight.turn == pytest.approx(0, abs=1e-9)
    assert turned.turn == pytest.approx(0.5)
    assert leaning.tilt == pytest.approx(45)


def test_a_face_whose_eyes_are_one_point_is_turned_away() -> None:
    points = ((5.0, 5.0),) * 5
    quality = measure(_noise(), Face(Box(0, 0, 50, 50), points, 0.9))  # type: ignore[arg-type]
    assert (quality.turn, quality.tilt) == (1.0, 90.0)


@pytest.mark.parametrize(
    "box",
    [Box(-30, -30, 60, 60), Box(300, 220, 80, 90), Box(400, 300, 50, 50), Box(5, 5, 0.4, 0.4)],
)
def test_a_face_over_the_edge_is_measured_as_far_as_it_shows(box: Box) -> None:
    quality = measure(_noise(), _face(box))
    assert np.isfinite([quality.sharpness, quality.light, quality.contrast]).all()


def test_a_better_face_weighs_more() -> None:
    picture = _noise()
    near = weight(measure(picture, _face(Box(50, 50, 100, 100))))
    far = weight(measure(picture, _face(Box(50, 50, 50, 50))))
    turned = weight(measure(picture, _face(Box(50, 50, 100, 100), nose=0.7)))
    assert far == pytest.approx(near / 2, rel=0.05)
    assert 0 < turned < near <= 1


# Evidence.


@pytest.mark.parametrize(
    "box", [Box(10, 10, 90, 100), Box(-50, -50, 700, 700), Box(319, 239, 1, 1), Box(500, 500, 9, 9)]
)
def test_evidence_is_a_small_jpeg(box: Box) -> None:
    jpeg = crop(_noise(), box, 1.8)
    with Image.open(BytesIO(jpeg)) as picture:
        assert picture.format == "JPEG"
        assert max(picture.size) <= 320
    assert len(jpeg) <= MOST_BYTES


def test_evidence_of_the_noisiest_picture_is_small_too() -> None:
    assert len(crop(_noise(shape=(1080, 1920)), Box(0, 0, 1920, 1080), 1.0)) <= MOST_BYTES


def test_evidence_keeps_its_colours() -> None:
    blue = np.zeros((200, 200, 3), np.uint8)
    blue[:, :, 0] = 255
    with Image.open(BytesIO(crop(blue, Box(50, 50, 80, 80), 1.0))) as picture:
        red, green, seen_blue = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    assert seen_blue > 240
    assert max(red, green) < 20


def test_a_picture_of_a_code_shows_its_holder_and_not_the_code() -> None:
    token = "KH1:" + "A1B2C3" * 20
    code = np.asarray(Image.open(BytesIO(png(token))).convert("RGB").resize((180, 180)))
    frame = _noise(shape=(480, 640))
    frame[150:330, 200:380] = code
    reader = ZxingCodes()
    (found,) = reader.read(frame)
    xs, ys = [x for x, _ in found.corners], [y for _, y in found.corners]
    box = Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))
    with Image.open(BytesIO(crop(frame, box, 1.6))) as picture:
        assert [one.text for one in reader.read(np.asarray(picture.resize((960, 960))))] == [token]
    with Image.open(BytesIO(holder(frame, box, 4.0))) as picture:
        wide = np.asarray(picture.resize((1280, 960)))
        assert picture.width == 320
    assert reader.read(wide) == ()
    assert frame[200, 300].tolist() == code[50, 100].tolist(), "the frame itself is left alone"


@pytest.mark.parametrize("times", [2, 3, 4, 5])
def test_a_picture_that_is_shrunk_much_shows_no_row_of_the_code(times: int) -> None:
    frame = np.zeros((240 * times, 320 * times, 3), np.uint8)
    box = Box(101 * times + 1, 61 * times + 1, 60 * times, 60 * times)
    left, top = int(box.x), int(box.y)
    frame[top : top + 60 * times, left : left + 60 * times, 2] = 255
    with Image.open(BytesIO(crop(frame, box, 20.0))) as picture:
        assert picture.size == (320, 240)
        assert np.asarray(picture)[75:110, 115:150, 0].min() > 200, "the code is in the picture"
    with Image.open(BytesIO(holder(frame, box, 20.0))) as picture:
        assert picture.size == (320, 240)
        red, green = (np.asarray(picture)[:, :, at].astype(int) for at in (0, 1))
        assert (red - green).max() < 60, "and is painted over, to its edges"
