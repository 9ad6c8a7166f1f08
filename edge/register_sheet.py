"""The register as a table: CSV in, as Excel in China writes it, and CSV out. Pure.

A sheet has a heading in Chinese or English, in any order; see docs/desk.md for the columns.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import islice

from edge.sheet_rules import HEADINGS, KIND_WORDS, NEEDED, Rule, SheetKind
from models.home import Home
from models.registry import ResidentKind
from models.vehicle import plate_text

MOST_BYTES = 1_000_000
MOST_LINES = 10_000
LONGEST_CELL = 60
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell may not begin with, in either width: spreadsheets would run it."""


_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_LIKE_A_DATE = re.compile(r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|\d{1,2}/\d{1,2}/\d{2,4}|\d{5}")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: where (the file's own line, the column's word), and what stands."""

    line: int
    column: str
    rule: Rule
    value: str = ""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """A resident as a sheet has them; `gives_until` is whether it has that column at all."""

    line: int
    home: Home
    name: str
    kind: ResidentKind
    until: date | None
    gives_until: bool


@dataclass(frozen=True, slots=True)
class CarLine:
    """A vehicle as a sheet has it; `given` are the columns that it has."""

    line: int
    home: Home
    plate: str
    owner: str
    until: date | None
    label: str
    given: frozenset[str]


@dataclass(frozen=True, slots=True)
class SheetRead:
    """A file that was read: its good lines, and every mistake in it."""

    people: tuple[PersonLine, ...]
    cars: tuple[CarLine, ...]
    mistakes: tuple[Mistake, ...]


class _Bad(Exception):  # noqa: N818 - a mistake on its way out
    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.rule)
        self.mistake = mistake


def read_sheet(content: bytes, kind: SheetKind) -> SheetRead:
    """Return what a file says, line by line; total: every file has an answer."""
    try:
        lines = _lines(content)
        number, heading = next(lines, (1, []))
        columns = _columns(heading, number, kind)
        body = [(line, cells) for line, cells in lines if any(cells)]
    except _Bad as bad:
        return SheetRead((), (), (bad.mistake,))
    if not body:
        return SheetRead((), (), (Mistake(number, "", Rule.EMPTY),))
    people: list[PersonLine] = []
    cars: list[CarLine] = []
    mistakes: list[Mistake] = []
    known: dict[object, int] = {}
    for line, cells in body:
        if any(cells[len(columns) :]):
            mistakes.append(Mistake(line, "", Rule.WIDTH))
            continue
        padded = [*cells, *[""] * (len(columns) - len(cells))]
        said = dict(zip(columns, padded, strict=False))
        wrong = [
            Mistake(line, name, Rule.TOO_LONG, text[:LONGEST_CELL])
            for name, text in said.items()
            if len(text) > LONGEST_CELL
        ]
        if wrong:
            mistakes += wrong
            continue
        one = _person(line, said, wrong) if kind is SheetKind.RESIDENTS else _car(line, said, wrong)
        if one is None:
            mistakes += wrong
            continue
        key, column, text = _key(one)
        if key in known:
            mistakes.append(Mistake(line, column, Rule.TWICE, text))
            continue
        known[key] = line
        if isinstance(one, PersonLine):
            people.append(one)
        else:
            cars.append(one)
    return SheetRead(tuple(people), tuple(cars), tuple(mistakes))


def written(
    kind: SheetKind, rows: Iterable[Sequence[str]], language: str, kinds: Mapping[str, str]
) -> bytes:
    """Return rows as CSV for Excel as well: UTF-8 with a mark, CRLF, headings in `language`.

    Rows have the columns of HEADINGS in their order; `kinds` gives the word of each kind of
    resident. No cell can be run as a formula: what looks like one gets an apostrophe in front,
    which `read_sheet` takes off again.
    """
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    names = HEADINGS[kind]
    writer.writerow([words[0] if language == "zh" else words[1] for words in names.values()])
    place = list(names).index("kind") if "kind" in names else None
    for row in rows:
        cells = [
            kinds.get(cell, cell) if number == place else cell for number, cell in enumerate(row)
        ]
        writer.writerow([cell_out(cell) for cell in cells])
    return out.getvalue().encode()


def cell_out(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cell_in(text: str) -> str:
    clean = text.strip()
    return clean[1:] if clean.startswith("'") and clean[1:].startswith(FORMULA) else clean


def _lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each line's number in the file and its cells.

    Raises _Bad for what is no text, ends inside quotes, or is too long.
    """
    text = _text(content)
    first = text.partition("\n")[0]
    between = max((",", ";", "\t", "\uff0c"), key=first.count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=between, strict=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Bad(Mistake(before + 1, "", Rule.QUOTES)) from error
        yield before + 1, [_cell_in(cell) for cell in cells]
        before = reader.line_num
        if before > MOST_LINES:
            raise _Bad(Mistake(before, "", Rule.TOO_MANY))


def _text(content: bytes) -> str:
    if len(content) > MOST_BYTES:
        raise _Bad(Mistake(1, "", Rule.TOO_LARGE))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        writings: tuple[str, ...] = ("utf-16",)
    else:
        # Excel in China writes GBK where nothing else was asked for.
        writings = ("utf-8-sig", "gb18030")
    for writing in writings:
        try:
            text = content.decode(writing)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _Bad(Mistake(1, "", Rule.WRITING))


def _columns(heading: Sequence[str], number: int, kind: SheetKind) -> list[str]:
    called = {word: name for name, words in HEADINGS[kind].items() for word in words}
    columns: list[str] = []
    for cell in heading:
        name = called.get(_plain(cell).casefold())
        if name is None and cell:
            raise _Bad(Mistake(number, "", Rule.HEADING, cell[:LONGEST_CELL]))
        if name in columns:
            raise _Bad(Mistake(number, "", Rule.HEADING_TWICE, cell))
        columns.append(name or f"empty {len(columns)}")
    for name in NEEDED[kind]:
        if name not in columns:
            raise _Bad(Mistake(number, name, Rule.NO_COLUMN))
    while columns and columns[-1].startswith("empty "):
        columns.pop()
    return columns


def _person(line: int, said: Mapping[str, str], wrong: list[Mistake]) -> PersonLine | None:
    home = _home(line, said, wrong)
    name = said.get("name", "")
    if not name:
        wrong.append(Mistake(line, "name", Rule.NO_NAME))
    kind = KIND_WORDS.get(_plain(said.get("kind", "")).casefold())
    if kind is None:
        wrong.append(Mistake(line, "kind", Rule.NO_KIND, said.get("kind", "")))
    until = _until(line, said, wrong)
    if home is None or kind is None or wrong:
        return None
    return PersonLine(line, home, name, kind, until, "until" in said)


def _car(line: int, said: Mapping[str, str], wrong: list[Mistake]) -> CarLine | None:
    home = _home(line, said, wrong)
    plate = ""
    try:
        plate = plate_text(_plain(said.get("plate", "")))
    except ValueError:
        wrong.append(Mistake(line, "plate", Rule.NO_PLATE, said.get("plate", "")))
    until = _until(line, said, wrong)
    if home is None or wrong:
        return None
    owner, label = said.get("owner", ""), said.get("label", "")
    return CarLine(line, home, plate, owner, until, label, frozenset(said))


def _key(one: PersonLine | CarLine) -> tuple[object, str, str]:
    if isinstance(one, PersonLine):
        return (one.home, one.name), "name", one.name
    return one.plate, "plate", one.plate


def _home(line: int, said: Mapping[str, str], wrong: list[Mistake]) -> Home | None:
    text = _plain(said.get("home", ""))
    try:
        return Home.parse(text)
    except ValueError:
        rule = Rule.HOME_DATE if _LIKE_A_DATE.fullmatch(text) else Rule.NO_HOME
        wrong.append(Mistake(line, "home", rule, text))
        return None


def _until(line: int, said: Mapping[str, str], wrong: list[Mistake]) -> date | None:
    text = _plain(said.get("until", ""))
    if not text:
        return None
    match = _DAY.fullmatch(text)
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        pass
    wrong.append(Mistake(line, "until", Rule.NO_DAY, text))
    return None


def _plain(text: str) -> str:
    """Return a cell with digits and dashes of full width made plain."""
    return unicodedata.normalize("NFKC", text).replace("\u2013", "-").replace("\u2212", "-").strip()


def first(mistakes: Sequence[Mistake], most: int) -> tuple[Mistake, ...]:
    """Return the first `most` mistakes, in the order of the file."""
    return tuple(islice(sorted(mistakes, key=lambda one: (one.line, one.column)), most))
