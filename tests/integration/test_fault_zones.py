"""Summer time, zones and leap seconds: what is stored is UTC, whatever the machine's zone says."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.store.body import clock_of, clock_text
from edge.store.store import Store
from edge.store.verify import verify
from edge.web.rows import since
from models.event import EventKind
from models.moment import Moment
from tests.fakes.store_site import quick_folder
from tests.fakes.store_words import BOOT

ZONES = (
    *("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"),
    *("Africa/Casablanca", "Pacific/Apia", "Asia/Kathmandu"),
)
SPRING = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
"""Berlin's clocks go from two to three."""
AUTUMN = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
"""Berlin's clocks go from three to two: an hour of wall time happens twice."""
LEAP = datetime(2017, 1, 1, tzinfo=UTC)
"""The second after 23:59:60."""
EDGES = (
    SPRING,
    AUTUMN,
    LEAP,
    datetime(2028, 2, 29, tzinfo=UTC),
    datetime(2038, 1, 19, 3, 14, 7, tzinfo=UTC),
)
AROUND = (-3601, -3600, -1, -0.000001, 0, 0.000001, 1, 1800, 3599, 3600, 3601)
INSTANTS = tuple(edge + timedelta(seconds=by) for edge in EDGES for by in AROUND)


@contextmanager
def machine_in(zone: str) -> Iterator[None]:
    """Have this machine's wall clock be in `zone`."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = zone
    time.tzset()
    try:
        yield
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()


def kept(zone: str) -> tuple[list[datetime], list[str], int]:
    """Write one event at each instant on a machine in `zone`; return what it keeps of them."""
    with machine_in(zone), quick_folder() as folder:
        first = Moment(INSTANTS[0], 0.0)
        with Store.open(folder / "s", first, ballast=0, boot=BOOT, start=False) as store:
            for number, at in enumerate(INSTANTS):
                store.note(EventKind.CALL, "call", Moment(at, float(number)), lane=1)
            rows = [row for row in store.events(0, 500) if row.kind is EventKind.CALL]
        with closing(sqlite3.connect(folder / "s" / "register.db")) as raw:
            texts = [row[0] for row in raw.execute("SELECT at FROM event WHERE kind = 'call'")]
        assert [row.seq for row in rows] == sorted(row.seq for row in rows)
        return [row.at for row in rows], texts, verify(folder / "s").broken


@pytest.mark.fault("F18")
def test_the_machines_zone_changes_nothing_that_is_stored() -> None:
    in_utc = kept("UTC")
    instants, texts, broken = in_utc
    assert instants == list(INSTANTS)
    assert all(at.utcoffset() == timedelta(0) for at in instants)
    assert texts == [clock_text(at) for at in INSTANTS]
    assert broken == 0
    for zone in ("Europe/Berlin", "Australia/Lord_Howe"):
        assert kept(zone) == in_utc


@pytest.mark.fault("F18")
@given(
    st.datetimes(datetime(2000, 1, 3), datetime(2099, 12, 28)),  # noqa: DTZ001 - a zone is drawn
    st.sampled_from(ZONES),
    st.sampled_from((0, 1)),
)
def test_a_wall_time_that_happens_twice_is_two_instants_that_are_kept_apart(
    wall: datetime, zone: str, fold: int
) -> None:
    there = wall.replace(tzinfo=ZoneInfo(zone), fold=fold)
    instant = there.astimezone(UTC)
    read = clock_of(clock_text(instant))
    assert read == instant
    assert read.utcoffset() == timedelta(0)
    later = instant + timedelta(seconds=1)
    assert clock_text(instant) < clock_text(later), "text sorts as time does"
    # What a page shows in the site's zone is that wall time again.
    if there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall:
        shown = since(instant.isoformat(), ZoneInfo(zone))
        assert shown == wall.strftime("%m-%d %H:%M:%S")


@pytest.mark.fault("F18")
@pytest.mark.parametrize("zone", ZONES)
def test_a_moment_of_another_zone_is_refused_at_birth(zone: str) -> None:
    summer = datetime(2026, 7, 1, tzinfo=ZoneInfo(zone))
    with pytest.raises(ValueError, match="UTC"):
        Moment(summer, 0.0)
    with pytest.raises(ValueError, match="UTC"):
        Moment(summer.replace(tzinfo=None), 0.0)
