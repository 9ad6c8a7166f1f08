from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import edge.clock
from edge.clock import BUILT, SystemClock
from models.moment import Trust


def clock(at: datetime, floor: datetime = BUILT, *, synchronised: bool = False) -> SystemClock:
    return SystemClock(floor, wall=at.timestamp, synchronised=lambda: synchronised)


def test_a_clock_behind_the_floor_tells_the_floor() -> None:
    now = clock(datetime(2000, 1, 1, tzinfo=UTC)).now()
    assert (now.utc, now.trust) == (BUILT, Trust.FLOOR)


def test_a_plausible_clock_is_trusted() -> None:
    now = clock(BUILT + timedelta(days=3)).now()
    assert (now.utc, now.trust) == (BUILT + timedelta(days=3), Trust.TRUSTED)


def test_what_is_proved_raises_the_floor_and_nothing_lowers_it() -> None:
    one = clock(BUILT + timedelta(days=3))
    one.raise_floor(BUILT + timedelta(days=9))
    one.raise_floor(BUILT + timedelta(days=1))
    assert one.now().utc == BUILT + timedelta(days=9)
    assert one.now().trust is Trust.FLOOR


def test_far_ahead_without_a_battery_is_doubted_unless_a_time_service_keeps_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(edge.clock, "_BATTERY", tmp_path / "no-such-clock")
    far = BUILT + timedelta(days=7300)
    assert clock(far).now().trust is Trust.FLOOR
    assert clock(far, synchronised=True).now().trust is Trust.TRUSTED


def test_the_kernel_can_be_asked() -> None:
    assert edge.clock.kernel_is_synchronised() in (True, False)


def test_moments_move_both_hands() -> None:
    now = clock(BUILT + timedelta(days=3)).now()
    later = now.after(2.5)
    assert later.utc - now.utc == timedelta(seconds=2.5)
    assert later.mono - now.mono == 2.5
    assert now.utc_of(now.mono - 1) == now.utc - timedelta(seconds=1)
