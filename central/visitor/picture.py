"""The picture of a pass that a phone keeps among its photos: the code, and in words what it is."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from central.passes.paper_font import font_file
from central.passes.qr import QUIET, runs, squares
from central.passes.wording import Wording

_WIDE: Final = 1080
"""Pixels: the width of an ordinary phone."""
_EDGE: Final = 60
_MODULE: Final = 16
_INK: Final = (17, 24, 32)
_CALM: Final = (75, 85, 99)
_PAPER: Final = (255, 255, 255)
_BIG, _MIDDLE, _SMALL = 56, 44, 36
_LEADING: Final = 1.35

Line = tuple[str, int, tuple[int, int, int]]
"""Words, size in pixels, colour."""


def picture(wording: Wording, token: str, number: str) -> bytes:
    """Return the pass as a PNG 1080 pixels wide: name, code, numeric code, where and when.

    `number` is the line of the numeric code in words; empty for none.
    """
    above = _wrapped([(wording.site, _SMALL, _CALM), (wording.label, _BIG, _INK)])
    below = _wrapped(
        [
            (number, _BIG, _INK),
            (wording.where, _MIDDLE, _INK),
            (wording.when, _MIDDLE, _INK),
            (wording.often, _SMALL, _CALM),
        ]
    )
    drawn = squares(token)
    side = (len(drawn) + 2 * QUIET) * _MODULE
    top = _EDGE + _height(above)
    high = top + side + _height(below) + _EDGE
    sheet = Image.new("RGB", (_WIDE, high), _PAPER)
    draw = ImageDraw.Draw(sheet)
    _write(draw, above, _EDGE)
    left = (_WIDE - side) // 2 + QUIET * _MODULE
    for x, y, wide in runs(drawn):
        at = (left + x * _MODULE, top + (y + QUIET) * _MODULE)
        draw.rectangle((*at, at[0] + wide * _MODULE - 1, at[1] + _MODULE - 1), fill=_INK)
    _write(draw, below, top + side)
    file = BytesIO()
    sheet.save(file, "PNG", optimize=True)
    return file.getvalue()


def _wrapped(lines: list[Line]) -> list[Line]:
    """Cut lines that are too long, between words where there are any."""
    cut: list[Line] = []
    for text, size, colour in lines:
        font = _font(size)
        rest = text
        while rest:
            end = len(rest)
            while end > 1 and font.getlength(rest[:end]) > _WIDE - 2 * _EDGE:
                end -= 1
            space = rest.rfind(" ", 1, end + 1)
            if end < len(rest) and space > 0:
                end = space
            cut.append((rest[:end].strip(), size, colour))
            rest = rest[end:].lstrip()
    return cut


def _height(lines: list[Line]) -> int:
    return round(sum(size * _LEADING for _, size, _ in lines))


def _write(draw: ImageDraw.ImageDraw, lines: list[Line], top: float) -> None:
    for text, size, colour in lines:
        draw.text((_WIDE / 2, top), text, fill=colour, font=_font(size), anchor="ma")
        top += size * _LEADING


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(font_file(), size)
