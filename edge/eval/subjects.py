"""The table of subjects: what `kuahu eval` can score, and the file that does it.

Nothing heavy is imported here: every command line reads this table.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from config.settings import Recognition

if TYPE_CHECKING:
    from edge.eval.score import Score

Say = Callable[[str], None]
"""Tells a person at the terminal something (stderr)."""

Scorer = Callable[[Path, Recognition, Say], "Score"]
"""Scores a folder with a site's engines; raises Unusable for a folder that cannot be scored."""


def _faces() -> Scorer:
    from edge.eval.faces import score  # noqa: PLC0415 - loads OpenCV and the models

    return score


def _codes() -> Scorer:
    from edge.eval.codes import score  # noqa: PLC0415 - loads OpenCV

    return score


def _plates() -> Scorer:
    from edge.eval.plates import score  # noqa: PLC0415 - loads OpenCV and the models

    return score


def _liveness() -> Scorer:
    from edge.eval.liveness import score  # noqa: PLC0415 - loads OpenCV and the models

    return score


SUBJECTS: Mapping[str, tuple[str, Callable[[], Scorer]]] = {
    "codes": ("How many QR codes are read, and none where there is none.", _codes),
    "faces": ("How often residents are recognised and strangers are not taken for one.", _faces),
    "plates": ("How often plates are read exactly, and whether a wrong one is accepted.", _plates),
    "liveness": ("How often live people are let in and pictures of people are not.", _liveness),
}
"""What each subject asks, and its scorer, imported when it is wanted."""
