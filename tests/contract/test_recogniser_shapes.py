"""Whatever array is shown to an engine: an answer or a clear reason, never a crash or nonsense."""

import resource
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from config.weights import weight_files
from models.errors import InputError, RecogniserFault
from recognition.dlib_faces import DlibFaces
from recognition.face import Box, Face, Pixels
from recognition.picture_shape import MOST_PIXELS
from recognition.ports import CodeReader, FaceEngine
from recognition.pyzbar_codes import PyzbarCodes
from recognition.second_chance import SecondChance
from recognition.yunet_sface import YuNetSFace
from recognition.zxing_codes import ZxingCodes

_POINTS = ((1.0, 1.0), (5.0, 1.0), (3.0, 3.0), (1.0, 5.0), (5.0, 5.0))
_FACE = Face(Box(0, 0, 8, 8), _POINTS, 0.9)
_NAN, _FAR = float("nan"), 1e30

Array = NDArray[np.generic]


def _noise(*shape: int) -> Pixels:
    return np.random.default_rng(len(shape)).integers(0, 256, shape).astype(np.uint8)


def _sealed() -> Pixels:
    picture = _noise(64, 64, 3)
    picture.setflags(write=False)
    return picture


PICTURES: dict[str, Callable[[], Pixels]] = {
    "one pixel": lambda: _noise(1, 1, 3),
    "1 x N": lambda: _noise(1, 5000, 3),
    "N x 1": lambda: _noise(5000, 1, 3),
    "20,000 x 2": lambda: _noise(20_000, 2, 3),
    "2 x 20,000": lambda: _noise(2, 20_000, 3),
    "every second, mirrored": lambda: _noise(128, 128, 3)[::2, ::-2],
    "read only": _sealed,
    "all white": lambda: np.full((200, 200, 3), 255, np.uint8),
}
NO_PICTURES: dict[str, Callable[[], Array]] = {
    "nothing": lambda: np.zeros((0, 0, 3), np.uint8),
    "no row": lambda: np.zeros((0, 50, 3), np.uint8),
    "no column": lambda: np.zeros((50, 0), np.uint8),
    "all NaN": lambda: np.full((64, 64, 3), np.nan, np.float32),
    "floats": lambda: np.zeros((64, 64, 3), np.float64),
    "16 bits": lambda: np.full((64, 64, 3), 60_000, np.uint16),
    "signed": lambda: np.full((64, 64, 3), -1, np.int8),
    "truths": lambda: np.zeros((64, 64, 3), np.bool_),
    "one channel in three axes": lambda: _noise(64, 64, 1),
    "alpha": lambda: _noise(64, 64, 4),
    "five channels": lambda: _noise(64, 64, 5),
    "a line": lambda: _noise(64),
    "a film": lambda: _noise(2, 64, 64, 3),
    "a number": lambda: np.array(3, np.uint8),
    # A view of one pixel: huge in shape, nothing in memory.
    "huge": lambda: np.broadcast_to(np.uint8(7), (MOST_PIXELS // 2, 3, 3)),
}
PLACES: dict[str, Face] = {
    "not a number": Face(Box(_NAN, 0, 8, 8), ((_NAN, 1.0), *_POINTS[1:]), 0.9),
    "endlessly large": Face(Box(_FAR, 0, _FAR, _FAR), ((float("inf"), 1.0), *_POINTS[1:]), 0.9),
}


@pytest.fixture(scope="module", params=["zxing", "pyzbar", "second chance"])
def reader(request: pytest.FixtureRequest) -> CodeReader:
    if request.param == "pyzbar":
        try:
            return PyzbarCodes()
        except RecogniserFault as fault:
            pytest.skip(f"pyzbar is not read with here: {fault}")
    zxing = ZxingCodes()
    return zxing if request.param == "zxing" else SecondChance(zxing, lambda: 0.0)


@pytest.fixture(scope="module", params=["yunet-sface", "dlib"])
def engine(request: pytest.FixtureRequest) -> FaceEngine:
    if request.param == "yunet-sface":
        return YuNetSFace(**weight_files("yunet-sface"))
    pytest.importorskip("dlib", reason="the extra dlib is not installed")
    return DlibFaces(**weight_files("dlib"))


@pytest.mark.parametrize("kind", PICTURES)
def test_odd_pictures_show_no_code(reader: CodeReader, kind: str) -> None:
    assert reader.read(PICTURES[kind]()) == ()


@pytest.mark.parametrize("kind", PICTURES)
def test_odd_pictures_show_no_face_and_any_place_in_them_has_a_vector(
    engine: FaceEngine, kind: str
) -> None:
    picture = PICTURES[kind]()
    assert engine.detect(picture) == ()
    vector = engine.embed(picture, _FACE)
    assert np.isfinite(vector).all()
    assert float(np.linalg.norm(vector)) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_refused_in_words_by_readers(reader: CodeReader, kind: str) -> None:
    array = NO_PICTURES[kind]()
    with pytest.raises(InputError, match="is no picture") as caught:
        reader.read(array)  # type: ignore[arg-type] # what is refused is no picture
    assert str(array.dtype) in str(caught.value)


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_refused_in_words_by_engines(engine: FaceEngine, kind: str) -> None:
    array = NO_PICTURES[kind]()
    with pytest.raises(InputError, match="is no picture"):
        engine.detect(array)  # type: ignore[arg-type] # what is refused is no picture
    with pytest.raises(InputError, match="is no picture"):
        engine.embed(array, _FACE)  # type: ignore[arg-type] # what is refused is no picture


def test_a_grey_picture_has_no_colours_for_a_face_engine(engine: FaceEngine) -> None:
    grey = _noise(64, 64)
    with pytest.raises(InputError, match="no colours"):
        engine.detect(grey)
    with pytest.raises(InputError, match="no colours"):
        engine.embed(grey, _FACE)


@pytest.mark.parametrize("place", PLACES)
def test_a_face_that_lies_nowhere_is_a_fault_not_a_vector(engine: FaceEngine, place: str) -> None:
    with pytest.raises(RecogniserFault, match="cannot be aligned"):
        engine.embed(_noise(64, 64, 3), PLACES[place])


def _grown(look: Callable[[Pixels], object]) -> int:
    """Return by how many bytes two more looks raise the most memory that was ever in use."""
    huge = np.zeros((2500, 3000, 3), np.uint8)
    assert look(huge) == ()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(2):
        assert look(huge) == ()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024


def test_a_huge_picture_is_read_in_bounded_memory(reader: CodeReader) -> None:
    assert _grown(reader.read) < 22_500_000


def test_a_huge_picture_is_looked_at_in_bounded_memory(engine: FaceEngine) -> None:
    assert _grown(engine.detect) < 22_500_000
