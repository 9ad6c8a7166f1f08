"""The printed pass: a code that reads, over 60 mm, with words in both languages and no home."""

import re
import struct
import zlib
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from edge.register_pdf import CODE, PrintedPass, printed
from gate.passes import PrivateKey, mint
from models.errors import InputError
from tests.fakes.one_visit import one_visit

_POINT = 72 / 25.4
"""Points of a PDF in a millimetre."""
_QUIET = 8 / 57
"""The share of the picture that is the quiet zone of a code of version 8."""
_TOKEN = mint(
    one_visit("ab" * 16, "00112233", datetime(2026, 5, 1, tzinfo=UTC)),
    PrivateKey.from_private_bytes(bytes(32)),
)
_SHEET = PrintedPass(
    token=_TOKEN,
    site="跨湖小区",
    guest="外婆 Grandma",
    lines=(("有效时间 2026-05-01 16:00 - 20:00", "Valid 2026-05-01 16:00 - 20:00"),),
    pin="012345",
)


def _streams(pdf: bytes) -> list[tuple[bytes, bytes]]:
    """Return each stream of a PDF with the dictionary in front of it."""
    streams = []
    for one in pdf.split(b"endobj"):
        head, begin, rest = one.partition(b"stream\n")
        if begin:
            body = rest[: rest.rindex(b"endstream")]
            streams.append((head, zlib.decompress(body) if b"FlateDecode" in head else body))
    return streams


def _picture(pdf: bytes) -> Image.Image:
    """Return the one picture of a PDF, which is black and white and packed as a fax is."""
    ((head, body),) = [each for each in _streams(pdf) if b"/Subtype /Image" in each[0]]
    width, height = (
        int(re.findall(rb"/%s (\d+)" % name, head)[0]) for name in (b"Width", b"Height")
    )
    assert b"/CCITTFaxDecode" in head
    # A TIFF file is the same bytes with a table in front: size, depth, packing, where they begin.
    fields = (
        (256, width),
        (257, height),
        (258, 1),
        (259, 4),
        (262, 1 if b"/BlackIs1 true" in head else 0),
        (273, 8 + 2 + 8 * 12 + 4),
        (278, height),
        (279, len(body)),
    )
    table = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields)
    file = struct.pack("<2sHI", b"II", 42, 8) + struct.pack("<H", len(fields)) + table + bytes(4)
    return Image.open(BytesIO(file + body)).convert("L")


def _placed(pdf: bytes) -> tuple[float, float]:
    """Return the width and height at which the picture stands on the page, in millimetres."""
    page = b"\n".join(body for _, body in _streams(pdf))
    found = re.search(rb"([\d.]+) 0 0 ([\d.]+) [\d.]+ [\d.]+ cm\s*/I\d+ Do", page)
    assert found is not None
    return float(found[1]) / _POINT, float(found[2]) / _POINT


def test_the_code_on_paper_reads_and_is_over_six_centimetres() -> None:
    pdf = printed(_SHEET)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    (found,) = zxingcpp.read_barcodes(_picture(pdf), text_mode=zxingcpp.TextMode.Plain)
    assert found.text == _TOKEN
    width, height = _placed(pdf)
    assert width == pytest.approx(CODE, abs=0.5)
    assert height == pytest.approx(width, abs=0.5)
    assert width * (1 - _QUIET) >= 60


def test_a_long_name_is_made_small_and_nothing_runs_over_the_edge() -> None:
    pdf = printed(replace(_SHEET, guest="非常" * 40, pin=""))
    assert len(pdf) < 100_000
    assert pdf.count(b"/Type /Page\n") == 1


def test_what_is_no_token_is_no_sheet() -> None:
    with pytest.raises(InputError, match="no pass"):
        printed(replace(_SHEET, token="lower case"))
