"""A photo that a person handed in: a picture, or a refusal that says what to do instead."""

import re
import struct
import warnings
import zlib
from enum import StrEnum
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from models.errors import InputError
from recognition.face import Pixels

MOST_PIXELS = 12_000_000
MOST_BYTES = 20_000_000

_MAGIC = re.compile(rb"\xff\xd8\xff|\x89PNG|RIFF....WEBP", re.DOTALL)
"""How a file begins that claims to be one of the three."""

_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    ArithmeticError,
    NotImplementedError,
    struct.error,
    zlib.error,
)
"""What Pillow's readers raise when a file is not what it claims to be."""


class PhotoFault(StrEnum):
    """Why a photo cannot be enrolled; a stable word that screens translate."""

    NOT_A_PHOTO = "not_a_photo"
    CORRUPT = "corrupt"
    TOO_LARGE = "too_large"
    NO_FACE = "no_face"
    TWO_FACES = "two_faces"
    TOO_SMALL = "too_small"
    TOO_BLURRED = "too_blurred"
    TOO_DARK = "too_dark"
    TOO_BRIGHT = "too_bright"
    TURNED_AWAY = "turned_away"
    NO_PHOTO = "no_photo"
    UNLIKE_PHOTO = "unlike_photo"
    LIKE_ANOTHER = "like_another"


_SENTENCES = {
    PhotoFault.NOT_A_PHOTO: "this file is not a JPEG, PNG or WebP picture; save it as one of them",
    PhotoFault.CORRUPT: "this picture is damaged and cannot be opened; send the file again",
    PhotoFault.TOO_LARGE: "this picture is over 12 megapixels or 20 MB; send a smaller one",
    PhotoFault.NO_FACE: "no face was found; take the photo closer, from the front, in good light",
    PhotoFault.TWO_FACES: "there are two faces or more; only one person may be in the photo",
    PhotoFault.TOO_SMALL: "the face is too small; take the photo closer, or send it uncompressed",
    PhotoFault.TOO_BLURRED: "the face is blurred; hold still, or wipe the lens, and try again",
    PhotoFault.TOO_DARK: "the face is too dark; turn towards the light and try again",
    PhotoFault.TOO_BRIGHT: "the face is too bright; turn away from the light and try again",
    PhotoFault.TURNED_AWAY: "the face is turned away or leaning; look straight into the camera",
    PhotoFault.NO_PHOTO: "the face recognition in use has no photo of this resident; enrol again",
    PhotoFault.UNLIKE_PHOTO: "this face is not enough like the enrolled photo to learn from it",
    PhotoFault.LIKE_ANOTHER: "this face looks like somebody else who is enrolled, too",
}


class PhotoRefused(InputError):  # noqa: N818 - a refusal is what happens to a photo
    """A photo cannot be enrolled; `why` is the rule, `detail` the measured figure behind it."""

    code = "photo"

    def __init__(self, why: PhotoFault, detail: str = "") -> None:
        sentence = _SENTENCES[why]
        super().__init__(f"{sentence} ({detail})" if detail else sentence)
        self.why = why
        self.detail = detail


def read_photo(content: bytes) -> Pixels:
    """Return the photo as it is meant to be seen, upright and on white, h x w x 3 BGR.

    The size is taken from the header before any pixel is decoded. Raises PhotoRefused for what is
    not a JPEG, PNG or WebP file, is damaged, or has over 12 megapixels or 20 MB.
    """
    if len(content) > MOST_BYTES:
        raise PhotoRefused(PhotoFault.TOO_LARGE, f"{len(content) / 1e6:.1f} MB")
    try:
        with warnings.catch_warnings():
            # Pillow warns of a damaged orientation and goes on without one; so does this.
            warnings.simplefilter("ignore", UserWarning)
            with Image.open(BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as photo:
                _check_size(photo)
                return _decoded(photo)
    except UnidentifiedImageError as error:
        claims = _MAGIC.match(content) is not None
        raise PhotoRefused(PhotoFault.CORRUPT if claims else PhotoFault.NOT_A_PHOTO) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PhotoRefused(PhotoFault.TOO_LARGE) from error
    except _BROKEN as error:
        raise PhotoRefused(PhotoFault.CORRUPT) from error


def _check_size(photo: Image.Image) -> None:
    if photo.width * photo.height > MOST_PIXELS:
        raise PhotoRefused(PhotoFault.TOO_LARGE, f"{photo.width} x {photo.height} pixels")


def _decoded(photo: Image.Image) -> Pixels:
    photo.load()
    upright = ImageOps.exif_transpose(photo)
    if upright.has_transparency_data:
        ground = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(ground, upright.convert("RGBA"))
    rgb = np.asarray(upright.convert("RGB"), np.uint8)
    return np.ascontiguousarray(rgb[:, :, ::-1])
