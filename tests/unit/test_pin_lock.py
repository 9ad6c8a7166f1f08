"""The lock of a keypad: nobody tries many numbers, whatever their pace and patience."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gate import pin_lock
from gate.pin_lock import HOUR, LONGEST_WAIT, PinLock, after_restart, is_locked, wait, wrong


def tried(times: list[float]) -> tuple[PinLock, int]:
    """Return the lock after somebody tried at these times, and how many tries were let."""
    lock, let = PinLock(), 0
    for at in times:
        if not is_locked(lock, at):
            lock, let = wrong(lock, at), let + 1
    return lock, let


def test_five_within_a_minute_and_it_waits_one() -> None:
    lock, let = tried([0, 1, 2, 3, 4, 5])
    assert let == 5
    assert is_locked(lock, 63.9)
    assert not is_locked(lock, 64.0)


def test_four_a_minute_are_borne_until_they_are_fifteen_an_hour() -> None:
    lock, let = tried([turn * 20.0 for turn in range(180)])
    assert let == 15 + 6 * 5
    assert lock.level == 7
    # Fourteen begin within any hour at this pace, and no five within a minute.
    _, slow = tried([turn * 258.0 for turn in range(1000)])
    assert slow == 1000


def test_each_wait_is_twice_the_last_up_to_a_quarter_of_an_hour() -> None:
    assert [wait(level) for level in (1, 2, 3, 4, 5, 6, 99)] == [60, 120, 240, 480, 900, 900, 900]


def test_an_hour_of_quiet_and_all_is_forgotten() -> None:
    lock, _ = tried([0, 1, 2, 3, 4])
    assert lock.level == 1
    again = wrong(lock, lock.until + HOUR)
    assert again == PinLock((lock.until + HOUR,))
    assert wrong(lock, lock.until + HOUR - 1).level == 1


@given(st.lists(st.floats(0.1, 900), min_size=1, max_size=400))
def test_a_day_of_trying_gives_few_tries_whatever_the_pace(pauses: list[float]) -> None:
    times, at = [], 0.0
    while at < 24 * HOUR:
        for pause in pauses:
            at += pause
            times.append(at)
    _, let = tried(times[:2000])
    hours = times[:2000][-1] / HOUR
    assert let <= 30 + 20 * hours


@given(st.lists(st.floats(0, 500), max_size=30), st.floats(0, 1000))
def test_a_power_cut_never_makes_a_keypad_bear_more(pauses: list[float], since: float) -> None:
    times, at = [], 0.0
    for pause in pauses:
        at += pause
        times.append(at)
    before, _ = tried(times)
    after = after_restart(before)
    assert after.level == before.level
    assert len(after.wrong) == len(before.wrong)
    if before.level:
        assert is_locked(after, min(since, wait(before.level) - 1))
    assert not is_locked(after, LONGEST_WAIT)


def test_a_keypad_that_never_waits_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mutant of the lock: who may try for ever gets in."""
    monkeypatch.setattr(pin_lock, "is_locked", lambda *_: False)
    lock, let = PinLock(), 0
    for at in range(1000):
        if not pin_lock.is_locked(lock, at):
            lock, let = wrong(lock, at), let + 1
    assert let == 1000
