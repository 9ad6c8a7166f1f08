"""How old a frame is, from the stream's stamps and the times of arrival."""

import itertools
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.cameras.capture_time import (
    DRIFT,
    FRESH_WAIT,
    JUMP,
    SETTLE_SECONDS,
    STALL,
    StampedTime,
    UnstampedTime,
)

_GAP = 1 / 15


def _steady(time: StampedTime, frames: int, *, pts: float = 0.0, at: float = 100.0) -> float | None:
    """Feed frames that arrive as they are taken; return the last capture time."""
    captured = None
    for number in range(frames):
        captured = time.captured(pts + number * _GAP, at + number * _GAP)
    return captured


def test_nothing_is_known_in_the_first_second() -> None:
    time = StampedTime()
    told = [time.captured(n * _GAP, 100 + n * _GAP) for n in range(15)]
    assert told == [None] * 15


def test_a_steady_stream_settles_and_its_frames_are_new() -> None:
    assert _steady(StampedTime(), 20) == pytest.approx(100 + 19 * _GAP)


def test_a_burst_at_the_start_opens_nothing_until_it_has_drained() -> None:
    """Three seconds of buffered frames arrive within a tenth of a second."""
    time = StampedTime()
    burst = [time.captured(n * _GAP, 100 + n * 0.002) for n in range(45)]
    assert burst == [None] * 45
    live = 45 * _GAP
    after = [time.captured(live + n * _GAP, 100.1 + n * _GAP) for n in range(20)]
    assert after[0] is None
    assert after[-1] == pytest.approx(100.1 + 19 * _GAP, abs=0.01)


def test_frames_held_up_by_the_network_are_as_old_as_they_are() -> None:
    """The network stalls for two seconds; what was taken meanwhile comes at once."""
    time = StampedTime()
    _steady(time, 30)
    held = [time.captured((30 + n) * _GAP, 104.0 + n * 0.001) for n in range(20)]
    assert held == pytest.approx([100 + (30 + n) * _GAP for n in range(20)], abs=0.001)


def test_a_stamp_that_goes_back_starts_again() -> None:
    time = StampedTime()
    _steady(time, 30)
    assert time.settled
    assert time.captured(0.0, 102.1) is None
    assert not time.settled
    assert _steady(time, 20, pts=_GAP, at=102.1 + _GAP) == pytest.approx(102.1 + 20 * _GAP)


def test_a_stamp_that_leaps_ahead_starts_again() -> None:
    time = StampedTime()
    _steady(time, 30)
    assert time.captured(30 * _GAP + JUMP + 0.1, 100 + 30 * _GAP) is None
    assert not time.settled


def test_a_frame_without_a_stamp_is_of_unknown_age() -> None:
    time = StampedTime()
    _steady(time, 30)
    assert time.captured(None, 103.0) is None


def test_a_slow_camera_clock_does_not_make_frames_look_old() -> None:
    """Ten hours of a camera whose clock loses 50 ppm: 1.8 s without the creeping."""
    time = StampedTime()
    _steady(time, 30)
    slow = 1 - 50e-6
    for n in range(36_000):
        captured = time.captured(2 + n * slow, 102 + n)
    assert captured == pytest.approx(102 + 35_999, abs=0.1)


_gaps = st.floats(min_value=0.001, max_value=0.5)
_delays = st.floats(min_value=0.0, max_value=4.0)


@given(st.lists(st.tuples(_gaps, _delays), min_size=1, max_size=120))
def test_no_frame_is_told_to_be_newer_than_its_arrival(steps: list[tuple[float, float]]) -> None:
    time = StampedTime()
    pts, arrived = 0.0, 100.0
    for gap, delay in steps:
        pts += gap
        arrived = max(arrived, 100 + pts + delay)
        captured = time.captured(pts, arrived)
        assert captured is None or captured <= arrived


@given(
    st.lists(st.tuples(_gaps, _delays), min_size=1, max_size=80),
    st.floats(min_value=0.0, max_value=0.02),
)
def test_once_settled_no_frame_is_told_to_be_newer_than_it_is(
    steps: list[tuple[float, float]], quickest: float
) -> None:
    """The stream settles on a network of `quickest` seconds; later delays are only longer."""
    time = StampedTime()
    for n in range(40):
        time.captured(n * _GAP, 100 + n * _GAP + quickest)
    pts, arrived, start = 39 * _GAP, 100 + 39 * _GAP, 100.0
    for gap, delay in steps:
        pts += gap
        arrived = max(arrived, start + pts + quickest + delay)
        captured = time.captured(pts, arrived)
        assert captured is not None
        truth = start + pts + quickest
        assert captured <= truth + DRIFT * (arrived - start) + 1e-6


@given(st.lists(_gaps, min_size=2, max_size=60))
def test_settling_takes_a_second_of_arrivals_whatever_their_pace(gaps: list[float]) -> None:
    time = StampedTime()
    arrivals = list(itertools.accumulate(gaps, initial=100.0))
    for arrived in arrivals:
        if time.captured(arrived - 50, arrived) is not None:
            assert arrived - arrivals[0] >= SETTLE_SECONDS - 1e-9
            break
    else:
        assert arrivals[-1] - arrivals[0] < SETTLE_SECONDS or len(arrivals) < 5


def test_without_stamps_a_picture_that_was_waited_for_is_as_old_as_its_arrival() -> None:
    time = UnstampedTime()
    assert time.captured(0.05, 100.0) is None
    assert time.captured(0.05, 100.1) == 100.1


def test_without_stamps_a_picture_that_lay_there_is_of_unknown_age() -> None:
    time = UnstampedTime()
    time.captured(0.05, 100.0)
    assert time.captured(FRESH_WAIT / 2, 100.1) is None


def test_without_stamps_the_first_picture_after_a_silence_is_of_unknown_age() -> None:
    time = UnstampedTime()
    time.captured(0.05, 100.0)
    assert time.captured(STALL + 0.1, 100.1 + STALL) is None
    assert time.captured(0.05, 100.2 + STALL) == 100.2 + STALL


def _law_a_held_up_frame_is_old(time: StampedTime) -> None:
    _steady(time, 40)
    captured = time.captured(40 * _GAP, 105.0)
    assert captured is not None
    assert 105.0 - captured > 2


def _law_a_burst_opens_nothing(time: StampedTime) -> None:
    assert [time.captured(n * _GAP, 100 + n * 0.002) for n in range(45)] == [None] * 45


def _law_a_clock_that_was_set_opens_nothing(time: StampedTime) -> None:
    _steady(time, 40)
    assert time.captured(0.0, 103.0) is None
    _steady(time, 40, at=104.0)
    assert time.captured(500.0, 107.0) is None


class _Arrival(StampedTime):
    """The mutant that believes that what comes now is from now."""

    def captured(self, pts: float | None, arrived: float) -> float | None:
        return None if super().captured(pts, arrived) is None else arrived


class _Hasty(StampedTime):
    """The mutant that believes its first frame."""

    def captured(self, pts: float | None, arrived: float) -> float | None:
        self._settled = True
        return super().captured(pts, arrived)


class _Deaf(StampedTime):
    """The mutant that does not notice when a clock was set."""

    def captured(self, pts: float | None, arrived: float) -> float | None:
        self._pts = float("-inf")
        if self._settled and pts is not None:
            self._offset = min(self._offset, arrived - pts)
        return super().captured(pts, arrived)


_LAWS = (
    (_law_a_held_up_frame_is_old, _Arrival),
    (_law_a_burst_opens_nothing, _Hasty),
    (_law_a_clock_that_was_set_opens_nothing, _Deaf),
)


@pytest.mark.parametrize(("law", "mutant"), _LAWS)
def test_each_law_holds_and_bites(
    law: Callable[[StampedTime], None], mutant: type[StampedTime]
) -> None:
    law(StampedTime())
    with pytest.raises(AssertionError):
        law(mutant())
