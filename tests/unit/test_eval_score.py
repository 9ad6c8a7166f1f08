"""Figures of an evaluation: bounds, the line on stdout, the DET curve, the page."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.eval.det import det
from edge.eval.drawing import drawn
from edge.eval.identification import tpir_at_fpir
from edge.eval.line import line
from edge.eval.page import page
from edge.eval.score import Bounded, Curve, Histogram, Miss, Rate, Score


@st.composite
def _rates(draw: st.DrawFn) -> Rate:
    n = draw(st.integers(1, 5000))
    return Rate(draw(st.integers(0, n)), n)


@given(_rates())
def test_a_rate_lies_within_its_bounds_and_those_within_0_and_1(rate: Rate) -> None:
    assert rate.value is not None
    assert rate.lo is not None
    assert rate.hi is not None
    assert 0 <= rate.lo <= rate.value + 1e-12
    assert rate.value - 1e-12 <= rate.hi <= 1


def test_the_bounds_are_wilsons() -> None:
    # Newcombe 1998, "Two-sided confidence intervals", table I: 81 of 263, and 0 of 20.
    assert (Rate(81, 263).lo, Rate(81, 263).hi) == (
        pytest.approx(0.2553, abs=1e-4),
        pytest.approx(0.3662, abs=1e-4),
    )
    assert (Rate(0, 20).lo, Rate(0, 20).hi) == (0.0, pytest.approx(0.1611, abs=1e-4))


def test_a_rate_of_nothing_does_not_apply() -> None:
    nothing = Rate(0, 0)
    assert (nothing.value, nothing.lo, nothing.hi) == (None, None, None)


@pytest.mark.parametrize(("hits", "n"), [(-1, 3), (4, 3), (1, 0)])
def test_more_hits_than_trials_are_no_rate(hits: int, n: int) -> None:
    with pytest.raises(ValueError, match="no rate"):
        Rate(hits, n)


def test_the_line_is_one_object_with_unrounded_rates_and_their_bounds() -> None:
    score = Score(
        {
            "n": 3,
            "read": Rate(1, 3),
            "tpir": Bounded(0.5, 0.25, 0.75),
            "auc": None,
            "no": Bounded(),
        },
        kinds={"打印": {"n": 0, "apcer": Rate(0, 0)}},
    )
    text = line(score)
    assert "\n" not in text
    said = json.loads(text)
    assert said["read"] == 1 / 3
    assert said["read_lo"] < 1 / 3 < said["read_hi"]
    assert (said["tpir"], said["tpir_lo"], said["tpir_hi"]) == (0.5, 0.25, 0.75)
    assert (said["no"], said["no_lo"], said["no_hi"], said["auc"]) == (None,) * 4
    assert (said["n"], type(said["n"])) == (3, int)
    assert said["kinds"] == {"打印": {"n": 0, "apcer": None, "apcer_lo": None, "apcer_hi": None}}
    assert "kinds" not in json.loads(line(Score({"n": 1})))


def test_a_figure_that_is_not_finite_is_no_line() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        line(Score({"ms": math.nan}))


def test_the_det_curve_steps_from_nobody_in_to_everybody_in() -> None:
    curve = det([0.9, 0.5, 0.2], [0.4, 0.3])
    assert curve == ((0.0, 1 / 3), (0.5, 1 / 3), (1.0, 0.0))
    assert det([], [0.1]) == det([0.1], []) == ()


_SCORES = st.lists(st.floats(-1, 1), min_size=1, max_size=40)


@given(_SCORES, _SCORES)
def test_who_lets_more_strangers_in_refuses_no_more_residents(
    own: list[float], others: list[float]
) -> None:
    curve = det(own, others)
    assert [x for x, _ in curve] == sorted({x for x, _ in curve})
    assert [y for _, y in curve] == sorted((y for _, y in curve), reverse=True)
    for x, y in curve[:-1]:
        limit = sorted(others, reverse=True)[round(x * len(others))]
        assert y == sum(score <= limit for score in own) / len(own)


def test_the_threshold_of_an_fpir_lets_that_share_of_strangers_over_it() -> None:
    strangers = [number / 1000 for number in range(1000)]
    probes = [("ann", 0.995), ("ann", 0.99), ("bob", 0.985), ("eve", float("-inf"))]
    # Ten of a thousand are over .989, one is over .998.
    assert tpir_at_fpir(probes, strangers, 1e-2).value == 0.5
    assert tpir_at_fpir(probes, strangers, 1e-3).value == 0.0
    assert tpir_at_fpir([*probes, ("bob", 1.0)], strangers, 1e-3).value == 0.2


def test_too_few_strangers_say_nothing_about_a_small_share() -> None:
    assert tpir_at_fpir([("ann", 0.9)], [0.1] * 999, 1e-3) == Bounded()
    assert tpir_at_fpir([("ann", 0.9)], [0.1] * 1000, 1e-3).value == 1.0
    assert tpir_at_fpir([], [0.1] * 1000, 1e-3) == Bounded()


def test_the_bounds_hold_the_figure_and_are_the_same_every_time() -> None:
    draw = np.random.default_rng(3)
    probes = [(f"p{number // 3}", float(draw.normal(0.6, 0.2))) for number in range(90)]
    strangers = [float(draw.normal(0.2, 0.1)) for _ in range(200)]
    once, again = (tpir_at_fpir(probes, strangers, 1e-2) for _ in range(2))
    assert once == again
    assert once.value is not None
    assert once.lo is not None
    assert once.hi is not None
    assert 0 < once.lo < once.value < once.hi < 1


def test_the_page_stands_alone_and_shows_the_misses(tmp_path: Path) -> None:
    picture = np.full((40, 60, 3), 128, np.uint8)
    score = Score(
        {"n": 2, "read": Rate(1, 2), "auc": None},
        plots=(
            Histogram(
                "Alike <b>", "cosine", {"residents": (0.5, 0.9), "strangers": ()}, {"at": 0.4}
            ),
            Curve("DET", ("in", "out"), ((0.0, 0.5), (1.0, 0.0)), {"shipped": (0.001, 0.1)}),
        ),
        misses=(
            Miss("<script>alert(1)</script>", "not named", (picture, tmp_path / "gone.jpg")),
            *(Miss(f"m{number}", "why") for number in range(70)),
        ),
        kinds={"print": {"n": 1}},
        notes=("seen & noted",),
    )
    html = page("faces", score)
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert html.count("<img") == html.count("data:image/jpeg;base64,") == 1
    assert "http" not in html.replace("http-equiv", "")
    assert html.count("<svg") == 2
    assert "does not apply" in html
    assert "1 of 2" in html
    assert "and 11 more" in html
    assert "seen &amp; noted" in html


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=20))
def test_any_scores_can_be_drawn(values: list[float]) -> None:
    svg = drawn(Histogram("t", "x", {"a": tuple(values), "b": (0.5,)}))
    assert "nan" not in svg.lower()
    assert svg.count("<path") == 3
