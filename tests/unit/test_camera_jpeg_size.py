"""The size of a JPEG is read from its header, and nothing else is taken for one."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cameras.jpeg_size import jpeg_size
from edge.cameras.picture_file import pack, preview, unpack_pushed
from models.errors import CameraFault


def _jpeg(width: int, height: int, flags: tuple[int, ...] = ()) -> bytes:
    ok, packed = cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8), flags)
    assert ok
    return packed.tobytes()


@given(st.integers(1, 300), st.integers(1, 300))
def test_the_size_is_that_of_the_picture(width: int, height: int) -> None:
    assert jpeg_size(_jpeg(width, height)) == (width, height)


def test_a_progressive_picture_has_a_size_too() -> None:
    assert jpeg_size(_jpeg(64, 48, (cv2.IMWRITE_JPEG_PROGRESSIVE, 1))) == (64, 48)


@given(st.binary(max_size=400))
def test_anything_else_has_no_size_and_breaks_nothing(data: bytes) -> None:
    for start in (b"", b"\xff\xd8", b"\xff\xd8\xff"):
        size = jpeg_size(start + data)
        assert size is None or min(size) > 0


@given(st.integers(0, 400))
def test_a_cut_picture_never_breaks_the_reader(length: int) -> None:
    assert jpeg_size(_jpeg(32, 32)[:length]) in {None, (32, 32)}


def test_a_picture_that_claims_to_be_huge_is_refused_before_it_is_unpacked() -> None:
    small = bytearray(_jpeg(64, 48))
    at = small.index(b"\xff\xc0") + 5
    small[at : at + 4] = (60000).to_bytes(2, "big") + (60000).to_bytes(2, "big")
    with pytest.raises(CameraFault, match="over 12 million"):
        unpack_pushed(bytes(small))


def test_a_png_is_no_pushed_picture() -> None:
    ok, packed = cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))
    assert ok
    with pytest.raises(CameraFault, match="no JPEG"):
        unpack_pushed(packed.tobytes())


def test_a_damaged_picture_is_refused() -> None:
    with pytest.raises(CameraFault, match="damaged"):
        unpack_pushed(_jpeg(64, 48)[:200])


def test_a_preview_is_at_most_640_wide_and_keeps_its_shape() -> None:
    assert jpeg_size(preview(np.zeros((720, 1280, 3), np.uint8))) == (640, 360)
    assert jpeg_size(preview(np.zeros((240, 320, 3), np.uint8))) == (320, 240)


def test_packing_keeps_a_small_picture_as_it_is() -> None:
    assert jpeg_size(pack(np.zeros((30, 40, 3), np.uint8), 100, 80)) == (40, 30)
