"""A pass as a QR code: on a terminal, as PNG, as SVG. The one importer of qrcode."""

from io import BytesIO
from typing import Final

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.exceptions import DataOverflowError
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathFillImage
from qrcode.util import QRData

from models.errors import InputError

_ALPHANUMERIC: Final = 2
"""The mode indicator of ISO/IEC 18004: 5.5 bits a character."""
_QUIET_ZONE: Final = 4
"""Modules of white around a code; readers count on these (ISO/IEC 18004)."""
_MODULE_PIXELS: Final = 10
_BLOCKS: Final = {(True, True): " ", (True, False): "▄", (False, True): "▀", (False, False): "█"}
"""Upper and lower module of one character; light modules are drawn, for dark terminals."""


def terminal(token: str) -> str:
    """Return the code as lines of half blocks, light on dark, quiet zone drawn around it."""
    return _blocks(_code(token).get_matrix())


def address_terminal(address: str) -> str:
    """Return an address of the web as `terminal` draws a pass.

    Raises InputError for one that fits no code.
    """
    return _blocks(_address(address).get_matrix())


def _blocks(rows: list[list[bool]]) -> str:
    rows.append([False] * len(rows[0]))
    return "\n".join(
        "".join(_BLOCKS[upper, lower] for upper, lower in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=False)
    )


def png(token: str) -> bytes:
    """Return the code as a PNG file, ten pixels a module."""
    picture = BytesIO()
    _code(token).make_image().save(picture, "PNG")
    return picture.getvalue()


def svg(token: str) -> str:
    """Return the code as one SVG document with its own white ground."""
    return _code(token).make_image(image_factory=SvgPathFillImage).to_string(encoding="unicode")


def address_svg(address: str) -> str:
    """Return an address of the web as one SVG document with its own white ground.

    Raises InputError for one that fits no code.
    """
    return _address(address).make_image().to_string(encoding="unicode")


def _address(address: str) -> qrcode.QRCode[SvgPathFillImage]:
    code: qrcode.QRCode[SvgPathFillImage] = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M,
        box_size=_MODULE_PIXELS,
        border=_QUIET_ZONE,
        image_factory=SvgPathFillImage,
    )
    try:
        code.add_data(address)
        code.make(fit=True)
    except (ValueError, DataOverflowError) as error:
        message = "this address is too long for a QR code; give a shorter one to the centre"
        raise InputError(message) from error
    return code


def version(token: str) -> int:
    """Return the QR version that `token` needs: 8 or less for every pass (49 modules across)."""
    return _code(token).version


def _code(token: str) -> qrcode.QRCode[PilImage]:
    code: qrcode.QRCode[PilImage] = qrcode.QRCode(
        error_correction=ERROR_CORRECT_M,
        box_size=_MODULE_PIXELS,
        border=_QUIET_ZONE,
        image_factory=PilImage,
    )
    try:
        # Named rather than guessed: a lower-case letter would cost two versions unseen.
        code.add_data(QRData(token, mode=_ALPHANUMERIC), optimize=0)
        code.make(fit=True)
    except (ValueError, DataOverflowError) as error:
        message = (
            "this text is no pass and fits no QR code of ours; give the token as it was issued"
        )
        raise InputError(message) from error
    return code
