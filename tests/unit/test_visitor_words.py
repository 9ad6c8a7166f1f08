"""What a pass says and how it stands, in words, on paper and by the clock of its compound."""

import re
import zlib
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import zxingcpp
from PIL import Image, ImageDraw

from central.languages import Language, Words, read_words
from central.passes.order import checked
from central.passes.qr import runs, squares
from central.passes.record import Record
from central.passes.sheet import sheet
from central.passes.token import code_of
from central.passes.wording import wording
from central.resident.site import Site
from central.visitor.standing import Passage, Standing, standing
from models.lane import Direction, LaneKind
from models.letter import LaneNow
from models.visit import UNLIMITED, PassKind, Weekly
from tests.fakes.centre_passes import HOST, NOW, SECRET, SITE_NAME, order

BOTH = frozenset(Direction)
ZONE = ZoneInfo("Asia/Shanghai")
SITE = Site(
    SITE_NAME,
    ZONE,
    (
        LaneNow(1, "东门人行", LaneKind.PEDESTRIAN, BOTH),
        LaneNow(2, "南门车行", LaneKind.VEHICLE, frozenset({Direction.ENTRY})),
        LaneNow(3, "南门出口", LaneKind.VEHICLE, frozenset({Direction.EXIT})),
        LaneNow(4, "北门", LaneKind.PEDESTRIAN, BOTH),
    ),
)
DPI = 200
NIGHTS = Weekly(frozenset({4, 5}), 22 * 60, 6 * 60)


@pytest.fixture(scope="module")
def words() -> dict[Language, Words]:
    return dict(read_words())


def record(kind: PassKind = PassKind.SINGLE, **changes: object) -> Record:
    wanted = checked(order(kind, **changes), NOW)
    return Record(
        pass_id="0f" * 16,
        host=HOST,
        label=wanted.label,
        kind=wanted.kind,
        lanes=wanted.lanes,
        not_before=wanted.not_before,
        expires=wanted.expires,
        uses=wanted.uses,
        weekly=wanted.weekly,
        rotating=bool(wanted.rotating),
        plate=wanted.plate,
        kid=128,
        made_at=NOW,
        pin="204816",
    )


@pytest.mark.parametrize(
    ("lanes", "zh", "en"),
    [
        (set(), "所有入口", "Every way in"),
        ({1, 2, 3, 4}, "所有入口", "Every way in"),
        ({1, 3}, "东门人行", "东门人行"),
        ({1, 2}, "东门人行和南门车行", "东门人行 and 南门车行"),
    ],
)
def test_where(words: dict[Language, Words], lanes: set[int], zh: str, en: str) -> None:
    one = record(lanes=frozenset(lanes))
    said = [wording(one, SITE, words[language], NOW).where for language in Language]
    assert said == [zh, en]


@pytest.mark.parametrize(
    ("one", "zh", "en"),
    [
        (record(), "11月21日周六 16:00 至 22:00", "Sat 21 Nov, 16:00 to 22:00"),
        (
            record(expires=NOW + timedelta(hours=9)),
            "11月21日周六 16:00 至 11月22日周日 01:00",
            "from Sat 21 Nov 16:00 to Sun 22 Nov 01:00",
        ),
        (
            record(PassKind.RECURRING, weekly=NIGHTS),
            "每周五和周六 22:00 至次日 06:00，11月21日周六 至 2027年6月9日周三",
            (
                "Friday and Saturday 22:00 to 06:00 the next morning, "
                "from Sat 21 Nov to Wed, 9 Jun 2027"
            ),
        ),
        (
            record(PassKind.RECURRING, weekly=Weekly(frozenset(range(7)), 0, 1440)),
            "每天 00:00 至 24:00，11月21日周六 至 2027年6月9日周三",
            "every day 00:00 to 24:00, from Sat 21 Nov to Wed, 9 Jun 2027",
        ),
    ],
)
def test_when(words: dict[Language, Words], one: Record, zh: str, en: str) -> None:
    assert [wording(one, SITE, words[language], NOW).when for language in Language] == [zh, en]


def test_how_often(words: dict[Language, Words]) -> None:
    passes = [
        record(),
        record(PassKind.WINDOW, uses=3),
        record(PassKind.RECURRING, uses=UNLIMITED),
        record(PassKind.DELIVERY),
        record(PassKind.PRINTED),
    ]
    said = [wording(one, SITE, words[Language.EN], NOW).often for one in passes]
    assert said == [
        "Once in and once out",
        "3 times in and out",
        "As often as needed",
        "One delivery: in again within the hour, and out",
        "Once in and once out",
    ]


def _at(one: Record, hours: float, *passages: tuple[Direction, float]) -> Standing:
    told = tuple(Passage(way, NOW + timedelta(hours=at)) for way, at in passages)
    return standing(one, told, ZONE, NOW + timedelta(hours=hours))


ENTRY, EXIT = Direction.ENTRY, Direction.EXIT


def test_a_window_counts_its_ways_in() -> None:
    one = record(PassKind.WINDOW, uses=2)
    assert _at(one, 1, (ENTRY, 0.5), (EXIT, 0.6)) is Standing.WORKS
    assert _at(one, 1, (ENTRY, 0.5), (EXIT, 0.6), (ENTRY, 0.7)) is Standing.INSIDE
    assert _at(one, 1, (ENTRY, 0.5), (EXIT, 0.6), (ENTRY, 0.7), (EXIT, 0.8)) is Standing.USED


def test_the_hours_of_the_night_belong_to_the_evening() -> None:
    one = record(PassKind.RECURRING, weekly=NIGHTS)
    # It is 16:00 on a Saturday; Sunday's evening is none of its nights.
    said = [_at(one, hours) for hours in (5.9, 6, 13.9, 14, 30)]
    works, not_now = Standing.WORKS, Standing.NOT_NOW
    assert said == [not_now, works, works, not_now, not_now]


def test_the_end_is_too_late_and_the_beginning_is_not() -> None:
    one = record(not_before=NOW + timedelta(hours=1))
    assert _at(one, 0.999) is Standing.NOT_YET
    assert _at(one, 1) is Standing.WORKS
    assert _at(one, 6) is Standing.OVER
    assert _at(one, 6, (ENTRY, 2)) is Standing.INSIDE


def test_runs_cover_the_dark_modules_and_no_others() -> None:
    drawn = squares(code_of(SECRET, record(), 0).text)
    covered = {(x + step, y) for x, y, wide in runs(drawn) for step in range(wide)}
    dark = {(x, y) for y, row in enumerate(drawn) for x, one in enumerate(row) if one}
    assert covered == dark
    assert len(drawn) <= 49


def test_a_text_that_is_no_token_is_not_drawn() -> None:
    with pytest.raises(ValueError, match="mode"):
        squares("kh1:lower case")


def _streams(pdf: bytes) -> list[str]:
    found = []
    for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(part).decode("latin-1"))
        except zlib.error:
            found.append(part.decode("latin-1"))
    return found


def test_the_sheet_is_read_as_it_is_printed(words: dict[Language, Words]) -> None:
    one = record(PassKind.PRINTED, label="奶奶的药", uses=10)
    token = code_of(SECRET, one, 0).text
    both = tuple((wording(one, SITE, each, NOW), each) for each in words.values())
    pdf = sheet(both, token)
    assert pdf.startswith(b"%PDF-")
    assert pdf.count(b"/Type /Page\n") == 1
    (page,) = [text for text in _streams(pdf) if " re f" in text]
    boxes = [
        [float(number) for number in box.split()] for box in re.findall(r"([\d. -]+) re f", page)
    ]
    left, right = min(x for x, *_ in boxes), max(x + wide for x, _, wide, _ in boxes)
    assert (right - left) / 72 * 25.4 >= 60
    paper = Image.new("L", (round(8.27 * DPI), round(11.69 * DPI)), 255)
    draw = ImageDraw.Draw(paper)
    for x, y, wide, high in boxes:
        corners = [(x, 842 - y), (x + wide, 842 - y - high)]
        (x0, y0), (x1, y1) = [(h / 72 * DPI, v / 72 * DPI) for h, v in corners]
        draw.rectangle((round(x0), round(y0), round(x1) - 1, round(y1) - 1), fill=0)
    (read,) = zxingcpp.read_barcodes(
        paper, formats=zxingcpp.BarcodeFormat.QRCode, text_mode=zxingcpp.TextMode.Plain
    )
    assert read.text == token


def test_the_sheet_says_it_in_both_languages(words: dict[Language, Words]) -> None:
    one = record(PassKind.PRINTED, label="奶奶的药", uses=10)
    both = tuple((wording(one, SITE, each, NOW), each) for each in words.values())
    said = _words_of(sheet(both, code_of(SECRET, one, 0).text))
    for wanted in ("奶奶的药", "204 816", "时间: 11月21日周六", "When: Sat 21 Nov", "可进出 10 次"):
        assert wanted in said


def test_what_the_font_lacks_is_a_box_on_paper_and_no_line_in_a_log(
    words: dict[Language, Words], caplog: pytest.LogCaptureFixture
) -> None:
    one = record(PassKind.PRINTED, label="奶奶👵的药")
    both = ((wording(one, SITE, words[Language.ZH], NOW), words[Language.ZH]),)
    said = _words_of(sheet(both, code_of(SECRET, one, 0).text))
    assert "奶奶□的药" in said
    assert [line for line in caplog.messages if "missing" in line or "👵" in line] == []


def _words_of(pdf: bytes) -> str:
    """Return what the letters of a PDF with one font mean, by its own table."""
    streams = _streams(pdf)
    (table,) = [text for text in streams if "beginbfchar" in text]
    letters = {
        int(code, 16): bytes.fromhex(letter).decode("utf-16-be")
        for code, letter in re.findall(r"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>", table)
    }
    (page,) = [text for text in streams if " re f" in text]
    said = ""
    for shown in re.findall(r"\((.*?)(?<!\\)\) Tj", page, re.DOTALL):
        raw = re.sub(r"\\(.)", _unescaped, shown, flags=re.DOTALL).encode("latin-1")
        codes = [int.from_bytes(raw[at : at + 2]) for at in range(0, len(raw), 2)]
        said += "".join(letters.get(code, "\ufffd") for code in codes) + "\n"
    return said


def _unescaped(found: re.Match[str]) -> str:
    """Return a letter that a PDF writes behind a backslash."""
    return {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(found[1], found[1])
