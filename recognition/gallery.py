"""The gallery as a matrix: who a face looks like, and whether that is alike enough to name."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.template import Gallery
from recognition.face import Vector
from recognition.threshold import DEFAULT_TARGET, Impostors

RIVAL_MARGIN = 0.55
"""How far under the best score a rival home over the threshold makes it ambiguous; deviations."""


class Likeness(StrEnum):
    """What the nearest templates say of one face."""

    NAMED = "named"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Nearest:
    """The best of the gallery for one face.

    `resident` is the best one even where `likeness` is not NAMED, None for an empty gallery;
    `score` is the cosine of the two vectors, -1 to 1.
    """

    likeness: Likeness
    resident: str | None
    score: float


class Matcher:
    """Compares faces with every template of one engine; it never changes once built.

    `rows` of another engine are left out. Raises ValueError for a template whose vector is not
    finite, or not as long as the others.
    """

    def __init__(
        self,
        gallery: Gallery,
        engine: str,
        impostors: Impostors,
        target: float = DEFAULT_TARGET,
    ) -> None:
        rows = [row for row in gallery.rows if row[2].engine == engine]
        self.version = gallery.version
        self.impostors = impostors
        self._home_of = {resident: home for resident, home, _ in rows}
        self.people = tuple(self._home_of)
        self._homes = [home for _, home, _ in rows]
        self._residents = [resident for resident, _, _ in rows]
        self._margin = RIVAL_MARGIN * impostors.deviation
        self._matrix = _matrix([template.vector for _, _, template in rows])
        # A photo and its mirror image were one look when the impostors were measured.
        self.threshold = impostors.threshold(max(len(self.people), len(rows) / 2), target)

    def home(self, resident: str) -> str:
        """Return the home of a resident of this gallery."""
        return self._home_of[resident]

    def nearest(self, vector: Vector) -> Nearest:
        """Return whom the face looks like most, and whether that names the person.

        Over the threshold names, unless a resident of another home is over it too and within the
        margin of the best: then it is ambiguous.
        """
        if not self._residents:
            return Nearest(Likeness.UNKNOWN, None, -1.0)
        scores = self._matrix @ vector
        best = int(scores.argmax())
        score, resident, home = float(scores[best]), self._residents[best], self._homes[best]
        if score <= self.threshold:
            return Nearest(Likeness.UNKNOWN, resident, score)
        near = np.flatnonzero(scores > max(self.threshold, score - self._margin))
        if any(self._homes[row] != home for row in near):
            return Nearest(Likeness.AMBIGUOUS, resident, score)
        return Nearest(Likeness.NAMED, resident, score)


def _matrix(vectors: list[bytes]) -> NDArray[np.float32]:
    if not vectors:
        return np.zeros((0, 0), np.float32)
    if len({len(vector) for vector in vectors}) != 1 or len(vectors[0]) % 4 or not vectors[0]:
        message = "the templates of one engine are not equally long; enrol those people again"
        raise ValueError(message)
    matrix = np.frombuffer(b"".join(vectors), "<f4").reshape(len(vectors), -1)
    matrix = matrix.astype(np.float32)
    lengths = np.linalg.norm(matrix, axis=1)
    if not np.allclose(lengths, 1.0, atol=1e-3):
        message = "a template is not finite and of unit length; enrol that person again"
        raise ValueError(message)
    return matrix
