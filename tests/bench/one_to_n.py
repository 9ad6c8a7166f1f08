"""one_to_n: one face against everybody enrolled, beside faiss' exact index and beside the memory.

Ours is what vision calls: the product, the rival of another home, the faces kept against residents.
The peer at 10,000 is faiss.IndexFlatIP with one thread, asked for the best of the same vectors. At
50,000 the peer is the memory itself: one pass that only reads as many bytes.
"""

import faiss
import numpy as np

from models.template import Gallery, Template
from recognition.gallery import Likeness, Matcher
from recognition.sface_people import IMPOSTORS
from tests.bench._blocks import BLOCKS, alternate, show, timed
from tests.bench._row import About, Goal, Row

ENGINE = "bench:000000000000"
DIMENSIONS = 128
MANY, MOST = 10_000, 50_000
TIMES = 60
AGAINST = 50
"""Residents against whom a wrongly taken face is kept."""


def main() -> None:
    """Print one_to_n at 10,000 and at 50,000 residents."""
    faiss.omp_set_num_threads(1)
    show(_beside_faiss(MANY, Goal("<=", 1.3)), _beside_memory(MOST, Goal("<=", 1.4)))


def _beside_faiss(people: int, goal: Goal) -> Row:
    vectors, matcher = _enrolled(people)
    index = faiss.IndexFlatIP(DIMENSIONS)
    index.add(vectors)
    asked = _Asked(vectors, matcher)
    taken = alternate(
        {"ours": asked.ours, "faiss": lambda: timed(lambda: index.search(asked.face[None], 1))},
        TIMES,
    )
    about = About(
        "one_to_n",
        f"faiss.IndexFlatIP of {people:,} x {DIMENSIONS}, one thread",
        "our median / faiss' median",
        "ms",
        BLOCKS * TIMES,
    )
    return Row(about, goal, tuple(taken["ours"]), tuple(taken["faiss"]))


def _beside_memory(people: int, goal: Goal) -> Row:
    vectors, matcher = _enrolled(people)
    asked, flat = _Asked(vectors, matcher), vectors.reshape(-1)
    taken = alternate({"ours": asked.ours, "memory": lambda: timed(lambda: flat @ flat)}, TIMES)
    about = About(
        "one_to_n_50k",
        f"one pass over the same {vectors.nbytes / 1e6:.0f} MB that only reads (BLAS sdot)",
        "our median / that pass's median",
        "ms",
        BLOCKS * TIMES,
    )
    return Row(about, goal, tuple(taken["ours"]), tuple(taken["memory"]))


class _Asked:
    """Faces of residents, a little different from how they were enrolled, one after the other."""

    def __init__(self, vectors: np.ndarray, matcher: Matcher) -> None:
        self._vectors, self._matcher = vectors, matcher
        self._draw = np.random.default_rng(7)
        self.face = vectors[0]

    def ours(self) -> float:
        """Return the milliseconds that one face takes, and have the next one ready."""
        who = int(self._draw.integers(AGAINST, len(self._vectors)))
        self.face = _unit(self._vectors[who] + 0.5 * _unit(self._draw.standard_normal(DIMENSIONS)))
        found = []
        taken = timed(lambda: found.append(self._matcher.nearest(self.face)))
        if (found[0].likeness, found[0].resident) != (Likeness.NAMED, str(who)):
            message = f"resident {who} was taken for {found[0]}"
            raise RuntimeError(message)
        return taken


def _enrolled(people: int) -> tuple[np.ndarray, Matcher]:
    draw = np.random.default_rng(people)
    vectors = _unit(draw.standard_normal((people, DIMENSIONS)))
    rows = [
        (str(number), f"1-1-{number}", Template(ENGINE, vector.tobytes()))
        for number, vector in enumerate(vectors)
    ]
    rows += [
        (str(number), f"1-1-{number}", Template.of_another(ENGINE, vector.tobytes()))
        for number, vector in enumerate(_unit(draw.standard_normal((AGAINST, DIMENSIONS))))
    ]
    return vectors, Matcher(Gallery(1, tuple(rows)), ENGINE, IMPOSTORS)


def _unit(vectors: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.ascontiguousarray(vectors / lengths, np.float32)
