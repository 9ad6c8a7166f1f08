"""What zones used and how loads stand, in the real file: added once, kept over a restart."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from edge.store.store import Store
from edge.zone_ports import LoadNote
from gate.energy import Spent
from models.event import EventKind
from models.moment import Moment

NOW = Moment(datetime(2026, 11, 21, 12, tzinfo=UTC), 1000.0)
USED = Spent(0.25, 0.5, 2.0, 0.45, 1.2)
DAYS = (date(2026, 10, 31), date(2026, 11, 20), date(2026, 11, 21))


def opened(folder: Path) -> Store:
    return Store.open(folder, NOW, ballast=0, boot="one")


def test_energy_adds_up_by_day_and_by_month_and_outlives_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        rows = [(day, zone, USED) for day in DAYS for zone in ("hall", "ramp")]
        assert store.zones.add_energy(rows).result(10) == len(rows)
        store.zones.add_energy([(DAYS[2], "hall", USED)]).result(10)
    with opened(tmp_path) as store:
        days = store.zones.energy(date(2026, 11, 1))
        assert [(when, zone) for when, zone, _ in days] == [
            ("2026-11-20", "hall"),
            ("2026-11-20", "ramp"),
            ("2026-11-21", "hall"),
            ("2026-11-21", "ramp"),
        ]
        assert days[2][2] == USED + USED
        months = store.zones.energy(date(2025, 11, 1), by_month=True)
        assert [(when, zone) for when, zone, _ in months] == [
            ("2026-10", "hall"),
            ("2026-10", "ramp"),
            ("2026-11", "hall"),
            ("2026-11", "ramp"),
        ]
        assert months[2][2].baseline == pytest.approx(6.0)
        assert store.zones.energy(date(2027, 1, 1)) == ()


def test_loads_and_the_row_that_says_why_are_kept_together(tmp_path: Path) -> None:
    with opened(tmp_path) as store:
        assert store.zones.loads() == ""
        note = LoadNote(EventKind.FAULT, "load_cut_smoke", "1号充电位", "小王")
        seq = store.zones.keep_loads("[]", note, NOW).result(10)
        row = store.event(seq)
        assert row is not None
        assert (row.kind, row.reason, row.note, row.who) == (
            EventKind.FAULT,
            "load_cut_smoke",
            "1号充电位",
            "小王",
        )
    with opened(tmp_path) as store:
        assert store.zones.loads() == "[]"
