"""The gallery names the nearest resident over the threshold, unless a rival home is near too."""

import numpy as np
import pytest

from models.template import Gallery, Template
from recognition.face import Vector
from recognition.gallery import RIVAL_MARGIN, Likeness, Matcher
from recognition.threshold import Impostors

_ENGINE = "painted:000000000000"
_SCORES = Impostors(mean=0.0, deviation=0.1, floor=0.45)


def _vector(*numbers: float) -> Vector:
    vector = np.zeros(8, np.float32)
    vector[: len(numbers)] = numbers
    vector[7] = np.sqrt(1 - sum(number**2 for number in numbers))
    return vector


def _template(vector: Vector, engine: str = _ENGINE) -> Template:
    return Template(engine, vector.astype("<f4").tobytes())


def _axis(place: int) -> Vector:
    return np.eye(8, dtype=np.float32)[place]


def _matcher(*rows: tuple[str, str, Template]) -> Matcher:
    return Matcher(Gallery(7, rows), _ENGINE, _SCORES)


def test_over_the_threshold_is_named_and_under_it_is_not() -> None:
    matcher = _matcher(("ann", "1-1-101", _template(_axis(0))))
    over = matcher.nearest(_vector(matcher.threshold + 1e-3))
    under = matcher.nearest(_vector(matcher.threshold - 1e-3))
    assert (over.likeness, over.resident) == (Likeness.NAMED, "ann")
    assert (under.likeness, under.resident) == (Likeness.UNKNOWN, "ann")
    assert under.score == pytest.approx(matcher.threshold - 1e-3, abs=1e-5)


def test_the_best_of_a_residents_templates_counts() -> None:
    matcher = _matcher(
        ("ann", "1-1-101", _template(_axis(0))),
        ("ann", "1-1-101", _template(_axis(1))),
        ("bob", "1-1-102", _template(_axis(2))),
    )
    near = matcher.nearest(_vector(0.0, 0.8, 0.2))
    assert near.resident == "ann"
    assert near.score == pytest.approx(0.8, abs=1e-6)


def test_a_rival_of_another_home_makes_it_ambiguous() -> None:
    matcher = _matcher(
        ("ann", "1-1-101", _template(_axis(0))), ("bob", "1-1-102", _template(_axis(1)))
    )
    assert matcher.nearest(_vector(0.60, 0.58)).likeness is Likeness.AMBIGUOUS


def test_a_rival_of_the_same_home_does_not() -> None:
    matcher = _matcher(
        ("ann", "1-1-101", _template(_axis(0))), ("bob", "1-1-101", _template(_axis(1)))
    )
    near = matcher.nearest(_vector(0.60, 0.58))
    assert (near.likeness, near.resident) == (Likeness.NAMED, "ann")


def test_a_rival_further_than_the_margin_does_not() -> None:
    matcher = _matcher(
        ("ann", "1-1-101", _template(_axis(0))), ("bob", "1-1-102", _template(_axis(1)))
    )
    margin = RIVAL_MARGIN * _SCORES.deviation
    assert matcher.nearest(_vector(0.60, 0.60 - margin - 0.01)).likeness is Likeness.NAMED
    assert matcher.nearest(_vector(0.60, 0.60 - margin + 0.01)).likeness is Likeness.AMBIGUOUS


def test_a_rival_under_the_threshold_does_not() -> None:
    matcher = _matcher(
        ("ann", "1-1-101", _template(_axis(0))), ("bob", "1-1-102", _template(_axis(1)))
    )
    over, under = matcher.threshold + 0.01, matcher.threshold - 0.01
    assert matcher.nearest(_vector(over, under)).likeness is Likeness.NAMED


def test_templates_of_another_engine_are_never_compared() -> None:
    matcher = _matcher(
        ("ann", "1-1-101", _template(_axis(0), engine="painted:ffffffffffff")),
        ("bob", "1-1-102", _template(_axis(1))),
    )
    assert matcher.people == ("bob",)
    assert matcher.nearest(_axis(0)).likeness is Likeness.UNKNOWN


def test_an_empty_gallery_names_nobody() -> None:
    near = _matcher().nearest(_axis(0))
    assert (near.likeness, near.resident) == (Likeness.UNKNOWN, None)


def test_every_photo_of_everyone_raises_the_threshold() -> None:
    rows = [
        (f"r{number}", f"1-1-{number}", _template(_axis(number % 8)))
        for number in range(400)
        for _ in range(5)
    ]
    assert _matcher(*rows).threshold == _SCORES.threshold(2000)


@pytest.mark.parametrize(
    "vectors",
    [
        [np.ones(4, np.float32)],
        [np.full(4, np.nan, np.float32)],
        [np.eye(4, dtype=np.float32)[0], np.eye(5, dtype=np.float32)[0]],
        [np.zeros(0, np.float32)],
    ],
)
def test_a_broken_template_is_refused_when_the_gallery_is_built(vectors: list[Vector]) -> None:
    rows = [(f"r{number}", "1-1-101", _template(one)) for number, one in enumerate(vectors)]
    with pytest.raises(ValueError, match="enrol"):
        _matcher(*rows)
