"""QR codes with ZBar, an optional reader; the one file that imports pyzbar.

Needs the extra `zbar` and the system's library (Debian: libzbar0).
"""

from collections.abc import Sequence

import numpy as np

from models.errors import RecogniserFault
from recognition.face import Pixels, Point
from recognition.picture_shape import picture
from recognition.ports import CodeRead


class PyzbarCodes:
    """Reads QR codes; not those that are light on dark.

    Raises RecogniserFault when pyzbar or the system's ZBar library is not installed.
    """

    def __init__(self) -> None:
        advice = "install the extra zbar and the system package libzbar0, or set codes = 'zxing'"
        try:
            from pyzbar import pyzbar  # noqa: PLC0415 - an extra, imported where it is chosen
        except (ImportError, OSError) as error:
            message = f"the code reader pyzbar cannot be loaded ({error}); {advice}"
            raise RecogniserFault(message, part="codes", advice=advice) from error
        self._decode, self._symbols = pyzbar.decode, [pyzbar.ZBarSymbol.QRCODE]

    def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
        """Return every QR code that could be read whole; corners run clockwise.

        A code whose bytes are no UTF-8 text is left out, as a pass is always text. Raises
        InputError for what is no picture, RecogniserFault when the library breaks.
        """
        grey = np.ascontiguousarray(_grey(picture(pixels)))
        try:
            found = self._decode(grey, symbols=self._symbols)
        except Exception as error:
            # pyzbar raises bare exceptions of its own and of ctypes.
            message = f"pyzbar could not look at a picture of {pixels.shape}: {error}"
            raise RecogniserFault(
                message, part="codes", advice="see docs/recognition.md"
            ) from error
        reads: list[CodeRead] = []
        for code in found:
            corners = _corners([(float(x), float(y)) for x, y in code.polygon])
            try:
                text = bytes(code.data).decode()
            except UnicodeDecodeError:
                continue
            if text and corners is not None:
                reads.append(CodeRead(text, corners))
        return tuple(reads)


def _grey(pixels: Pixels) -> Pixels:
    if pixels.ndim == 2:  # noqa: PLR2004 - rows and columns, no colours
        return pixels
    grey = pixels.astype(np.float32) @ np.array([0.114, 0.587, 0.299], np.float32)
    return grey.round().astype(np.uint8)


def _corners(polygon: Sequence[Point]) -> tuple[Point, Point, Point, Point] | None:
    """Return four corners clockwise from the top left; ZBar's hull may have more or fewer."""
    if not polygon:
        return None
    top_left = min(polygon, key=lambda point: point[0] + point[1])
    top_right = max(polygon, key=lambda point: point[0] - point[1])
    bottom_right = max(polygon, key=lambda point: point[0] + point[1])
    bottom_left = min(polygon, key=lambda point: point[0] - point[1])
    return top_left, top_right, bottom_right, bottom_left
