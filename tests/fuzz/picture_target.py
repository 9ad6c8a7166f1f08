"""Pictures that strangers hand in: photos to enrol, and what a browser's camera pushes.

The first byte says what is done to the rest: `p` reads it as it is, `e` reads it with its
orientation, size and marks overwritten at places that the next bytes name.
"""

import numpy as np

from edge.cameras.jpeg_size import jpeg_size
from edge.cameras.picture_file import PREVIEW_WIDTH, pack, preview, unpack_pushed
from edge.cameras.source import MAX_PIXELS
from models.errors import CameraFault
from recognition.face import Pixels
from recognition.photo import MOST_PIXELS, PhotoRefused, read_photo
from tests.fuzz.targets import in_words

_PATCH = 3
"""Bytes of one change: two for the place, one for the value."""


def feed(data: bytes) -> None:
    """Feed one file to both ways in."""
    sort, content = data[:1], data[1:]
    if sort == b"e":
        content = _changed(content)
    _photo(content)
    _push(content)


def _changed(data: bytes) -> bytes:
    count, rest = (data[0] % 8 if data else 0), data[1:]
    changes, picture = rest[: count * _PATCH], bytearray(rest[count * _PATCH :])
    for at in range(0, len(changes) - _PATCH + 1, _PATCH):
        if picture:
            picture[int.from_bytes(changes[at : at + 2], "big") % len(picture)] = changes[at + 2]
    return bytes(picture)


def _photo(content: bytes) -> None:
    try:
        pixels = read_photo(content)
    except PhotoRefused as refused:
        in_words(refused)
        return
    _whole(pixels, MOST_PIXELS)


def _push(content: bytes) -> None:
    size = jpeg_size(content)
    try:
        pixels = unpack_pushed(content)
    except CameraFault as fault:
        in_words(fault)
        return
    assert size is not None
    _whole(pixels, MAX_PIXELS)
    assert {*size} == {*pixels.shape[:2]}, "the header that was judged is not the picture"
    _shown(preview(pixels), PREVIEW_WIDTH)
    _shown(pack(pixels, 64, 40), 64)


def _whole(pixels: Pixels, most: int) -> None:
    assert pixels.dtype == np.uint8
    assert pixels.ndim == 3
    assert pixels.shape[2] == 3
    assert 0 < pixels.shape[0] * pixels.shape[1] <= most


def _shown(jpeg: bytes, width: int) -> None:
    size = jpeg_size(jpeg)
    assert size is not None
    assert size[0] <= width
