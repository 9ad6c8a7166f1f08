"""A pass's code as squares: for a page, a picture and a sheet of paper. Pure."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.util import QRData

_ALPHANUMERIC: Final = 2
"""The mode indicator of ISO/IEC 18004: 5.5 bits a character."""
QUIET: Final = 4
"""Modules of white that a reader counts on around a code (ISO/IEC 18004)."""

Squares = tuple[tuple[bool, ...], ...]
"""Rows of modules from top to bottom, True for dark, the quiet zone not among them."""


def squares(token: str) -> Squares:
    """Return the code of a token: 49 modules across for every pass, error correction M.

    Raises ValueError where the text is no token.
    """
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    # Named rather than guessed: a lower-case letter would cost two versions unseen.
    code.add_data(QRData(token, mode=_ALPHANUMERIC), optimize=0)
    code.make(fit=True)
    return tuple(tuple(bool(one) for one in row) for row in code.get_matrix())


def path(drawn: Squares) -> str:
    """Return the dark modules as the `d` of an SVG path, one unit a module."""
    return "".join(f"M{x} {y}h{wide}v1h-{wide}z" for x, y, wide in runs(drawn))


def runs(drawn: Squares) -> Iterator[tuple[int, int, int]]:
    """Yield each run of dark modules in a row: column, row, length."""
    for y, row in enumerate(drawn):
        x = 0
        for dark, run in groupby(row):
            wide = len(tuple(run))
            if dark:
                yield x, y, wide
            x += wide
