"""Stays as rows for people: how long, who stays too long, what never moves; a harmless CSV."""

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest

from edge import wire
from edge.stay_sheet import COLUMNS, SheetRow, StayRules, sheet, sheet_row

NOW = datetime(2026, 5, 1, 8, tzinfo=UTC)
RULES = StayRules(visitor_hours=24, zombie_days=30)


def row(guest: str = "resident", key: str = "京A12345", **more: str) -> SheetRow:
    """Return a stay that began two days ago."""
    said = {"since": (NOW - timedelta(days=2)).isoformat(), "until": "", **more}
    return sheet_row(wire.StayLine("yard", key, guest, "3-1-502", **said), RULES, NOW)


def ago(**past: float) -> str:
    return (NOW - timedelta(**past)).isoformat()


def test_a_visitor_stays_too_long() -> None:
    assert row("visitor").overstays
    assert not row("visitor", until=ago(days=-1)).overstays
    assert row("visitor", since=ago(hours=2), until=ago(hours=1)).overstays
    assert not row("visitor", since=ago(hours=2)).overstays
    assert not row("resident").overstays


def test_a_car_that_has_not_moved() -> None:
    assert (row(since=ago(days=30)).still, row(since=ago(days=30)).days) == (True, 30)
    assert not row(since=ago(days=29, hours=23)).still


def test_what_is_over_is_neither() -> None:
    over = row("visitor", since=ago(days=50), ended="left", at=ago(days=1))
    assert (over.overstays, over.still, over.days) == (False, False, 49)
    unpaired = row("unknown", since="", ended="unpaired", at=ago(days=1))
    assert (unpaired.since, unpaired.days) == (None, 0)


@pytest.mark.parametrize(
    ("key", "plate"), [("京A12345", "京A12345"), ("pass:" + "ab" * 16, "pass abababab")]
)
def test_a_stay_is_called_by_its_plate_or_credential(key: str, plate: str) -> None:
    assert row(key=key).plate == plate


@pytest.mark.parametrize("evil", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\t=1", "\uff1d1", "\n=1"])
def test_no_cell_is_a_formula(evil: str) -> None:
    text = sheet([row(key=evil)], lambda _, word: word, str)
    cells = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    assert cells[1][1] == f"'{evil}"


def test_the_table_reads_back() -> None:
    every = [row(), row("visitor", ended="left", at=ago(days=1))]
    text = sheet(every, lambda _, word: word, lambda at: at.strftime("%Y-%m-%d"))
    assert text.startswith("\ufeff")
    head, first, second = csv.reader(StringIO(text.removeprefix("\ufeff")))
    assert tuple(head) == COLUMNS
    assert first == [
        *("yard", "京A12345", "resident", "3-1-502", "2026-04-29", "", "2", "no", "", "")
    ]
    assert second[-2:] == ["left", "2026-04-30"]
