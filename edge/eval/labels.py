"""Labels: what a folder of evaluation pictures says of itself in its `labels.csv`."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from models.errors import InputError

LABELS = "labels.csv"


class Unusable(InputError):  # noqa: N818 - it says what the folder is
    """A folder cannot be scored; says why and what to do."""

    code = "unusable"


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled file: its whole path, and its cells by column, trimmed.

    A column that the table does not have reads as an empty cell.
    """

    file: Path
    name: str
    """The path as it stands in the table."""
    cells: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")


def read_labels(folder: Path, columns: Iterable[str], wants: str = "") -> tuple[Row, ...]:
    """Return the rows of `folder`/labels.csv (UTF-8, a header line, `file` and `columns` in it).

    `wants` says what the columns are for, to whoever has a table without them.

    Files that are missing are still in it; a scorer counts them as misses. Raises Unusable when
    the folder or the table is missing, a column is, there is no row, a file lies outside of the
    folder, or every file is missing.
    """
    table = folder / LABELS
    if not folder.is_dir():
        message = f"{folder} is no folder; name one that holds pictures and a {LABELS}"
        raise Unusable(message)
    try:
        with table.open(encoding="utf-8-sig", newline="") as content:
            reader = csv.DictReader(content, strict=True)
            header = [name.strip() for name in reader.fieldnames or ()]
            lines = [{key.strip(): value for key, value in row.items() if key} for row in reader]
    except FileNotFoundError as error:
        message = f"{folder} has no {LABELS}; write one with the columns {_listed(columns)}"
        raise Unusable(message) from error
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"{table} cannot be read as a table ({error}); save it as UTF-8 CSV"
        raise Unusable(message) from error
    absent = sorted({"file", *columns} - set(header))
    if absent:
        message = f"{table} has no column {', '.join(absent)}; it has {', '.join(header)}"
        message = f"{message}; {wants}" if wants else message
        raise Unusable(message)
    rows = tuple(_row(folder, line) for line in lines if (line.get("file") or "").strip())
    if not rows:
        message = f"{table} names no file; write one line for each picture"
        raise Unusable(message)
    if not any(row.file.is_file() for row in rows):
        message = f"none of the {len(rows)} files that {table} names is there; check the folder"
        raise Unusable(message)
    return rows


def _row(folder: Path, line: dict[str, str | None]) -> Row:
    cells = {key: (value or "").strip() for key, value in line.items()}
    name = cells["file"]
    if Path(name).is_absolute() or ".." in Path(name).parts:
        message = f"{folder / LABELS} names {name}, which lies outside of the folder; move it in"
        raise Unusable(message)
    return Row(folder / name, name, cells)


def _listed(columns: Iterable[str]) -> str:
    return ",".join(("file", *(column for column in columns if column != "file")))
