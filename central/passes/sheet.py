"""A pass on paper, for people without a smartphone: one page of A4 in every language."""

from collections.abc import Sequence
from typing import Final

from fpdf import FPDF
from fpdf.fonts import TTFFont

from central.languages import Words
from central.passes.paper_font import font_file
from central.passes.qr import QUIET, runs, squares
from central.passes.wording import Wording, spaced

CODE: Final = 90.0
"""Millimetres from the first to the last dark module: read from a hand's breadth to an arm away."""
_FONT: Final = "noto"
_BOX: Final = "□"
_WIDE: Final = 210.0
_EDGE: Final = 20.0
_MILLIMETRES: Final = 25.4 / 72
"""Of a point of type."""


def sheet(languages: Sequence[tuple[Wording, Words]], token: str) -> bytes:
    """Return the PDF of a pass: its code, its number, and what it says in each language.

    Raises ConfigError where the font is missing.
    """
    pdf = FPDF(format="A4")
    pdf.set_title(languages[0][0].site)
    pdf.set_auto_page_break(auto=True, margin=_EDGE)
    pdf.set_margin(_EDGE)
    pdf.add_font(_FONT, fname=font_file())
    pdf.add_page()
    first = languages[0][0]
    _line(pdf, 14, first.site)
    _line(pdf, 26, first.label)
    _code(pdf, token)
    if first.pin:
        _line(pdf, 34, spaced(first.pin))
    for wording, words in languages:
        pdf.ln(4)
        for said in _said(wording, words):
            _line(pdf, 15, said, align="L")
    return bytes(pdf.output())


def _said(wording: Wording, words: Words) -> tuple[str, ...]:
    return (
        f"{words.text('Where')}: {wording.where}",
        f"{words.text('When')}: {wording.when}",
        f"{words.text('How often')}: {wording.often}",
        words.text("Hold the code in front of the gate's camera, or tell the guard the number."),
        words.text("Whoever holds this sheet can come in with it: keep it, and do not copy it."),
    )


def _line(pdf: FPDF, points: int, text: str, align: str = "C") -> None:
    pdf.set_font(_FONT, size=points)
    pdf.multi_cell(
        0,
        points * _MILLIMETRES * 1.4,
        _drawable(pdf, text),
        align=align,
        new_x="LMARGIN",
        new_y="NEXT",
    )


def _drawable(pdf: FPDF, text: str) -> str:
    """Return `text` with a box for what the font lacks; the library would name that in a log."""
    font = pdf.current_font
    known = font.cmap if isinstance(font, TTFFont) else {}
    return "".join(letter if ord(letter) in known else _BOX for letter in text)


def _code(pdf: FPDF, token: str) -> None:
    """Draw runs of dark modules as filled rectangles, which no printer blurs."""
    drawn = squares(token)
    module = CODE / len(drawn)
    top, left = pdf.get_y() + QUIET * module, (_WIDE - CODE) / 2
    pdf.set_fill_color(0)
    for x, y, wide in runs(drawn):
        pdf.rect(left + x * module, top + y * module, wide * module, module, style="F")
    pdf.set_y(top + CODE + QUIET * module)
