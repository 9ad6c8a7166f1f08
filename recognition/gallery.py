"""The gallery as a matrix: who a face looks like, and whether that is alike enough to name."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.template import Gallery, Template
from recognition.face import Vector
from recognition.threshold import DEFAULT_TARGET, Impostors

RIVAL_MARGIN = 0.55
"""How far under the best score a rival home over the threshold makes it ambiguous; deviations."""

_DOUBT_UNDER, _DOUBT_OVER = 1.0, 0.5
"""How near the threshold one look is not enough; deviations, sources in docs/recognition.md."""


_HEARD = 3.0
"""How like the photo whom a template of a passage names must be, too; deviations."""

Row = tuple[str, str, Template]
"""Resident id, home and template."""


class Doubt(StrEnum):
    """Why a face is not surely a resident's, so that nothing is learnt of it."""

    NO_PHOTO = "no_photo"
    """The resident has no photo's template of this engine."""
    UNLIKE_PHOTO = "unlike_photo"
    LIKE_ANOTHER = "like_another"


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

    `rows` of another engine are left out; those of passages are heard only where the
    photo's agrees. A resident's rows of faces that were wrongly taken for the resident raise the
    bar for that pair alone. Raises ValueError for a template whose vector
    is not finite, or not as long as the others.
    """

    def __init__(
        self,
        gallery: Gallery,
        engine: str,
        impostors: Impostors,
        target: float = DEFAULT_TARGET,
    ) -> None:
        rows = _rows_of(gallery, engine)
        self.version = gallery.version
        self.second_factor = gallery.second_factor
        self.impostors = impostors
        self._home_of = {resident: home for resident, home, _ in rows}
        self.people = tuple(self._home_of)
        self._homes = [home for _, home, _ in rows]
        self._residents = [resident for resident, _, _ in rows]
        self._margin = RIVAL_MARGIN * impostors.deviation
        self._matrix = _matrix([template.vector for _, _, template in rows])
        self._against = _Against(gallery, engine, self._residents)
        self._learnt = _Learnt(rows, impostors.level(_HEARD))
        self.threshold = impostors.threshold(self._learnt.photos, target)
        self._sure = self.threshold + _DOUBT_OVER * impostors.deviation

    def home(self, resident: str) -> str:
        """Return the home of a resident of this gallery."""
        return self._home_of[resident]

    def nearest(self, vector: Vector) -> Nearest:
        """Return whom the face looks like most, and whether that names the person.

        Over the threshold names, unless a resident of another home is over it too and within the
        margin of the best: then it is ambiguous. A resident for whom somebody else was taken is
        passed over where the face looks as much like that other face, or more.
        """
        if not self._residents:
            return Nearest(Likeness.UNKNOWN, None, -1.0)
        scores = self._matrix @ vector
        self._learnt.hush(scores)
        self._against.pass_over(scores, vector, self.threshold, self._margin)
        best = int(scores.argmax())
        score, resident, home = float(scores[best]), self._residents[best], self._homes[best]
        if score <= self.threshold:
            return Nearest(Likeness.UNKNOWN, resident, score)
        near = np.flatnonzero(scores > max(self.threshold, score - self._margin))
        if any(self._homes[row] != home for row in near):
            return Nearest(Likeness.AMBIGUOUS, resident, score)
        return Nearest(Likeness.NAMED, resident, score)

    def doubts(self, vector: Vector) -> bool:
        """Return whether the best score is so near the threshold that a second look may turn it."""
        if not self._residents:
            return False
        deviations = (self.nearest(vector).score - self.threshold) / self.impostors.deviation
        return -_DOUBT_UNDER < deviations < _DOUBT_OVER

    def doubt(self, resident: str, vector: Vector) -> Doubt | None:
        """Return why a face may be somebody else's than the resident's, None where it is surely it.

        Only the templates of the photo speak for it, and only where one look leaves no doubt: were
        those of passages heard, each could be a little less like the resident than the one before,
        until they are of another. Anybody else who is over the threshold speaks against it, of the
        same home too.
        """
        own = np.array([one == resident for one in self._residents], bool)
        photos = own & ~self._learnt.mask
        if not photos.any():
            return Doubt.NO_PHOTO
        scores = self._matrix @ vector
        if scores[photos].max() <= self._sure:
            return Doubt.UNLIKE_PHOTO
        if (scores[~own] > self.threshold).any():
            return Doubt.LIKE_ANOTHER
        return None

    def alike(self, vector: Vector) -> tuple[str, ...]:
        """Return the residents whom a new face would be taken for, the most alike first."""
        if not self._residents:
            return ()
        scores = self._matrix @ vector
        self._learnt.hush(scores)
        over = sorted(np.flatnonzero(scores > self.threshold), key=lambda row: -scores[row])
        return tuple(dict.fromkeys(self._residents[row] for row in over))


class _Learnt:
    """The rows of passages; each is heard only where the photo of its resident agrees a little.

    That is why they raise nobody's threshold: a stranger would have to meet the photo as well.
    """

    def __init__(self, rows: list[Row], level: float) -> None:
        self.mask = np.array([template.is_learnt for _, _, template in rows], bool)
        self.photos = len(rows) - int(self.mask.sum())
        self._level = level
        photos_of: dict[str, list[int]] = {}
        for row, (resident, _, template) in enumerate(rows):
            if not template.is_learnt:
                photos_of.setdefault(resident, []).append(row)
        self._rows = np.flatnonzero(self.mask)
        speak = [photos_of[rows[row][0]] for row in self._rows]
        self._every = np.array([row for photos in speak for row in photos], np.intp)
        self._starts = np.cumsum([0, *map(len, speak)])[:-1]

    def hush(self, scores: NDArray[np.float32]) -> None:
        """Set the scores of those rows to -1 whose photos look too little like the face."""
        if len(self._rows):
            photos = np.maximum.reduceat(scores[self._every], self._starts)
            scores[self._rows[photos <= self._level]] = -1.0


class _Against:
    """The faces that were wrongly taken for residents, and those residents' rows."""

    def __init__(self, gallery: Gallery, engine: str, residents: list[str]) -> None:
        rows_of: dict[str, list[int]] = {}
        for row, resident in enumerate(residents):
            rows_of.setdefault(resident, []).append(row)
        wrong = [
            (rows_of[resident], template.vector)
            for resident, _, template in gallery.rows
            if template.is_anothers and template.seen_by == engine and resident in rows_of
        ]
        self._rows = [np.array(rows) for rows, _ in wrong]
        self._every = np.array([row for rows in self._rows for row in rows], np.intp)
        self._starts = np.cumsum([0, *map(len, self._rows)])[:-1]
        self._matrix = _matrix([vector for _, vector in wrong])

    def pass_over(
        self, scores: NDArray[np.float32], vector: Vector, threshold: float, margin: float
    ) -> None:
        """Set the scores of those residents to -1 whom the face does not clearly look more like.

        Only whose score is over `threshold` could be named, so nobody else's changes.
        """
        if not self._rows:
            return
        own = np.maximum.reduceat(scores[self._every], self._starts)
        for place in np.flatnonzero(own > threshold):
            if own[place] <= self._matrix[place] @ vector + margin:
                scores[self._rows[place]] = -1.0


def _rows_of(gallery: Gallery, engine: str) -> list[Row]:
    """Return the rows of one engine that may name their residents.

    A template of a passage says nothing where the photo's is not there to agree.
    """
    rows = [row for row in gallery.rows if row[2].seen_by == engine and not row[2].is_anothers]
    known = {resident for resident, _, template in rows if not template.is_learnt}
    return [row for row in rows if row[0] in known]


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
