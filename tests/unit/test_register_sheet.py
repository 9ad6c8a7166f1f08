"""A sheet of the register is read as Excel writes it, every mistake is found, and none can run."""

import csv
from datetime import date
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.register_sheet import (
    FORMULA,
    MOST_BYTES,
    MOST_LINES,
    Mistake,
    PersonLine,
    cell_out,
    first,
    read_sheet,
    written,
)
from edge.sheet_rules import HEADINGS, KIND_WORDS, SENTENCES, Rule, SheetKind
from edge.web.words import Language, read_words
from models.home import Home
from models.registry import ResidentKind

_PEOPLE, _CARS = SheetKind.RESIDENTS, SheetKind.VEHICLES
_TEXT = "房号,姓名,类别,有效期至\r\n3-1-502,林晓,业主,\r\n12-2-101,Ann Lee,租户,2026-12-31\r\n"
_READ = (
    PersonLine(2, Home(3, 1, 502), "林晓", ResidentKind.OWNER, None, gives_until=True),
    PersonLine(
        3, Home(12, 2, 101), "Ann Lee", ResidentKind.TENANT, date(2026, 12, 31), gives_until=True
    ),
)


def _mistakes(text: str, kind: SheetKind = _PEOPLE) -> list[tuple[int, str, Rule]]:
    read = read_sheet(text.encode(), kind)
    return [(one.line, one.column, one.rule) for one in read.mistakes]


@pytest.mark.parametrize("writing", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_sheet_is_read_in_every_writing_that_excel_has(writing: str) -> None:
    assert read_sheet(_TEXT.encode(writing), _PEOPLE).people == _READ


@pytest.mark.parametrize("between", [";", "\t", "\uff0c"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_other_separators_and_line_ends_are_read_too(between: str, end: str) -> None:
    text = _TEXT.replace(",", between).replace("\r\n", end)
    assert read_sheet(text.encode(), _PEOPLE).people == _READ


def test_headings_may_be_english_and_in_any_order_and_digits_of_full_width() -> None:
    text = "Kind,LAST DAY,Home,Name,\nowner,2026/1/5,３－１－５０２,林晓,\n\n,,,\nstaff,2026年3月1日,3-1-503,李雷,\n"  # noqa: E501, RUF001 - as somebody typed it
    read = read_sheet(text.encode(), _PEOPLE)
    assert read.mistakes == ()
    assert [(str(one.home), one.until, one.line) for one in read.people] == [
        ("3-1-502", date(2026, 1, 5), 2),
        ("3-1-503", date(2026, 3, 1), 5),
    ]


def test_a_column_that_is_not_there_says_nothing() -> None:
    (line,) = read_sheet("home,name,kind\n3-1-502,林晓,owner\n".encode(), _PEOPLE).people
    assert not line.gives_until
    (car,) = read_sheet("home,plate\n3-1-502,浙a·12345\n".encode(), _CARS).cars
    assert (car.plate, car.given) == ("浙A12345", {"home", "plate"})


def test_every_mistake_is_told_with_its_line_and_column() -> None:
    text = (
        "home,name,kind,last day\n"
        "3-1-502,林晓,owner,\n"
        "nowhere,,king,tomorrow\n"
        "2003/1/2,李雷,owner,\n"
        "3-1-502,林晓,family,\n"
        '3-1-503,"a\nb",owner,2026-02-30\n'
        f"3-1-504,{'x' * 61},owner,\n"
        "3-1-505,韩梅梅,owner,,extra\n"
    )
    assert _mistakes(text) == [
        (3, "home", Rule.NO_HOME),
        (3, "name", Rule.NO_NAME),
        (3, "kind", Rule.NO_KIND),
        (3, "until", Rule.NO_DAY),
        (4, "home", Rule.HOME_DATE),
        (5, "name", Rule.TWICE),
        (6, "until", Rule.NO_DAY),
        (8, "name", Rule.TOO_LONG),
        (9, "", Rule.WIDTH),
    ]
    cars = "home,plate,owner\n3-1-502,浙A12345,\n3-1-502,??,\n9-9-9,浙 A·12345,林晓\n"
    assert _mistakes(cars, _CARS) == [(3, "plate", Rule.NO_PLATE), (4, "plate", Rule.TWICE)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", Rule.NO_COLUMN),
        ("home,name,kind\n", Rule.EMPTY),
        ("home,name,kind\n\n , ,\n", Rule.EMPTY),
        ("home,name,colour\n", Rule.HEADING),
        ("home,name,kind,房号\n", Rule.HEADING_TWICE),
        ("home,name\n3-1-502,林晓\n", Rule.NO_COLUMN),
        ('home,name,kind\n3-1-502,"林晓,owner\n', Rule.QUOTES),
        ('home,name,kind\n3-1-502,"林"晓,owner\n', Rule.QUOTES),
        ("home,name,kind\n" + "1-1-1,x,owner\n" * (MOST_LINES + 1), Rule.TOO_MANY),
        ("home,name,kind\n" + "x" * MOST_BYTES, Rule.TOO_LARGE),
        ("home,name,kind\n3-1-502,\0,owner\n", Rule.WRITING),
    ],
)
def test_a_file_that_is_no_sheet_has_one_mistake(text: str, rule: Rule) -> None:
    assert [one for _, _, one in _mistakes(text)] == [rule]


def test_what_is_no_text_at_all_is_told() -> None:
    for content in (b"PK\x03\x04\xff\xff", b"\xff\xfe\x00", bytes(range(128, 256))):
        assert [one.rule for one in read_sheet(content, _PEOPLE).mistakes] == [Rule.WRITING]


@given(st.binary(max_size=300), st.sampled_from(SheetKind))
def test_every_file_has_an_answer(content: bytes, kind: SheetKind) -> None:
    read = read_sheet(content, kind)
    assert read.people or read.cars or read.mistakes


_CELL = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")),
    min_size=1,
    max_size=20,
)


@given(st.lists(st.tuples(st.sampled_from(FORMULA[:4]) | st.just(""), _CELL), max_size=8))
def test_what_is_written_is_read_again_and_no_cell_can_run(names: list[tuple[str, str]]) -> None:
    wanted = sorted({(sign + name).strip() for sign, name in names} - {""})
    # An apostrophe in front of a formula is our own mark; it is taken off.
    wanted = [one for one in wanted if not one.startswith("'")]
    rows = [("3-1-502", one, "owner", "") for one in wanted]
    content = written(_PEOPLE, rows, "zh", {"owner": "业主"})
    cells = [cell for row in csv.reader(StringIO(content.decode("utf-8-sig"))) for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULA)] == []
    read = read_sheet(content, _PEOPLE)
    assert [one.name for one in read.people] == wanted
    assert all(one.rule is Rule.EMPTY for one in read.mistakes)


def test_a_formula_gets_an_apostrophe_in_either_width() -> None:
    for text in ("=1+1", "+86", "-3", "@x", "\uff1dcmd", "\t=1"):
        assert cell_out(text) == f"'{text}"
    assert cell_out("林晓") == "林晓"


def test_the_words_of_the_pages_are_read_as_kinds_and_every_rule_has_a_sentence() -> None:
    for language in Language:
        words = read_words()[language]
        for kind in ResidentKind:
            assert KIND_WORDS[words.of("resident_kind", kind).casefold()] is kind
    assert set(SENTENCES) == set(Rule)
    for columns in HEADINGS.values():
        assert all(len(names) >= 2 for names in columns.values())


def test_the_first_mistakes_are_those_of_the_first_lines() -> None:
    many = [Mistake(line, "home", Rule.NO_HOME) for line in (9, 2, 5)]
    assert [one.line for one in first(many, 2)] == [2, 5]
