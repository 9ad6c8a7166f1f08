"""A code held to a camera is told once, and again only when it left or stayed very long."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from recognition.code_memory import CodeMemory, CodeRules, remember

_RULES = CodeRules()


def _told(moments: list[float], text: str = "KH1:A") -> list[float]:
    memory, told = CodeMemory(), []
    for moment in moments:
        memory, tell = remember(memory, frozenset({text}), moment, _RULES)
        if tell:
            told.append(moment)
    return told


def _steady(start: float, seconds: float) -> list[float]:
    return [round(start + tick / 10, 3) for tick in range(round(seconds * 10) + 1)]


def test_a_code_that_stays_is_told_once_and_again_after_five_seconds() -> None:
    assert _told(_steady(100, 11)) == [100, 105, 110]


def test_a_code_that_left_is_told_again_after_two_seconds() -> None:
    assert _told([*_steady(100, 0.5), *_steady(101.6, 2)]) == [100, 102]


def test_a_code_that_left_for_less_than_a_second_did_not_leave() -> None:
    assert _told([*_steady(100, 0.5), *_steady(101.4, 3.5)]) == [100]


def test_a_code_that_left_long_ago_is_a_new_one() -> None:
    assert _told([100, 103]) == [100, 103]
    assert _told([100, 120]) == [100, 120]


def test_another_code_is_told_at_once() -> None:
    memory, first = remember(CodeMemory(), frozenset({"A"}), 1.0, _RULES)
    memory, second = remember(memory, frozenset({"A", "B"}), 1.1, _RULES)
    assert (first, second) == ({"A"}, {"B"})


def test_a_clock_that_begins_again_forgets() -> None:
    assert _told([100.0, 5.0]) == [100.0, 5.0]


def test_an_empty_frame_changes_nothing_and_old_codes_are_forgotten() -> None:
    memory, _ = remember(CodeMemory(), frozenset({"A"}), 1.0, _RULES)
    memory, tell = remember(memory, frozenset(), 2.0, _RULES)
    assert (tell, memory.busy) == (frozenset(), True)
    memory, _ = remember(memory, frozenset(), 6.1, _RULES)
    assert not memory.busy


@given(st.lists(st.integers(0, 40), min_size=1, max_size=60))
def test_no_code_is_ever_told_twice_within_two_seconds(steps: list[int]) -> None:
    moments, now = [], 0.0
    for step in steps:
        now = round(now + step / 10, 3)
        moments.append(now)
    told = _told(moments)
    assert all(later - earlier >= 2.0 for earlier, later in pairwise(told))
    assert told[0] == moments[0]
