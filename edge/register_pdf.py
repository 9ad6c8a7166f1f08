"""A visitor's pass on paper: one A4 sheet with a large code, in both languages. Imports fpdf2."""

from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution
from io import BytesIO
from pathlib import Path
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

from edge.qr_image import png
from models.errors import InputError

_PACKAGE, _FILE = "pylopdf-fonts-zh-cn", "pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf"
_FONT: Final = "noto"
CODE: Final = 80.0
"""Millimetres across the code with its quiet zone: the dark square is over 60."""
_WIDTH: Final = 210.0
_MARGIN: Final = 20.0


@dataclass(frozen=True, slots=True)
class PrintedPass:
    """What stands on the sheet: no name but the guest's, and no home.

    `lines` are pairs of Chinese and English, from top to bottom; `pin` is empty where there is
    none.
    """

    token: str
    site: str
    guest: str
    lines: tuple[tuple[str, str], ...]
    pin: str = ""


def printed(sheet: PrintedPass) -> bytes:
    """Return the sheet as a PDF of one page.

    Raises InputError where the token is none, or the font's package is not installed.
    """
    code = png(sheet.token)
    pdf = FPDF(format="A4")
    pdf.set_title("KH1")
    pdf.set_auto_page_break(auto=False)
    pdf.add_page()
    pdf.add_font(_FONT, fname=_font())
    try:
        _draw(pdf, sheet, code)
        return bytes(pdf.output())
    finally:
        for font in pdf.fonts.values():
            if isinstance(font, TTFFont):
                # The library leaves the font's file open.
                font.ttfont.close()


def _draw(pdf: FPDF, sheet: PrintedPass, code: bytes) -> None:
    _said(pdf, 30, 24, sheet.site)
    _said(pdf, 43, 18, "访客通行证  Visitor's pass")
    _said(pdf, 54, 18, sheet.guest)
    pdf.image(BytesIO(code), x=(_WIDTH - CODE) / 2, y=66, w=CODE, h=CODE)
    place = 66 + CODE + 6
    for zh, en in sheet.lines:
        _said(pdf, place, 14, zh)
        _said(pdf, place + 7, 11, en)
        place += 17
    if sheet.pin:
        _said(pdf, place, 14, "键盘或保安用数字码  Code for a keypad or the guard")
        _said(pdf, place + 9, 28, f"{sheet.pin[:3]} {sheet.pin[3:]}")
        place += 25
    _said(pdf, place + 4, 11, "请对准读码窗口，保持平整。持此纸者可通行，请勿转借。")
    _said(pdf, place + 10, 9, "Hold it flat before the reader. Whoever has this paper can come in.")


def _said(pdf: FPDF, top: float, size: float, text: str) -> None:
    """Write one line in the middle, smaller where it would not fit."""
    room = _WIDTH - 2 * _MARGIN
    pdf.set_font(_FONT, size=size)
    width = pdf.get_string_width(text)
    if width > room:
        pdf.set_font(_FONT, size=max(6.0, size * room / width))
    pdf.set_xy(_MARGIN, top)
    pdf.cell(w=room, h=8, text=text, align="C")


@cache
def _font() -> Path:
    try:
        return Path(str(distribution(_PACKAGE).locate_file(_FILE)))
    except PackageNotFoundError as error:
        message = f"the sheet cannot be drawn: {_PACKAGE} is not installed; run `./setup`"
        raise InputError(message) from error
