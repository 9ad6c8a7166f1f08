"""The beam: which plates a reader may have seen, each with its share of all that it may have seen.

Prefix beam search of connectionist temporal classification: Hannun et al. 2014, "First-pass large
vocabulary continuous speech recognition using bi-directional recurrent DNNs". A text that no plate
begins with is dropped at once; what is lost with it still counts in the whole.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from plates.grammar import Grammar
from plates.ports import Steps

_LEAST = 1e-9


@dataclass(frozen=True, slots=True)
class Width:
    """How widely is searched."""

    texts: int = 16
    symbols: int = 8
    least: float = 1e-4
    """The least probability that a symbol of a step must have."""


@dataclass(slots=True)
class _Text:
    """A text so far: mass that ends in a blank, mass that ends in its last symbol, its forms."""

    blank: float
    symbol: float
    forms: int

    @property
    def mass(self) -> float:
        return self.blank + self.symbol


def shares(
    steps: Steps, symbols: str, grammar: Grammar, width: Width | None = None
) -> Mapping[str, float]:
    """Return the likeliest plates with their shares of all texts' probability, 0 to 1.

    `steps` is steps x (1 + symbols) with the blank in column 0; the rows need not sum to 1.
    """
    width = width or Width()
    whole = 1.0
    texts = {"": _Text(1.0, 0.0, grammar.every)}
    for row in np.clip(steps, _LEAST, 1.0):
        whole *= float(row.sum())
        after = _step(texts, float(row[0]), _likely(row[1:], symbols, width), grammar)
        best = sorted(after.items(), key=lambda item: -item[1].mass)
        texts = dict(best[: width.texts])
    if not whole > 0:
        return {}
    plates = ((text, each.mass) for text, each in texts.items() if grammar.valid(text))
    return {text: mass / whole for text, mass in plates if mass > 0}


def _likely(row: Steps, symbols: str, width: Width) -> list[tuple[str, float]]:
    places = np.flatnonzero(row > width.least)
    places = places[np.argsort(-row[places], kind="stable")][: width.symbols]
    return [(symbols[place], float(row[place])) for place in places]


def _step(
    texts: dict[str, _Text], blank: float, likely: list[tuple[str, float]], grammar: Grammar
) -> dict[str, _Text]:
    after: dict[str, _Text] = {}
    for text, was in texts.items():
        same = after.setdefault(text, _Text(0.0, 0.0, was.forms))
        same.blank += was.mass * blank
        for symbol, chance in likely:
            fresh = was.mass
            if text.endswith(symbol):
                # The same symbol without a blank between is one symbol that lasts longer.
                same.symbol += was.symbol * chance
                fresh = was.blank
            forms = grammar.onward(was.forms, len(text), symbol)
            if forms:
                longer = after.setdefault(text + symbol, _Text(0.0, 0.0, forms))
                longer.symbol += fresh * chance
    return after
