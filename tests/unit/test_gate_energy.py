"""Energy and daylight, held to sums done by hand and to the sun's own almanac."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate.daylight import is_dark, sun_height
from gate.energy import Spent, Tariff, spent
from gate.schedules import begun, end_of, window

HALL = Tariff(1000, 24, 0.5)
NOON = datetime.fromisoformat("2026-11-21T12:00:00")
MIDNIGHT = datetime.fromisoformat("2026-11-22T00:00:00")
ZHUJI = (29.7, 120.2)


def test_a_lit_hour_is_estimated_by_its_lamps() -> None:
    ((day, used),) = spent(HALL, 3600, 100, None, NOON)
    assert day == NOON.date()
    assert used.estimated == pytest.approx(1.0)
    assert (used.metered, used.is_metered) == (0, False)
    assert used.baseline == pytest.approx(1.0)
    assert used.paid == pytest.approx(0.5)
    assert used.saved == pytest.approx(0.0)


def test_a_metered_minute_is_what_the_meter_says() -> None:
    ((_, used),) = spent(HALL, 60, 100, 500.0, NOON)
    assert used.metered == pytest.approx(500 / 60 / 1000)
    assert used.is_metered
    assert used.saved == pytest.approx(500 / 60 / 1000 * 0.5)


def test_a_dimmed_hour_costs_its_share_and_a_dark_one_nothing() -> None:
    assert spent(HALL, 3600, 20, None, NOON)[0][1].estimated == pytest.approx(0.2)
    ((_, dark),) = spent(HALL, 3600, 0, None, NOON)
    assert dark.used == 0
    assert dark.saved == pytest.approx(0.5)


def test_lamps_that_would_burn_eight_hours_save_against_eight_hours() -> None:
    tariff = Tariff(1000, 8, 1.0)
    assert spent(tariff, 3600, 0, None, NOON)[0][1].baseline == pytest.approx(1 / 3)


def test_an_interval_over_midnight_is_cut_there() -> None:
    end = MIDNIGHT + timedelta(seconds=30)
    (before, after) = spent(HALL, 90, 100, None, end)
    assert [day.isoformat() for day, _ in (before, after)] == ["2026-11-21", "2026-11-22"]
    assert before[1].estimated == pytest.approx(2 * after[1].estimated)


@pytest.mark.parametrize("seconds", [0.0, -5.0, float("nan")])
def test_no_time_is_no_energy(seconds: float) -> None:
    assert spent(HALL, seconds, 100, 500.0, NOON) == ()


@given(
    seconds=st.floats(-1e4, 3e5),
    level=st.integers(-50, 300),
    reading=st.none() | st.floats(allow_nan=True, allow_infinity=True),
)
def test_energy_is_never_negative_and_adds_up(
    seconds: float, level: int, reading: float | None
) -> None:
    rows = spent(HALL, seconds, level, reading, NOON)
    total = sum((each for _, each in rows), Spent())
    assert min(total.metered, total.estimated, total.baseline, total.paid) >= 0
    assert total.baseline == pytest.approx(max(0.0, seconds) / 3600, abs=1e-8)
    assert len({day for day, _ in rows}) == len(rows)


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        Tariff(-1)


@pytest.mark.parametrize(
    ("place", "utc", "height"),
    [
        # Equinox and solstices at noon on a meridian: 90 - latitude + declination.
        ((0.0, 0.0), "2026-03-20T12:07:00", 90.0),
        ((51.5, 0.0), "2026-06-21T12:02:00", 61.94),
        ((51.5, 0.0), "2026-12-21T11:58:00", 15.06),
        ((-33.9, 151.2), "2026-12-22T01:54:00", 79.54),
        ((29.7, 120.2), "2026-11-21T03:45:00", 40.4),
    ],
)
def test_the_sun_stands_where_the_almanac_has_it(
    place: tuple[float, float], utc: str, height: float
) -> None:
    found = sun_height(*place, datetime.fromisoformat(utc).replace(tzinfo=UTC))
    assert found == pytest.approx(height, abs=0.3)


@pytest.mark.parametrize(
    ("china", "dark"),
    # Zhuji in November: the sun rises about 6:29 and sets about 16:58.
    [("06:15", True), ("06:45", False), ("12:00", False), ("16:45", False), ("17:15", True)],
)
def test_it_is_dark_before_sunrise_and_after_sunset(china: str, dark: bool) -> None:
    utc = datetime.fromisoformat(f"2026-11-21T{china}:00+08:00").astimezone(UTC)
    assert is_dark(*ZHUJI, utc) is dark


def test_hours_over_midnight_are_one_night() -> None:
    night = window("20:00-06:00")
    assert MIDNIGHT in night
    assert NOON not in night
    begin = begun((night,), MIDNIGHT - timedelta(hours=5), MIDNIGHT)
    assert begin == MIDNIGHT - timedelta(hours=4)
    assert end_of((night,), begin) == MIDNIGHT + timedelta(hours=6)
    assert begun((night,), MIDNIGHT, MIDNIGHT + timedelta(hours=1)) is None


@pytest.mark.parametrize("text", ["", "20:00", "24:00-06:00", "8-9", "20:00-20:00"])
def test_what_names_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hours|beginning"):
        window(text)
