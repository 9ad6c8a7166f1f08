"""The days and times of a recurring pass, in the site's own day."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.visit import DAY, Claims, PassKind, Weekly

MONDAY = date(2026, 11, 23)


def claims(kind: PassKind, weekly: Weekly | None) -> Claims:
    begins = datetime(2026, 11, 21, 8, tzinfo=UTC)
    return Claims(
        pass_id="00" * 16,
        host="11" * 8,
        compound="a1b2c3d4",
        lanes=frozenset(),
        not_before=begins,
        expires=begins + timedelta(days=9),
        uses=1,
        kind=kind,
        kid=1,
        weekly=weekly,
    )


@pytest.mark.parametrize(
    ("day", "minute", "held"),
    [(0, 539, False), (0, 540, True), (0, 1079, True), (0, 1080, False), (1, 600, False)],
)
def test_a_span_begins_with_its_start_and_ends_before_its_end(
    day: int, minute: int, held: bool
) -> None:
    weekly = Weekly(frozenset({0, 2}), 540, 1080)
    assert weekly.holds(MONDAY + timedelta(days=day), minute) is held


@pytest.mark.parametrize(
    ("day", "minute", "held"),
    [
        (6, 1319, False),
        (6, 1320, True),
        (0, 0, True),
        (0, 359, True),
        (0, 360, False),
        (0, 1320, False),
        (6, 0, False),
    ],
)
def test_a_span_past_midnight_belongs_to_the_day_on_which_it_began(
    day: int, minute: int, held: bool
) -> None:
    weekly = Weekly(frozenset({6}), 1320, 360)
    assert weekly.holds(MONDAY + timedelta(days=day), minute) is held


@given(
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, DAY - 1),
    st.integers(1, DAY),
    st.integers(0, 6),
    st.integers(0, DAY - 1),
)
def test_a_week_is_what_walking_it_minute_by_minute_finds(
    days: frozenset[int], start: int, end: int, day: int, minute: int
) -> None:
    if start == end:
        return
    length = (end - start) % DAY or DAY
    at = day * DAY + minute
    inside = any((at - (one * DAY + start)) % (7 * DAY) < length for one in days)
    assert Weekly(days, start, end).holds(MONDAY + timedelta(days=day), minute) is inside


@pytest.mark.parametrize(
    ("days", "start", "end"),
    [
        ((), 0, 1),
        ((7,), 0, 1),
        ((-1,), 0, 1),
        ((0,), 60, 60),
        ((0,), -1, 5),
        ((0,), 1440, 5),
        ((0,), 5, 0),
        ((0,), 5, 1441),
    ],
)
def test_what_is_no_week_is_refused(days: tuple[int, ...], start: int, end: int) -> None:
    with pytest.raises(ValueError, match=r"days|minutes"):
        Weekly(frozenset(days), start, end)


def test_a_week_belongs_to_recurring_passes_only() -> None:
    with pytest.raises(ValueError, match="recurring"):
        claims(PassKind.WINDOW, Weekly(frozenset({0}), 0, DAY))
    with pytest.raises(ValueError, match="recurring"):
        claims(PassKind.RECURRING, None)
