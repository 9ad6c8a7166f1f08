"""Painted plates: each kind's look, in the sizes of GA 36-2018, drawn with Noto Sans SC."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from models.errors import InputError
from models.plate import PlateKind
from recognition.face import Pixels

_PACKAGE, _FILE = "pylopdf-fonts-zh-cn", "pylopdf_fonts_zh_cn/NotoSansSC-Regular.otf"
_SCALE = 2
"""Pixels for a millimetre."""

Colour = tuple[int, int, int]
"""Red, green, blue."""

_BLUE, _YELLOW, _WHITE = (16, 66, 176), (238, 178, 20), (240, 240, 236)
_BLACK, _GREEN, _PALE, _RED = (22, 22, 24), (70, 176, 92), (226, 240, 228), (200, 30, 36)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind looks: its ground from top to bottom, its symbols, and those that are red."""

    top: Colour
    bottom: Colour
    ink: Colour
    red: str = ""
    rows: int = 1
    dot: bool = True


_LOOKS = {
    PlateKind.ORDINARY: _Look(_BLUE, _BLUE, _WHITE),
    PlateKind.LARGE: _Look(_YELLOW, _YELLOW, _BLACK),
    PlateKind.LEARNER: _Look(_YELLOW, _YELLOW, _BLACK),
    PlateKind.TRAILER: _Look(_YELLOW, _YELLOW, _BLACK, rows=2),
    PlateKind.POLICE: _Look(_WHITE, _WHITE, _BLACK, red="警"),
    PlateKind.CONSULATE: _Look(_BLACK, _BLACK, _WHITE, red="领"),
    PlateKind.EMBASSY: _Look(_BLACK, _BLACK, _WHITE, red="使"),
    PlateKind.HONG_KONG: _Look(_BLACK, _BLACK, _WHITE),
    PlateKind.MACAO: _Look(_BLACK, _BLACK, _WHITE),
    PlateKind.GREEN_SMALL: _Look(_PALE, _GREEN, _BLACK, dot=False),
    PlateKind.GREEN_LARGE: _Look(_GREEN, _GREEN, _BLACK, dot=False),
}
_HANZI = 0x2E80
"""The first code point that is drawn as wide as it is high."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where one symbol stands, in millimetres."""

    left: float
    top: float
    width: float
    height: float


def painted(text: str, kind: PlateKind, *, two_rows: bool = False) -> Pixels:
    """Return the plate seen straight on, 2 pixels a millimetre, BGR.

    Trailers have two rows; `two_rows` gives them to any other, as on the rear of lorries. Raises
    InputError when the font's package is not installed, and KeyError for PlateKind.OTHER.
    """
    look = _LOOKS[kind]
    rows = 2 if two_rows else look.rows
    wide = 480 if kind in {PlateKind.GREEN_SMALL, PlateKind.GREEN_LARGE} else 440
    high = 220 if rows == 2 else 140  # noqa: PLR2004 - one row or two
    cells = _two_rows(len(text)) if rows == 2 else _one_row(len(text), wide)  # noqa: PLR2004
    plate = _ground(look, wide, high, kind)
    draw = ImageDraw.Draw(plate)
    border = tuple(_SCALE * edge for edge in (4, 4, wide - 4, high - 4))
    draw.rounded_rectangle(border, radius=_SCALE * 8, outline=look.ink, width=_SCALE * 2)
    for symbol, cell in zip(text, cells, strict=True):
        ink = _RED if symbol in look.red else look.ink
        _stamp(plate, symbol, cell, ink)
    if look.dot and rows == 1:
        between = (cells[1].left + cells[1].width + cells[2].left) / 2
        spot = [_SCALE * each for each in (between - 5, 65, between + 5, 75)]
        draw.ellipse(spot, fill=look.ink)
    return np.ascontiguousarray(np.asarray(plate, np.uint8)[:, :, ::-1])


def _one_row(symbols: int, wide: int) -> Sequence[_Cell]:
    """Return the cells of 7 symbols (45 mm wide, 12 apart, 34 after the second) or of 8."""
    width, gap, wider = (45.0, 12.0, 34.0) if symbols < 8 else (43.0, 9.0, 34.0)  # noqa: PLR2004
    whole = symbols * width + (symbols - 2) * gap + wider
    left, cells = (wide - whole) / 2, []
    for place in range(symbols):
        cells.append(_Cell(left, 25, width, 90))
        left += width + (wider if place == 1 else gap)
    return cells


def _two_rows(symbols: int) -> Sequence[_Cell]:
    upper = [_Cell(100, 14, 80, 60), _Cell(260, 14, 80, 60)]
    below = symbols - 2
    left = (440 - below * 65 - (below - 1) * 15) / 2
    return [*upper, *(_Cell(left + place * 80, 90, 65, 110) for place in range(below))]


def _ground(look: _Look, wide: int, high: int, kind: PlateKind) -> Image.Image:
    share = np.linspace(0, 1, _SCALE * high)[:, None, None]
    column = np.array(look.top) * (1 - share) + np.array(look.bottom) * share
    pixels = np.broadcast_to(column, (_SCALE * high, _SCALE * wide, 3)).astype(np.uint8).copy()
    if kind is PlateKind.GREEN_LARGE:
        pixels[:, : _SCALE * 135] = _YELLOW
    return Image.fromarray(pixels, "RGB")


def _stamp(plate: Image.Image, symbol: str, cell: _Cell, ink: Colour) -> None:
    """Draw one symbol stretched to its cell, as a die fills it."""
    width, height = round(_SCALE * cell.width), round(_SCALE * cell.height)
    stroke = 3 if ord(symbol) >= _HANZI else 7
    left, top, right, bottom = _font().getbbox(symbol, stroke_width=stroke)
    drawn = Image.new("L", (round(right - left), round(bottom - top)), 0)
    pen = ImageDraw.Draw(drawn)
    pen.text((-left, -top), symbol, fill=255, font=_font(), stroke_width=stroke, stroke_fill=255)
    # A narrow symbol stays narrow: a 1 as wide as an M would be another symbol.
    fit = min(width, round(drawn.width * height / drawn.height))
    fit = width if fit > width * 0.6 else max(fit, round(width * 0.35))
    mask = drawn.resize((fit, height), Image.Resampling.LANCZOS)
    place = round(_SCALE * cell.left) + (width - fit) // 2, round(_SCALE * cell.top)
    plate.paste(ink, place, mask)


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    try:
        found = distribution(_PACKAGE)
    except PackageNotFoundError as error:
        message = (
            f"plates cannot be painted: their font comes with {_PACKAGE}, which is not installed; "
            "install the extra `demo` (./setup run does)"
        )
        raise InputError(message) from error
    return ImageFont.truetype(Path(str(found.locate_file(_FILE))), 200)
