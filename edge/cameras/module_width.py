"""How many pixels one module of a QR code is wide, from its corners and its text."""

import itertools
import math

from recognition.ports import CodeRead

_ALPHANUMERIC = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
_CODEWORDS_M = (
    *(16, 28, 44, 64, 86, 108, 124, 154, 182, 216, 254, 290, 334, 365, 415, 453, 507, 563, 627),
    *(669, 714, 782, 860, 914, 1000, 1062, 1128, 1193, 1267, 1373, 1455, 1541, 1631, 1725, 1812),
    *(1914, 1992, 2102, 2216, 2334),
)
"""Data codewords of versions 1 to 40 at level M: ISO/IEC 18004, table 7."""

_LONG_COUNT, _LONGER_COUNT = 10, 27
"""The versions from which the character count takes more bits."""


def module_width(code: CodeRead) -> float:
    """Return the pixels per module of `code`.

    The number of modules is that of the smallest code of level M that holds the text, as passes
    are drawn; a code drawn larger than it need be is told to have wider modules than it has.
    """
    corners = code.corners
    sides = [math.dist(one, other) for one, other in itertools.pairwise(corners)]
    return sum(sides) / len(sides) / modules(code.text)


def modules(text: str) -> int:
    """Return how many modules wide the smallest code of level M for `text` is, at most 177."""
    for version, codewords in enumerate(_CODEWORDS_M, start=1):
        if _bits(text, version) <= codewords * 8:
            return 17 + 4 * version
    return 17 + 4 * len(_CODEWORDS_M)


def _bits(text: str, version: int) -> int:
    if set(text) <= _ALPHANUMERIC:
        count = 9 if version < _LONG_COUNT else 11 if version < _LONGER_COUNT else 13
        return 4 + count + 11 * (len(text) // 2) + 6 * (len(text) % 2)
    return 4 + (8 if version < _LONG_COUNT else 16) + 8 * len(text.encode())
