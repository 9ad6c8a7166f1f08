"""QR codes with zxing-cpp, the default reader; the one file that imports zxingcpp."""

import numpy as np
import zxingcpp

from models.errors import RecogniserFault
from recognition.face import Pixels, Point
from recognition.picture_shape import picture
from recognition.ports import CodeRead


class ZxingCodes:
    """Reads QR codes, also turned, mirrored and light on dark."""

    def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
        """Return every QR code that could be read whole; corners run clockwise from its top left.

        The text is the code's own: the library's default mode would spell control characters as
        words. A code whose bytes are no text is left out, as a pass is always text. Raises
        InputError for what is no picture, RecogniserFault when the library breaks.
        """
        try:
            found = zxingcpp.read_barcodes(
                np.ascontiguousarray(picture(pixels)),
                formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]),
                text_mode=zxingcpp.TextMode.Plain,
            )
        except (RuntimeError, TypeError, ValueError) as error:
            message = f"zxing-cpp could not look at a picture of {pixels.shape}: {error}"
            raise RecogniserFault(
                message, part="codes", advice="see docs/recognition.md"
            ) from error
        return tuple(read for code in found if (read := _read(code)) is not None)


def _read(code: zxingcpp.Barcode) -> CodeRead | None:
    try:
        text = code.text
    except UnicodeDecodeError:
        return None
    if not text:
        return None
    place = code.position
    corners = _point(place.top_left), _point(place.top_right)
    return CodeRead(text, (*corners, _point(place.bottom_right), _point(place.bottom_left)))


def _point(point: zxingcpp.Point) -> Point:
    return float(point.x), float(point.y)
