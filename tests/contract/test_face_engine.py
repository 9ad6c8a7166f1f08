"""What every face engine must do, the painted one of the tests too."""

import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from config.weights import weight_files
from models.errors import RecogniserFault
from models.weights import WeightFile
from recognition.dlib_faces import DlibFaces
from recognition.enrolment import enrol
from recognition.face import Box, Face, Pixels
from recognition.gallery import Likeness, Matcher
from recognition.photo import read_photo
from recognition.ports import FaceEngine
from recognition.sface_people import MIDDLE
from recognition.yunet_sface import YuNetSFace, similarity
from tests.fakes.painted_faces import PaintedFaces, paint
from tests.fakes.portraits import eileen_collins, grace_hopper, nobody

_ENGINES = ("yunet-sface", "dlib", "painted")
_REAL = ("yunet-sface", "dlib")


def _build(name: str) -> FaceEngine:
    if name == "yunet-sface":
        return YuNetSFace(**weight_files(name))
    if name == "dlib":
        pytest.importorskip("dlib", reason="the extra dlib is not installed")
        return DlibFaces(**weight_files(name))
    return PaintedFaces()


@pytest.fixture(scope="module", params=_ENGINES)
def engine(request: pytest.FixtureRequest) -> FaceEngine:
    return _build(request.param)


@pytest.fixture(scope="module", params=_REAL)
def real(request: pytest.FixtureRequest) -> FaceEngine:
    return _build(request.param)


def _people(engine: FaceEngine) -> tuple[Pixels, Pixels, Pixels]:
    """Return two people and a picture with nobody, as this engine sees people."""
    if isinstance(engine, PaintedFaces):
        one, two, none = (np.zeros((480, 640, 3), np.uint8) for _ in range(3))
        paint(one, 1, Box(200, 100, 120, 140))
        paint(two, 2, Box(240, 160, 120, 140))
        return one, two, none
    return tuple(read_photo(path().read_bytes()) for path in (eileen_collins, grace_hopper, nobody))  # type: ignore[return-value]


def _shrunk(bgr: Pixels, width: int) -> Pixels:
    size = width, round(bgr.shape[0] * width / bgr.shape[1])
    small = Image.fromarray(bgr).resize(size, Image.Resampling.BOX)
    return np.asarray(small, np.uint8)


def test_one_face_is_found_with_its_points_in_order(engine: FaceEngine) -> None:
    for picture in _people(engine)[:2]:
        (face,) = engine.detect(picture)
        (right_x, right_y), (left_x, left_y), (nose_x, nose_y), right, left = face.points
        assert right_x < nose_x < left_x
        assert max(right_y, left_y) < nose_y < min(right[1], left[1])
        assert right[0] < left[0]
        assert 0.6 <= face.score <= 1
        middle_x, middle_y = face.box.centre
        assert abs(middle_x - nose_x) < face.box.width / 3
        assert abs(middle_y - nose_y) < face.box.height / 3


def test_nobody_is_found_in_a_picture_without_faces(engine: FaceEngine) -> None:
    assert engine.detect(_people(engine)[2]) == ()


def test_a_vector_is_float32_of_unit_length_and_repeats_itself(engine: FaceEngine) -> None:
    picture = _people(engine)[0]
    (face,) = engine.detect(picture)
    one, two = engine.embed(picture, face), engine.embed(picture, face)
    assert one.dtype == np.float32
    assert one.ndim == 1
    assert float(np.linalg.norm(one)) == pytest.approx(1, abs=1e-5)
    assert np.array_equal(one, two)


def test_two_people_are_told_apart_and_each_is_oneself(engine: FaceEngine) -> None:
    one, two, _ = _people(engine)
    (first,), (second,) = engine.detect(one), engine.detect(two)
    limit = engine.impostors.threshold(2)
    alike = float(engine.embed(one, first) @ engine.embed(two, second))
    assert alike < limit
    dimmer = (one * 0.8).astype(np.uint8) if not isinstance(engine, PaintedFaces) else one
    (again,) = engine.detect(dimmer)
    assert float(engine.embed(one, first) @ engine.embed(dimmer, again)) > limit


def test_the_picture_is_left_as_it_was(engine: FaceEngine) -> None:
    picture = _people(engine)[0]
    before = picture.copy()
    engine.embed(picture, engine.detect(picture)[0])
    assert np.array_equal(picture, before)


def test_the_engines_name_holds_the_start_of_a_hash(engine: FaceEngine) -> None:
    name, _, digest = engine.engine.partition(":")
    assert name
    assert len(digest) == 12
    assert set(digest) <= set("0123456789abcdef")


def test_a_photo_and_its_mirror_are_enrolled_and_recognised(real: FaceEngine) -> None:
    from models.template import Gallery  # noqa: PLC0415

    templates = enrol(eileen_collins().read_bytes(), real).templates
    (kept,) = (np.frombuffer(template.vector, "<f4") for template in templates)
    assert float(np.linalg.norm(kept)) == pytest.approx(1, abs=1e-5)
    rows = tuple(("eileen", "1-1-101", template) for template in templates)
    matcher = Matcher(Gallery(1, rows), real.engine, real.impostors)
    smaller = _shrunk(read_photo(eileen_collins().read_bytes()), 400)
    flipped = np.ascontiguousarray(smaller[:, ::-1])
    for picture in (smaller, flipped):
        near = matcher.nearest(real.embed(picture, real.detect(picture)[0]))
        assert (near.likeness, near.resident) == (Likeness.NAMED, "eileen")
    stranger = read_photo(grace_hopper().read_bytes())
    near = matcher.nearest(real.embed(stranger, real.detect(stranger)[0]))
    assert near.likeness is Likeness.UNKNOWN


def test_faces_come_largest_first_and_in_the_pictures_own_pixels(real: FaceEngine) -> None:
    one = _shrunk(read_photo(eileen_collins().read_bytes()), 900)
    two = _shrunk(read_photo(grace_hopper().read_bytes()), 900)
    scene = np.full((1080, 1920, 3), 128, np.uint8)
    scene[:900, :900] = one[:900]
    scene[:1055, 1000:1900] = two[:1055]
    first, second = real.detect(scene)
    assert first.box.area > second.box.area
    assert {first.box.centre[0] > 950, second.box.centre[0] > 950} == {True, False}
    alone = real.detect(one)[0]
    left = min((first, second), key=lambda face: face.box.x)
    assert left.box.overlap(alone.box) > 0.8


def test_a_very_close_face_is_found_on_a_smaller_frame(real: FaceEngine) -> None:
    portrait = read_photo(eileen_collins().read_bytes())
    (face,) = real.detect(portrait)
    box = face.box
    top, bottom = int(box.y + 0.15 * box.height), int(box.y + 0.85 * box.height)
    left, right = int(box.x + 0.15 * box.width), int(box.x + 0.85 * box.width)
    close = portrait[top:bottom, left:right]
    size = 1080, round(1080 * close.shape[0] / close.shape[1])
    filled = np.asarray(Image.fromarray(close).resize(size, Image.Resampling.BICUBIC), np.uint8)
    found = real.detect(filled)
    assert len(found) == 1
    assert found[0].box.height > 0.25 * filled.shape[0]


@pytest.mark.parametrize("shape", [(1, 1), (2, 700), (700, 2), (31, 33), (2160, 3840)])
def test_a_picture_of_any_size_may_be_shown(real: FaceEngine, shape: tuple[int, int]) -> None:
    assert real.detect(np.zeros((*shape, 3), np.uint8)) == ()


def test_a_face_over_the_edge_still_gives_a_vector(real: FaceEngine) -> None:
    picture = read_photo(eileen_collins().read_bytes())
    (face,) = real.detect(picture)
    moved = face.shifted(-face.box.x - face.box.width / 2, 0)
    vector = real.embed(picture, moved)
    assert np.isfinite(vector).all()


def _damaged(weights: WeightFile, folder: Path, how: str) -> WeightFile:
    path = folder / weights.path.name
    if how == "missing":
        return replace(weights, path=path)
    shutil.copyfile(weights.path, path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return replace(weights, path=path)


_PARTS = [
    ("yunet-sface", "detector"),
    ("yunet-sface", "embedder"),
    ("dlib", "detector"),
    ("dlib", "points"),
    ("dlib", "embedder"),
]


@pytest.mark.parametrize("how", ["one bit", "missing"])
@pytest.mark.parametrize(("name", "part"), _PARTS)
def test_a_wrong_weight_makes_no_engine(name: str, part: str, how: str, tmp_path: Path) -> None:
    builders: dict[str, Callable[..., FaceEngine]] = {"yunet-sface": YuNetSFace, "dlib": DlibFaces}
    if name == "dlib":
        pytest.importorskip("dlib", reason="the extra dlib is not installed")
    files = dict(weight_files(name))
    files[part] = _damaged(files[part], tmp_path, how)
    with pytest.raises(RecogniserFault) as caught:
        builders[name](**files)
    for word in (str(files[part].path), files[part].sha256, "again"):
        assert word in str(caught.value)


@pytest.mark.parametrize("part", ["detector", "embedder"])
def test_weights_that_are_pinned_but_no_model_make_no_engine(part: str, tmp_path: Path) -> None:
    import hashlib  # noqa: PLC0415

    path = tmp_path / "net.onnx"
    path.write_bytes(b"this is no model")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    files = dict(weight_files("yunet-sface")) | {part: WeightFile(path, digest, "pack 1.0")}
    with pytest.raises(RecogniserFault, match="cannot be loaded"):
        YuNetSFace(**files)


def test_a_model_of_another_shape_makes_no_engine() -> None:
    files = dict(weight_files("yunet-sface"))
    with pytest.raises(RecogniserFault):
        YuNetSFace(detector=files["detector"], embedder=files["detector"])


def test_sface_is_fed_red_green_blue() -> None:
    # The published embedding of one and the same picture; the wrong order moves it.
    engine = YuNetSFace(**weight_files("yunet-sface"))
    picture = read_photo(eileen_collins().read_bytes())
    (face,) = engine.detect(picture)
    swapped = np.ascontiguousarray(picture[:, :, ::-1])
    assert float(engine.embed(picture, face) @ engine.embed(swapped, face)) < 0.97
    import cv2  # noqa: PLC0415

    places = np.array([(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366)])
    places = np.vstack([places, [(41.5493, 92.3655), (70.7299, 92.2041)]])
    aligned = cv2.warpAffine(picture, similarity(np.array(face.points), places), (112, 112))
    blob = cv2.dnn.blobFromImage(aligned, swapRB=True)
    net = cv2.dnn.readNetFromONNX(str(weight_files("yunet-sface")["embedder"].path))
    net.setInput(blob, "data")
    raw = net.forward()[0]
    apart = raw / np.linalg.norm(raw) - MIDDLE
    assert float(apart @ engine.embed(picture, face)) / float(np.linalg.norm(apart)) > 0.99999


def test_weights_whose_impostors_nobody_measured_make_no_engine(tmp_path: Path) -> None:
    import hashlib  # noqa: PLC0415

    files = weight_files("yunet-sface")
    path = tmp_path / "other.onnx"
    # A field that no reader of ONNX knows: the same net, another file.
    path.write_bytes(files["embedder"].path.read_bytes() + b"\xfa\x7f\x00")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(RecogniserFault, match="no threshold is known"):
        YuNetSFace(files["detector"], WeightFile(path, digest, "pack 2.0"))


def test_the_engines_name_changes_with_what_is_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    files = weight_files("yunet-sface")
    before = YuNetSFace(**files).engine
    monkeypatch.setattr("recognition.yunet_sface.MIDDLE", np.zeros(128, np.float32))
    assert YuNetSFace(**files).engine != before


def test_the_alignment_turns_scales_and_moves_without_mirror() -> None:
    draw = np.random.default_rng(5)
    for _ in range(50):
        places = draw.uniform(0, 100, (5, 2))
        angle, scale = draw.uniform(0, 6.28), draw.uniform(0.2, 5)
        turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        move = draw.uniform(-50, 50, 2)
        points = (places - move) @ np.linalg.inv(turn).T
        assert similarity(points, places) == pytest.approx(np.column_stack([turn, move]), abs=1e-6)


def test_five_points_in_one_place_are_a_fault_not_a_vector() -> None:
    engine = YuNetSFace(**weight_files("yunet-sface"))
    face = Face(Box(10, 10, 50, 50), ((20.0, 20.0),) * 5, 0.9)  # type: ignore[arg-type]
    with pytest.raises(RecogniserFault, match="cannot be aligned"):
        engine.embed(np.zeros((100, 100, 3), np.uint8), face)


def test_dlib_never_opens_the_file_whose_licence_forbids_it() -> None:
    pytest.importorskip("dlib", reason="the extra dlib is not installed")
    opened: list[str] = []

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            opened.append(str(arguments[0]))

    sys.addaudithook(watch)
    files = weight_files("dlib")
    DlibFaces(**files)
    seen = list(opened)
    assert str(files["points"].path) in seen
    assert not [path for path in seen if "68" in Path(path).name]
    assert "face_recognition" not in sys.modules
    assert "face_recognition_models" not in sys.modules
