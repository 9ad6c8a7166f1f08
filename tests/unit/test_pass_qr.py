"""The code that a visitor shows is the one that the gate's reader reads."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from edge import qr_image
from gate.passes import MAX_TOKEN, PrivateKey, mint
from models.errors import InputError
from models.visit import Claims, PassKind

KEY = PrivateKey.from_private_bytes(bytes(range(32)))
START = datetime(2106, 2, 7, 6, 28, 15, tzinfo=UTC)
LONGEST = Claims(
    pass_id="fedcba9876543210" * 2,
    host="0123456789abcdef",
    compound="a1b2c3d4",
    lanes=frozenset(range(1, 64)),
    not_before=START,
    expires=START + timedelta(seconds=2**32 - 1),
    uses=65_535,
    kind=PassKind.WINDOW,
    kid=255,
)
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
SIDE = 49 + 2 * 4


def decoded(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(picture, text_mode=zxingcpp.TextMode.Plain)
    text: str = found.text
    return text


def drawn(rows: list[list[bool]]) -> Image.Image:
    """Return the picture of dark (True) modules, four pixels each."""
    picture = Image.new("L", (len(rows[0]), len(rows)), 255)
    picture.putdata([0 if dark else 255 for row in rows for dark in row])
    return picture.resize((len(rows[0]) * 4, len(rows) * 4), Image.Resampling.NEAREST)


def test_the_longest_pass_is_read_back_from_its_png() -> None:
    token = mint(LONGEST, KEY)
    assert decoded(Image.open(BytesIO(qr_image.png(token)))) == token


def test_the_longest_pass_is_read_back_from_the_terminal() -> None:
    token = mint(LONGEST, KEY)
    dark = {"█": (False, False), "▀": (False, True), "▄": (True, False), " ": (True, True)}
    rows: list[list[bool]] = []
    for line in qr_image.terminal(token).splitlines():
        rows += [[dark[mark][half] for mark in line] for half in (0, 1)]
    assert decoded(drawn(rows)) == token


def test_the_longest_pass_is_read_back_from_its_svg() -> None:
    token = mint(LONGEST, KEY)
    svg = qr_image.svg(token)
    assert f'viewBox="0 0 {SIDE} {SIDE}"' in svg
    rows = [[False] * SIDE for _ in range(SIDE)]
    for x, y in re.findall(r"M(\d+),(\d+)H\d+V\d+H\d+z", svg):
        rows[int(y)][int(x)] = True
    assert decoded(drawn(rows)) == token


def test_the_longest_token_of_the_format_keeps_to_version_8() -> None:
    assert qr_image.version((ALPHABET * 5)[:MAX_TOKEN]) == 8


def test_a_pass_of_any_size_keeps_to_version_8() -> None:
    small = replace(LONGEST, lanes=frozenset(), uses=1, kind=PassKind.SINGLE)
    assert [qr_image.version(mint(visit, KEY)) for visit in (small, LONGEST)] == [8, 8]


@pytest.mark.parametrize("text", ["lower", "é", "A" * 5000], ids=["lower", "accent", "long"])
def test_what_is_no_token_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(InputError, match="no pass"):
        qr_image.png(text)
