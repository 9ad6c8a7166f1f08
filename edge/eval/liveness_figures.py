"""Figures of liveness: error rates as ISO/IEC 30107-3 names them, and their bounds."""

from collections.abc import Mapping, Sequence

import numpy as np

from edge.eval.det import det
from edge.eval.presentation import Presentation
from edge.eval.score import Bounded, Curve, Figure, Histogram, Plot, Rate

_DRAWS = 300


def figures(every: Sequence[Presentation]) -> dict[str, Figure]:
    """Return n, auc, eer, apcer (attacks accepted) and bpcer (live people refused) of `every`.

    A face that was not found scores 0. Bounds of auc and eer are drawn anew over passages.
    """
    live = [one for one in every if not one.attack]
    attacks = [one for one in every if one.attack]
    return {
        "n": len(every),
        "n_live": len(live),
        "n_attack": len(attacks),
        "auc": _bounded(live, attacks, auc),
        "eer": _bounded(live, attacks, eer),
        "apcer": Rate(sum(one.accepted for one in attacks), len(attacks)),
        "bpcer": Rate(sum(not one.accepted for one in live), len(live)),
    }


def kinds(every: Sequence[Presentation]) -> dict[str, Mapping[str, Figure]]:
    """Return the same for each kind of attack, against all live people."""
    live = [one for one in every if not one.attack]
    named = sorted({one.kind for one in every if one.attack})
    return {kind: figures([*live, *(one for one in every if one.kind == kind)]) for kind in named}


def auc(live: Sequence[float], attacks: Sequence[float]) -> float:
    """Return how often a live score is over an attack's, ties counting half."""
    right, wrong = np.sort(np.asarray(live)), np.asarray(attacks)
    below = np.searchsorted(right, wrong, side="left")
    upto = np.searchsorted(right, wrong, side="right")
    over = (len(right) - upto) + (upto - below) / 2
    return float(over.mean() / len(right))


def eer(live: Sequence[float], attacks: Sequence[float]) -> float:
    """Return the error rate where as many attacks are accepted as live people are refused."""
    points = [(0.0, 1.0), *det(live, attacks)]
    return min((max(point) for point in points), default=0.0)


def plots(every: Sequence[Presentation], threshold: float) -> tuple[Plot, ...]:
    """Return the histogram of the passive scores and their DET curve."""
    live, attacks = _scores(every, attack=False), _scores(every, attack=True)
    series = {"live": tuple(live), "attacks": tuple(attacks)}
    shown = Histogram("Passive scores", "score", series, {"limit": threshold})
    curve = Curve("DET", ("attacks accepted", "live refused"), det(live, attacks))
    return shown, curve


def _scores(every: Sequence[Presentation], *, attack: bool) -> list[float]:
    return [one.score or 0.0 for one in every if one.attack is attack]


def _bounded(live: Sequence[Presentation], attacks: Sequence[Presentation], of: object) -> Figure:
    """Return the figure with its bounds, None where one side is empty."""
    assert callable(of)
    if not live or not attacks:
        return None
    draw = np.random.default_rng(1)
    sides = (_by_passage(live), _by_passage(attacks))
    drawn = np.sort([of(*(_again(side, draw) for side in sides)) for _ in range(_DRAWS)])
    value = of([one.score or 0.0 for one in live], [one.score or 0.0 for one in attacks])
    return Bounded(
        float(value), float(drawn[int(0.025 * _DRAWS)]), float(drawn[int(0.975 * _DRAWS)])
    )


def _by_passage(every: Sequence[Presentation]) -> list[list[float]]:
    groups: dict[str, list[float]] = {}
    for one in every:
        groups.setdefault(one.passage, []).append(one.score or 0.0)
    return list(groups.values())


def _again(groups: list[list[float]], draw: np.random.Generator) -> list[float]:
    chosen = draw.integers(0, len(groups), len(groups))
    return [score for number in chosen for score in groups[number]]
