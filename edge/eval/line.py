"""The line: a score as the one JSON object that a program reads."""

import json
from collections.abc import Mapping

from edge.eval.score import Bounded, Figure, Rate, Score


def line(score: Score) -> str:
    """Return the score as one line of JSON.

    A rate stands unrounded under its key, with its 95 % bounds under `<key>_lo` and `<key>_hi`;
    what does not apply is null. Raises ValueError for a figure that is not finite.
    """
    said: dict[str, object] = dict(flat(score.figures))
    if score.kinds:
        said["kinds"] = {kind: flat(figures) for kind, figures in score.kinds.items()}
    return json.dumps(said, ensure_ascii=False, allow_nan=False)


def flat(figures: Mapping[str, Figure]) -> dict[str, float | int | str | None]:
    """Return the figures with every rate and bounded figure spread over three keys."""
    said: dict[str, float | int | str | None] = {}
    for key, figure in figures.items():
        if isinstance(figure, Rate | Bounded):
            said |= {key: figure.value, f"{key}_lo": figure.lo, f"{key}_hi": figure.hi}
        else:
            said[key] = figure
    return said
