"""What every engine asks of a picture before its library sees it: eight bits, a known shape."""

import numpy as np

from models.errors import InputError
from recognition.face import Pixels

MOST_PIXELS = 50_000_000
"""Above that a picture is no camera's: eight thousand pixels across make 33 million."""

_CHANNELS = 3


def picture(pixels: Pixels) -> Pixels:
    """Return `pixels` if they are a picture: h x w x 3 or h x w, 8 bits, neither side empty.

    Libraries take floats, 16 bits or a fourth channel for something else, and some answer with
    numbers that mean nothing. Raises InputError, which blames no engine.
    """
    known = pixels.ndim == _CHANNELS - 1 or pixels.shape[2:] == (_CHANNELS,)
    if pixels.dtype == np.uint8 and known and 0 < pixels.shape[0] * pixels.shape[1] <= MOST_PIXELS:
        return pixels
    message = (
        f"an array of {' x '.join(map(str, pixels.shape))} {pixels.dtype} is no picture: "
        f"rows x columns x 3, or rows x columns, of 8 bits and at most {MOST_PIXELS:,} pixels"
    )
    raise InputError(message)


def coloured(pixels: Pixels) -> Pixels:
    """Return `pixels` if they are a picture in colours, h x w x 3.

    Raises InputError otherwise.
    """
    if picture(pixels).ndim != _CHANNELS:
        message = (
            f"a grey picture of {pixels.shape[0]} x {pixels.shape[1]} has no colours to look at"
        )
        raise InputError(message)
    return pixels
