"""Identification: how many are named rightly at a threshold that lets few strangers through."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.eval.score import Bounded

_DRAWS = 1000
_SEED = 20261121


def tpir_at_fpir(
    probes: Sequence[tuple[str, float]], impostors: Sequence[float], share: float
) -> Bounded:
    """Return the share of probes named rightly where `share` of the strangers is named at all.

    A probe is (identity, score): the score of the best match where that is the right person, else
    -inf. The threshold is the (k+1)-th highest impostor score, k the whole part of `share` times
    their number; over it counts. Bounds come from drawing identities and impostors anew 1,000
    times. Does not apply where there are no probes, or too few impostors for `share` to be one.
    """
    if not probes or len(impostors) * share < 1:
        return Bounded()
    groups: dict[str, list[float]] = {}
    for identity, score in probes:
        groups.setdefault(identity, []).append(score)
    people = [np.array(scores) for scores in groups.values()]
    strangers = np.array(impostors)
    value = _share_over(np.concatenate(people), _threshold(strangers, share))
    draw = np.random.default_rng(_SEED)
    drawn = np.sort(
        [
            _share_over(
                np.concatenate(
                    [people[each] for each in draw.integers(0, len(people), len(people))]
                ),
                _threshold(draw.choice(strangers, len(strangers)), share),
            )
            for _ in range(_DRAWS)
        ]
    )
    low, high = (float(drawn[int(_DRAWS * part)]) for part in (0.025, 0.975))
    return Bounded(value, min(low, value), max(high, value))


def _threshold(impostors: NDArray[np.float64], share: float) -> float:
    # The tiny addition keeps 1,000 times 1e-3 from being 0.999....
    over = int(len(impostors) * share + 1e-9)
    return float(np.sort(impostors)[-(over + 1)]) if over < len(impostors) else -np.inf


def _share_over(scores: NDArray[np.float64], threshold: float) -> float:
    return float((scores > threshold).mean())
