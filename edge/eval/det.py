"""The DET curve: how many of the right are refused against how many of the wrong get in.

Martin et al. 1997, "The DET curve in assessment of detection task performance".
"""

from collections.abc import Sequence

import numpy as np


def det(genuine: Sequence[float], impostor: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """Return (false accept share, false refuse share) at every threshold that changes the first.

    Accepted is a score over the threshold. Empty where there is nobody of one of the two kinds.
    """
    if not len(genuine) or not len(impostor):
        return ()
    right, wrong = np.sort(np.asarray(genuine)), np.sort(np.asarray(impostor))
    thresholds = np.concatenate([np.unique(wrong)[::-1], [-np.inf]])
    accepted = len(wrong) - np.searchsorted(wrong, thresholds, side="right")
    refused = np.searchsorted(right, thresholds, side="right")
    pairs = zip(accepted / len(wrong), refused / len(right), strict=True)
    return tuple((float(x), float(y)) for x, y in pairs)
