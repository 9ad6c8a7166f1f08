"""The beam: shares of plates, held against every path there is."""

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.plate_engine import load_grammar
from plates.beam import Width, shares
from plates.confidence import Bands, Belief, belief
from plates.grammar import grammar
from plates.ports import Steps

_TINY = grammar(
    {
        "country": "XX",
        "classes": {"letter": "AB", "digit": "01"},
        "form": [{"sequence": ["letter", "digit"]}, {"sequence": ["letter", "digit", "digit"]}],
    }
)
_ALL = Width(texts=1000, symbols=10, least=0.0)


def _collapsed(path: tuple[int, ...]) -> str:
    """Return the text of one path: repeats merged, then blanks left out."""
    return "".join(_TINY.symbols[step - 1] for step, _ in groupby(path) if step)


def _by_every_path(steps: Steps) -> dict[str, float]:
    masses: dict[str, float] = {}
    for path in product(range(steps.shape[1]), repeat=len(steps)):
        mass = float(np.prod([row[step] for row, step in zip(steps, path, strict=True)]))
        masses[_collapsed(path)] = masses.get(_collapsed(path), 0.0) + mass
    whole = sum(masses.values())
    return {text: mass / whole for text, mass in masses.items() if _TINY.valid(text)}


@given(st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_shares_are_those_of_all_paths(seed: int, length: int) -> None:
    steps = np.random.default_rng(seed).random((length, 1 + len(_TINY.symbols))).astype(np.float32)
    found = shares(steps, _TINY.symbols, _TINY, _ALL)
    expected = _by_every_path(steps)
    assert set(found) == set(expected)
    for text, share in expected.items():
        assert found[text] == pytest.approx(share, rel=1e-4)


def _steps(text: str, symbols: str, *, sure: float = 0.99) -> Steps:
    """Return steps that say `text`, each symbol followed by a blank."""
    steps = np.full((2 * len(text), 1 + len(symbols)), 1e-6, np.float32)
    for place, symbol in enumerate(text):
        steps[2 * place, 1 + symbols.index(symbol)] = sure
        steps[2 * place + 1, 0] = sure
    return steps


@pytest.mark.parametrize("text", ["京A12345", "甘K11111", "苏E12345D", "使014578", "鄂F8888警"])
def test_what_is_said_clearly_is_read_surely(text: str) -> None:
    cn = load_grammar()
    found = shares(_steps(text, cn.symbols), cn.symbols, cn)
    assert max(found, key=lambda each: found[each]) == text
    assert found[text] > 0.95


def test_a_symbol_said_twice_without_a_blank_is_one() -> None:
    cn = load_grammar()
    steps = np.repeat(_steps("京A12345", cn.symbols), 2, axis=0)
    found = shares(steps, cn.symbols, cn)
    assert max(found, key=lambda each: found[each]) == "京A12345"


def test_what_no_plate_can_be_has_no_share() -> None:
    cn = load_grammar()
    found = shares(_steps("2015055", cn.symbols), cn.symbols, cn)
    assert sum(found.values()) < 1e-3


def test_one_doubtful_symbol_leaves_two_plates_with_their_shares() -> None:
    cn = load_grammar()
    steps = _steps("京A12345", cn.symbols)
    steps[4, 1 + cn.symbols.index("1")], steps[4, 1 + cn.symbols.index("T")] = 0.6, 0.39
    found = shares(steps, cn.symbols, cn)
    assert found["京A12345"] == pytest.approx(0.6, abs=0.02)
    assert found["京AT2345"] == pytest.approx(0.39, abs=0.02)


@given(st.integers(0, 2**32 - 1))
def test_shares_never_exceed_the_whole(seed: int) -> None:
    cn = load_grammar()
    steps = np.random.default_rng(seed).random((7, 1 + len(cn.symbols))).astype(np.float32)
    assert 0 <= sum(shares(steps, cn.symbols, cn).values()) <= 1 + 1e-6


def test_nothing_read_is_no_belief() -> None:
    assert belief([]) == belief([{}, {}]) == Belief("", 0.0, 0.0)
    cn = load_grammar()
    assert shares(np.zeros((0, 1 + len(cn.symbols)), np.float32), cn.symbols, cn) == {}


def test_looks_count_alike() -> None:
    both = belief([{"京A12345": 0.4}, {"京A12345": 0.5, "京AT2345": 0.3}])
    assert both.text == "京A12345"
    assert both.share == pytest.approx(0.45)
    assert both.lead == pytest.approx(0.75)


def test_a_small_share_of_all_texts_caps_the_confidence_however_far_it_leads() -> None:
    bands = Bands()
    assert bands.confidence(Belief("京A12345", 0.03, 1.0), agrees=True) == pytest.approx(0.1)
    assert bands.confidence(Belief("京A12345", 0.9, 0.99), agrees=True) == pytest.approx(0.99)


def test_a_contradicting_ground_is_never_accepted() -> None:
    bands = Bands()
    assert bands.confidence(Belief("京A12345", 1.0, 1.0), agrees=False) < bands.accept
