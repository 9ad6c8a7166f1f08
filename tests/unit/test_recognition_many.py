"""Galleries of a whole compound: everyone is found among everyone, strangers are nobody."""

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from config.weights import weight_files
from models.template import Gallery, Template
from recognition.encoding import compared
from recognition.enrolment import template_of
from recognition.face import Face, Pixels, Vector
from recognition.gallery import Likeness, Matcher
from recognition.photo import read_photo
from recognition.ports import FaceEngine
from recognition.sface_people import IMPOSTORS
from recognition.yunet_sface import YuNetSFace
from tests.fakes.data import need

_ENGINE = "drawn:000000000000"
_DIMENSIONS = 128
_ASKED = 300
Vectors = NDArray[np.float32]


def _unit(vectors: NDArray[np.float64]) -> Vectors:
    return np.asarray(vectors / np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32)


def _drawn(people: int) -> Vectors:
    return _unit(np.random.default_rng(people).standard_normal((people, _DIMENSIONS)))


def _matcher(vectors: Vectors) -> Matcher:
    rows = tuple(
        (f"r{number}", f"1-{number // 4}", Template(_ENGINE, vector.tobytes()))
        for number, vector in enumerate(vectors)
    )
    return Matcher(Gallery(1, rows), _ENGINE, IMPOSTORS)


def _like(vector: Vector, likeness: float, draw: np.random.Generator) -> Vector:
    """Return a vector whose cosine to `vector` is `likeness`."""
    other = draw.standard_normal(_DIMENSIONS)
    other -= (other @ vector) * vector
    other /= np.linalg.norm(other)
    return np.asarray(likeness * vector + np.sqrt(1 - likeness**2) * other, np.float32)


def _holds(people: int) -> None:
    """Everyone asked is named at a usual likeness; of strangers no more than the target."""
    vectors, draw = _drawn(people), np.random.default_rng(1)
    matcher = _matcher(vectors)
    for who in draw.integers(0, people, _ASKED):
        near = matcher.nearest(_like(vectors[who], 0.68, draw))
        assert (near.likeness, near.resident) == (Likeness.NAMED, f"r{who}")
        assert near.score == pytest.approx(0.68, abs=1e-4)
    strangers = _unit(draw.standard_normal((_ASKED, _DIMENSIONS)))
    named = sum(matcher.nearest(one).likeness is not Likeness.UNKNOWN for one in strangers)
    assert named <= 1
    assert matcher.threshold == IMPOSTORS.threshold(people)


def test_two_thousand_residents() -> None:
    _holds(2000)


@pytest.mark.long
def test_fifty_thousand_residents() -> None:
    _holds(50_000)


def test_every_row_is_compared() -> None:
    vectors = _drawn(2000)
    matcher = _matcher(vectors)
    for who in (0, 1, 999, 1998, 1999):
        near = matcher.nearest(vectors[who])
        assert (near.resident, near.score) == (f"r{who}", pytest.approx(1.0, abs=1e-5))


def test_a_vector_is_compared_with_its_own_engines_templates_only() -> None:
    """With the engine's name put right by hand, as a mutant would, the same rows name people."""
    vectors = _drawn(200)
    theirs = tuple(
        (f"r{number}", f"1-{number}", Template("drawn:ffffffffffff", vector.tobytes()))
        for number, vector in enumerate(vectors)
    )
    held = Matcher(Gallery(1, theirs), _ENGINE, IMPOSTORS)
    mutant_rows = tuple((who, home, Template(_ENGINE, one.vector)) for who, home, one in theirs)
    mutant = Matcher(Gallery(1, mutant_rows), _ENGINE, IMPOSTORS)
    for vector in vectors:
        assert held.nearest(vector).likeness is Likeness.UNKNOWN
        assert held.nearest(vector).resident is None
        assert mutant.nearest(vector).likeness is Likeness.NAMED


@cache
def _engine() -> FaceEngine:
    return YuNetSFace(**weight_files("yunet-sface"))


def _central(path: Path) -> tuple[Pixels, Face]:
    bgr = read_photo(path.read_bytes())
    middle = bgr.shape[1] / 2
    return bgr, min(_engine().detect(bgr), key=lambda face: abs(face.box.centre[0] - middle))


def _real(people: int, strangers: int, crowd: int) -> tuple[float, int]:
    """Return the share of real residents named rightly among a crowd, and strangers named."""
    folder, engine = need("faces"), _engine()
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        rows = list(csv.DictReader(table))
    photo = {row["label"]: folder / row["file"] for row in rows if row["role"] == "enrol"}
    probe = {row["label"]: folder / row["file"] for row in rows if row["role"] == "probe"}
    chosen = sorted(set(photo) & set(probe))[:people]
    enrolled = [(who, who, template_of(*_central(photo[who]), engine)) for who in chosen]
    others = [
        (f"x{number}", f"x{number}", Template(engine.engine, vector.tobytes()))
        for number, vector in enumerate(_drawn(crowd))
    ]
    matcher = Matcher(Gallery(1, (*enrolled, *others)), engine.engine, engine.impostors)
    right = 0
    for who in chosen:
        near = matcher.nearest(compared(*_central(probe[who]), engine, matcher))
        assert near.likeness is not Likeness.NAMED or near.resident == who
        right += near.likeness is Likeness.NAMED
    unknown = [folder / row["file"] for row in rows if row["role"] == "impostor"][:strangers]
    wrong = sum(
        matcher.nearest(compared(*_central(path), engine, matcher)).likeness is Likeness.NAMED
        for path in unknown
    )
    return right / len(chosen), wrong


def test_real_people_are_found_among_two_thousand() -> None:
    share, wrong = _real(people=12, strangers=12, crowd=2000)
    assert share >= 0.75
    assert wrong == 0


@pytest.mark.long
def test_real_people_are_found_among_fifty_thousand() -> None:
    share, wrong = _real(people=120, strangers=200, crowd=50_000)
    assert share >= 0.75
    assert wrong <= 1
