"""Single pictures: unpacked from files or from a browser, packed for people to look at."""

from pathlib import Path

import cv2
import numpy as np

from edge.cameras.jpeg_size import jpeg_size
from edge.cameras.source import MAX_PIXELS
from models.errors import CameraFault
from recognition.face import Pixels

PREVIEW_WIDTH = 640
_PREVIEW_QUALITY = 70


def read_picture(path: Path) -> Pixels:
    """Return the picture in the file at `path` as BGR, h x w x 3.

    Raises CameraFault when it cannot be read or unpacked.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        message = f"the picture {path} cannot be read ({error.strerror})"
        raise CameraFault(message, part="camera", advice="check the folder in source") from error
    return _unpacked(content, f"the picture {path}")


def unpack_pushed(jpeg: bytes) -> Pixels:
    """Return a picture that a browser sent as BGR, h x w x 3.

    Its size is read from its header before anything is unpacked. Raises CameraFault when it is no
    JPEG or has over 12 million pixels.
    """
    size = jpeg_size(jpeg)
    if size is None:
        message = "the pushed picture is no JPEG"
        raise CameraFault(message, part="camera", advice="reload the lane's screen")
    if size[0] * size[1] > MAX_PIXELS:
        message = f"the pushed picture has {size[0]} x {size[1]} pixels, over 12 million"
        raise CameraFault(message, part="camera", advice="send at most 1280 x 720")
    return _unpacked(jpeg, "the pushed picture")


def preview(pixels: Pixels) -> bytes:
    """Return `pixels` as a JPEG at most 640 pixels wide.

    Raises CameraFault when the picture cannot be packed.
    """
    return pack(pixels, PREVIEW_WIDTH, _PREVIEW_QUALITY)


def pack(pixels: Pixels, width: int, quality: int) -> bytes:
    """Return `pixels` as a JPEG at most `width` pixels wide; `quality` is 1 to 100.

    Raises CameraFault when the picture cannot be packed.
    """
    try:
        high, wide = pixels.shape[:2]
        if wide > width:
            size = width, max(1, round(high * width / wide))
            pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
        ok, packed = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    except cv2.error as error:
        message = "a picture could not be packed as JPEG"
        raise CameraFault(message, part="camera") from error
    if not ok:
        message = "a picture could not be packed as JPEG"
        raise CameraFault(message, part="camera")
    return packed.tobytes()


def _unpacked(content: bytes, what: str) -> Pixels:
    try:
        found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        message = f"{what} is damaged or of an unknown format"
        raise CameraFault(message, part="camera", advice="replace the picture") from error
    if found is None:
        message = f"{what} is damaged or of an unknown format"
        raise CameraFault(message, part="camera", advice="replace the picture")
    return np.asarray(found, np.uint8)
