"""What every code reader must do."""

import numpy as np
import pytest
import qrcode
from PIL import Image, ImageFilter

from models.errors import RecogniserFault
from recognition.face import Pixels
from recognition.ports import CodeReader
from recognition.pyzbar_codes import PyzbarCodes
from recognition.second_chance import SecondChance
from recognition.zxing_codes import ZxingCodes


@pytest.fixture(scope="module", params=["zxing", "pyzbar", "second chance"])
def reader(request: pytest.FixtureRequest) -> CodeReader:
    if request.param == "zxing":
        return ZxingCodes()
    if request.param == "second chance":
        return SecondChance(ZxingCodes(), lambda: 0.0)
    pytest.importorskip("qrcode")
    try:
        return PyzbarCodes()
    except RecogniserFault as fault:
        pytest.skip(f"pyzbar is not read with here: {fault}")


def _code(text: str | bytes, size: int = 240) -> Image.Image:
    maker = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=8)
    maker.add_data(text)
    drawn = maker.make_image().get_image().convert("RGB")
    return drawn.resize((size, size), Image.Resampling.LANCZOS)


def _scene(*codes: tuple[Image.Image, int, int]) -> Pixels:
    ground = np.random.default_rng(3).integers(70, 130, (480, 640, 3)).astype(np.uint8)
    picture = Image.fromarray(ground).filter(ImageFilter.GaussianBlur(2))
    for code, x, y in codes:
        picture.paste(code, (x, y))
    return np.ascontiguousarray(np.asarray(picture, np.uint8)[:, :, ::-1])


@pytest.mark.parametrize(
    "text",
    [
        "KH1:0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:",
        "https://example.org/p?x=1&y=2",
        "访客码 3-1-502",
        "line one\nline two",
        "a",
        "0000123",
    ],
)
def test_the_text_comes_back_exactly(reader: CodeReader, text: str) -> None:
    (code,) = reader.read(_scene((_code(text), 150, 100)))
    assert code.text == text


def test_the_corners_are_where_the_code_is(reader: CodeReader) -> None:
    (code,) = reader.read(_scene((_code("KH1:HELLO"), 150, 100)))
    (left, top), (right, top_too), (right_too, bottom), (left_too, bottom_too) = code.corners
    for found, about in ((left, 150), (left_too, 150), (right, 390), (right_too, 390)):
        assert found == pytest.approx(about, abs=45)
    for found, about in ((top, 100), (top_too, 100), (bottom, 340), (bottom_too, 340)):
        assert found == pytest.approx(about, abs=45)


def test_two_codes_in_one_picture_are_both_read(reader: CodeReader) -> None:
    scene = _scene((_code("KH1:ONE"), 30, 100), (_code("KH1:TWO"), 340, 150))
    assert {code.text for code in reader.read(scene)} == {"KH1:ONE", "KH1:TWO"}


@pytest.mark.parametrize("angle", [0, 30, 90, 180, 275])
def test_a_turned_code_is_read(reader: CodeReader, angle: int) -> None:
    turned = _code("KH1:HELLO").rotate(angle, expand=True, fillcolor="white")
    (code,) = reader.read(_scene((turned, 100, 60)))
    assert code.text == "KH1:HELLO"


def test_a_grey_picture_and_a_part_of_one_may_be_given(reader: CodeReader) -> None:
    scene = _scene((_code("KH1:HELLO"), 150, 100))
    assert [code.text for code in reader.read(scene[:, :, 1])] == ["KH1:HELLO"]
    assert [code.text for code in reader.read(scene[80:380, 120:420])] == ["KH1:HELLO"]


def test_no_code_no_text(reader: CodeReader) -> None:
    assert reader.read(_scene()) == ()
    assert reader.read(np.zeros((480, 640, 3), np.uint8)) == ()


@pytest.mark.parametrize("shape", [(1, 1, 3), (2, 700, 3), (700, 2, 3), (9, 9)])
def test_a_picture_of_any_size_may_be_shown(reader: CodeReader, shape: tuple[int, ...]) -> None:
    assert reader.read(np.full(shape, 128, np.uint8)) == ()


def test_a_code_that_is_no_qr_code_is_left_alone(reader: CodeReader) -> None:
    bars = np.full((480, 640, 3), 255, np.uint8)
    pattern = "11010010000" + "11001000100" * 4 + "10010011110" + "1100011101011"
    for place, bar in enumerate(pattern):
        if bar == "1":
            bars[150:330, 100 + 4 * place : 104 + 4 * place] = 0
    assert reader.read(bars) == ()


def test_bytes_that_are_no_text_never_raise(reader: CodeReader) -> None:
    texts = [code.text for code in reader.read(_scene((_code(bytes(range(128, 256))), 150, 100)))]
    assert all(text.encode("utf-8").decode("utf-8") == text for text in texts)


def test_control_characters_come_back_as_they_are(reader: CodeReader) -> None:
    (code,) = reader.read(_scene((_code("A\x1dB\x1eC"), 150, 100)))
    assert code.text == "A\x1dB\x1eC"


def test_zxing_reads_a_code_that_is_light_on_dark() -> None:
    scene = 255 - _scene((_code("KH1:HELLO"), 150, 100))
    assert [code.text for code in ZxingCodes().read(scene)] == ["KH1:HELLO"]


def test_a_missing_zbar_is_a_fault_that_names_the_package() -> None:
    try:
        PyzbarCodes()
    except RecogniserFault as fault:
        assert "libzbar0" in fault.advice  # noqa: PT017 - present on some machines, absent on others
    else:
        assert PyzbarCodes().read(np.zeros((9, 9), np.uint8)) == ()
