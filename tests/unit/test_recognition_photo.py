"""Photos: what cannot be enrolled is refused with a sentence a person can act on."""

import struct
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from recognition.enrolment import Enrolled, EnrolmentRules, enrol
from recognition.face import Box, Face, Pixels
from recognition.photo import PhotoFault, PhotoRefused, read_photo
from tests.fakes.painted_faces import PaintedFaces, paint, vector_of


def _scene(*people: tuple[int, Box], size: tuple[int, int] = (480, 640)) -> Pixels:
    picture = np.zeros((*size, 3), np.uint8)
    for person, box in people:
        paint(picture, person, box)
    return picture


def _bytes(bgr: Pixels, kind: str = "PNG", **options: object) -> bytes:
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(bgr[:, :, ::-1])).save(buffer, kind, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def _why(content: bytes) -> PhotoFault:
    with pytest.raises(PhotoRefused) as caught:
        enrol(content, PaintedFaces())
    assert caught.value.why.value not in str(caught.value)
    assert ";" in str(caught.value)
    return caught.value.why


_ONE = _bytes(_scene((1, Box(200, 100, 120, 140))))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_usual_kinds_are_read_in_their_colours(kind: str) -> None:
    picture = np.zeros((64, 80, 3), np.uint8)
    picture[:, :, 0], picture[:, :, 2] = 200, 30
    read = read_photo(_bytes(picture, kind))
    assert read.shape == (64, 80, 3)
    assert np.abs(read.astype(int) - picture).max() < 12


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_in_the_file_is_honoured(orientation: int) -> None:
    upright = np.zeros((40, 60, 3), np.uint8)
    upright[:10, :15] = 255
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    read = read_photo(_bytes(np.ascontiguousarray(stored), exif=exif.tobytes()))
    assert np.array_equal(read, upright)


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "CMYK", "1", "I;16"])
def test_any_mode_becomes_three_colours(mode: str) -> None:
    buffer = BytesIO()
    kind = "JPEG" if mode == "CMYK" else "PNG"
    Image.new("RGB", (30, 20), (90, 90, 90)).convert("L").convert(
        "RGB" if mode in {"CMYK", "P", "RGBA"} else "L"
    ).convert(mode).save(buffer, kind)
    assert read_photo(buffer.getvalue()).shape == (20, 30, 3)


def test_what_is_transparent_is_white() -> None:
    buffer = BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(buffer, "PNG")
    assert read_photo(buffer.getvalue()).min() == 255


@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"%PDF-1.4", b"GIF89a" + bytes(40), _bytes(_scene(), "BMP"), bytes(1000)],
)
def test_what_is_no_photo_is_refused(content: bytes) -> None:
    assert _why(content) is PhotoFault.NOT_A_PHOTO


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_half_a_file_is_corrupt(kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (200, 200, 3)).astype(np.uint8)
    content = _bytes(noise, kind)
    assert _why(content[: len(content) // 2]) is PhotoFault.CORRUPT


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_first_bytes_of_a_photo_are_corrupt_too(kind: str) -> None:
    assert _why(_bytes(_scene(), kind)[:20]) is PhotoFault.CORRUPT


def _png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + chunk + b"\0\0\0\x10IDAT"


@pytest.mark.parametrize("side", [3465, 12_000, 60_000])
def test_a_large_picture_is_refused_by_its_header_alone(side: int) -> None:
    assert _why(_png_header(side, side)) is PhotoFault.TOO_LARGE


def test_twelve_megapixels_are_not_too_large() -> None:
    picture = np.zeros((3000, 4000, 3), np.uint8)
    assert read_photo(_bytes(picture)).shape == (3000, 4000, 3)


def test_a_file_over_twenty_megabytes_is_refused() -> None:
    assert _why(_ONE + bytes(20_000_000)) is PhotoFault.TOO_LARGE


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, len(_ONE)), st.sampled_from(["PNG", "JPEG", "WEBP"]))
def test_damage_anywhere_is_refused_or_read_and_never_anything_else(
    junk: bytes, place: int, kind: str
) -> None:
    whole = _bytes(_scene((1, Box(20, 10, 60, 70)), size=(100, 120)), kind)
    place %= len(whole)
    damaged = whole[:place] + junk + whole[place + len(junk) :]
    try:
        picture = read_photo(damaged)
    except PhotoRefused:
        return
    assert picture.ndim == 3


def _is_of(enrolled: Enrolled, person: int) -> bool:
    (template,) = enrolled.templates
    kept = np.frombuffer(template.vector, "<f4")
    return float(kept @ vector_of(person)) == pytest.approx(1.0, abs=1e-5)


def test_a_photo_becomes_a_template_of_the_engine() -> None:
    enrolled = enrol(_ONE, PaintedFaces())
    assert [template.engine for template in enrolled.templates] == [PaintedFaces.engine]
    assert _is_of(enrolled, 1)
    assert enrolled.bystanders == 0


def test_no_face_is_refused() -> None:
    assert _why(_bytes(_scene())) is PhotoFault.NO_FACE


_MIDDLE, _SIDE = Box(260, 100, 120, 140), Box(100, 100, 120, 140)


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        (_SIDE, Box(400, 100, 120, 140), True),
        (_SIDE, Box(400, 100, 76, 90), True),
        (_SIDE, Box(500, 100, 76, 90), True),
        (_SIDE, Box(400, 100, 66, 80), False),
        (_MIDDLE, Box(400, 100, 76, 90), True),
        (_MIDDLE, Box(400, 100, 66, 80), False),
        (_MIDDLE, Box(500, 100, 112, 120), True),
        (_MIDDLE, Box(500, 100, 100, 120), False),
        (_MIDDLE, Box(20, 100, 100, 120), False),
    ],
)
def test_a_second_face_counts_by_its_size_and_place(
    first: Box, second: Box, *, counts: bool
) -> None:
    content = _bytes(_scene((1, first), (2, second)))
    if counts:
        assert _why(content) is PhotoFault.TWO_FACES
        return
    enrolled = enrol(content, PaintedFaces())
    assert enrolled.bystanders == 1
    assert _is_of(enrolled, 1)


class _Cut(PaintedFaces):
    """Sees a second face of `share` of the first one's width, cut by the picture's upper edge."""

    def __init__(self, share: float) -> None:
        self._share = share

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        (face,) = super().detect(bgr)
        width = self._share * face.box.width
        return face, Face(Box(face.box.x, -2, width, width), face.points, 0.9)


def test_a_cut_face_counts_only_if_it_is_about_as_large() -> None:
    photo = _bytes(_scene((1, _MIDDLE)))
    assert enrol(photo, _Cut(0.85)).bystanders == 1
    with pytest.raises(PhotoRefused) as caught:
        enrol(photo, _Cut(0.95))
    assert caught.value.why is PhotoFault.TWO_FACES


def test_a_stricter_house_refuses_every_bystander() -> None:
    scene = _scene((1, Box(200, 100, 120, 140)), (2, Box(340, 100, 30, 36)))
    rules = EnrolmentRules(second=0.0, second_aside=0.0, second_score=0.0)
    with pytest.raises(PhotoRefused) as caught:
        enrol(_bytes(scene), PaintedFaces(), rules)
    assert caught.value.why is PhotoFault.TWO_FACES


def test_a_small_face_is_refused() -> None:
    assert _why(_bytes(_scene((1, Box(200, 100, 60, 70))))) is PhotoFault.TOO_SMALL


def test_a_dark_face_is_refused() -> None:
    dark = _scene((1, Box(200, 100, 120, 140)))
    dark[:, :, 1:] //= 30
    assert _why(_bytes(dark)) is PhotoFault.TOO_DARK


def test_a_blurred_face_is_refused() -> None:
    scene = _scene((1, Box(200, 100, 120, 140)))
    blue = scene[:, :, 0].copy()
    slope = np.linspace(60, 200, 120).astype(np.uint8)
    scene[100:240, 200:320, 1:] = slope[None, :, None]
    scene[:, :, 0] = blue
    assert _why(_bytes(scene)) is PhotoFault.TOO_BLURRED


class _Turned(PaintedFaces):
    """Sees every face turned or leaning."""

    def __init__(self, nose: float, lower: float) -> None:
        self._nose, self._lower = nose, lower

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        (face,) = super().detect(bgr)
        (right, left, (_, nose_y), *mouth), box = face.points, face.box
        nose = box.x + self._nose * box.width, nose_y
        lean = left[0], left[1] + self._lower * box.height
        return (Face(box, (right, lean, nose, mouth[0], mouth[1]), face.score),)


@pytest.mark.parametrize(("nose", "lower"), [(0.75, 0.0), (0.5, 0.25)])
def test_a_face_turned_away_is_refused(nose: float, lower: float) -> None:
    with pytest.raises(PhotoRefused) as caught:
        enrol(_ONE, _Turned(nose, lower))
    assert caught.value.why is PhotoFault.TURNED_AWAY
