"""An outage is complained of once and ended once, however it flaps."""

from hypothesis import given
from hypothesis import strategies as st

from models.outage import Begins, Ends, Outage, Word, noted

HOLD = 5.0
SHORT = st.floats(0.01, HOLD - 0.01)
LONG = st.floats(0.01, 1000.0)


def told(looks: list[tuple[float, bool]]) -> list[tuple[float, Word]]:
    """Return what is said, and when, of looks at (seconds later, whether it is wrong)."""
    outage, now, said = Outage(HOLD), 100.0, []
    for later, wrong in looks:
        now += later
        outage, word = noted(outage, now, wrong=wrong)
        if word is not None:
            said.append((now, word))
    return said


@given(st.lists(st.tuples(LONG, SHORT), min_size=1, max_size=30), SHORT)
def test_any_number_of_flaps_within_the_hold_is_one_complaint(
    flaps: list[tuple[float, float]], last: float
) -> None:
    looks = [(1.0, True)]
    for ill, well in flaps:
        # Well for less than the hold before it is wrong again.
        looks += [(ill, True), (0.0, False), (well, True)]
    wrong_for = sum(later for later, _ in looks[1:])
    looks += [(0.0, False), (last, False), (HOLD, False), (HOLD, False)]
    words = [word for _, word in told(looks)]
    assert len(words) == 2
    assert words[0] == Begins()
    assert isinstance(words[1], Ends)
    assert abs(words[1].seconds - wrong_for) < 1e-6
    assert words[1].flaps == len(flaps)


@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.booleans()), max_size=60))
def test_complaints_and_ends_take_turns(looks: list[tuple[float, bool]]) -> None:
    words = [type(word) for _, word in told(looks)]
    assert words[::2] == [Begins] * len(words[::2])
    assert words[1::2] == [Ends] * len(words[1::2])


@given(st.lists(st.tuples(st.floats(0.0, 20.0), st.booleans()), max_size=60))
def test_nothing_is_said_of_what_stays_as_it_is(looks: list[tuple[float, bool]]) -> None:
    outage = Outage(HOLD)
    now = 0.0
    for later, wrong in looks:
        now += later
        outage, _ = noted(outage, now, wrong=wrong)
        again, word = noted(outage, now, wrong=wrong)
        assert word is None
        assert again.lasts is outage.lasts


def test_it_is_complained_of_at_once() -> None:
    assert told([(0.0, True)]) == [(100.0, Begins())]


def test_two_outages_further_apart_than_the_hold_are_two() -> None:
    once = [(1.0, True), (2.0, False), (HOLD, False)]
    words = [word for _, word in told(once * 2)]
    assert words == [Begins(), Ends(2.0, 0)] * 2
