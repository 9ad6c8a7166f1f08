"""What the doctor says of what a camera gave; and how wide a module of a code is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cameras.examine import Examined, findings
from edge.cameras.module_width import module_width, modules
from edge.qr_image import version
from recognition.ports import CodeRead

_GOOD = Examined("gate", "h264", 1280, 720, 15.0, face_px=120, module_px=5.0, dated=True)


def test_a_good_camera_has_nothing_to_put_right() -> None:
    assert [line.good for line in findings(_GOOD)] == [True] * 6
    assert {line.advice for line in findings(_GOOD)} == {""}


@pytest.mark.parametrize(
    ("seen", "word"),
    [
        (Examined("g", "vp9", 1280, 720, 15.0, 120, 5.0, dated=True), "H.264"),
        (Examined("g", "h264", 352, 288, 15.0, 120, 5.0, dated=True), "640"),
        (Examined("g", "h264", 1280, 720, 2.0, 120, 5.0, dated=True), "10 to 15"),
        (Examined("g", "h264", 1280, 720, 15.0, 40, 5.0, dated=True), "nearer"),
        (Examined("g", "h264", 1280, 720, 15.0, 120, 2.0, dated=True), "nearer"),
        (Examined("g", "h264", 1280, 720, 15.0, 120, 5.0, dated=False), "open nothing"),
        (Examined("g", "h264", 1280, 720, 15.0, 120, 5.0, dated=True, unwell="black"), "lens"),
    ],
)
def test_each_thing_that_is_wrong_is_one_line_with_what_to_do(seen: Examined, word: str) -> None:
    (bad,) = [line for line in findings(seen) if line.good is False]
    assert word in bad.advice


def test_a_main_stream_works_but_a_substream_is_advised() -> None:
    lines = findings(Examined("g", "hevc", 2560, 1440, 25.0, 120, 5.0, dated=True))
    assert all(line.good for line in lines)
    assert any("substream" in line.advice for line in lines)


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:", min_size=1, max_size=400))
def test_the_modules_are_those_of_the_code_that_is_drawn_for_a_pass(text: str) -> None:
    assert modules(text) == 17 + 4 * version(text)


def test_a_module_is_a_side_over_their_number() -> None:
    corners = ((10.0, 10.0), (108.0, 10.0), (108.0, 108.0), (10.0, 108.0))
    assert modules("KH1:" + "A" * 205) == 49
    assert module_width(CodeRead("KH1:" + "A" * 205, corners)) == pytest.approx(2.0)


def test_the_longest_text_is_the_largest_code() -> None:
    assert modules("a" * 5000) == 177
