"""The threshold rises with the gallery and falls with the target."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recognition.dlib_faces import DLIB_IMPOSTORS
from recognition.sface_people import IMPOSTORS as SFACE_IMPOSTORS
from recognition.threshold import Impostors

_ANY = Impostors(mean=0.1, deviation=0.1, floor=0.2)


def test_a_stranger_meets_one_of_the_gallery_as_often_as_the_target_says() -> None:
    limit = _ANY.threshold(500, target=1e-2)
    each = 1 - NormalDist(0.1, 0.1).cdf(limit)
    assert each * 500 == pytest.approx(1e-2, rel=1e-6)


@given(st.integers(1, 50_000), st.integers(1, 50_000), st.sampled_from([1e-4, 1e-3, 1e-2]))
def test_more_people_never_lower_it(few: int, more: int, target: float) -> None:
    few, more = sorted((few, more))
    assert _ANY.threshold(few, target) <= _ANY.threshold(more, target)


@given(st.integers(1, 50_000))
def test_a_stricter_target_never_lowers_it(people: int) -> None:
    assert _ANY.threshold(people, 1e-3) <= _ANY.threshold(people, 1e-4)


def test_a_gallery_of_nobody_or_one_has_the_floor() -> None:
    floored = Impostors(mean=0.0, deviation=0.05, floor=0.4)
    assert floored.threshold(0) == floored.threshold(1) == 0.4


@pytest.mark.parametrize("impostors", [SFACE_IMPOSTORS, DLIB_IMPOSTORS])
def test_real_engines_stay_within_what_was_measured(impostors: Impostors) -> None:
    levels = [impostors.threshold(people) for people in (1, 20, 250, 5000)]
    assert levels == sorted(levels)
    assert levels[0] == impostors.floor
    assert levels[-1] < 1


def test_sface_is_never_looser_than_measured() -> None:
    # 250 people: of 471 strangers who were left out of the fit the nearest scores .396, and of all
    # 1000 one in a hundred scores over .361.
    assert SFACE_IMPOSTORS.threshold(250) == pytest.approx(0.422, abs=0.005)
    assert SFACE_IMPOSTORS.threshold(250, target=1e-2) > 0.361


@pytest.mark.parametrize("target", [0.0, 1.0, -1e-3, float("nan")])
def test_a_target_that_is_no_chance_is_refused(target: float) -> None:
    with pytest.raises(ValueError, match="not between 0 and 1"):
        _ANY.threshold(10, target)


def test_a_tail_without_width_is_refused() -> None:
    with pytest.raises(ValueError, match="not above 0"):
        Impostors(mean=0.1, deviation=0.0, floor=0.2)
