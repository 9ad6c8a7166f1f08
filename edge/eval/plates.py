"""Plates: what the shipped engine reads on labelled scenes and crops, and what it would accept."""

from dataclasses import dataclass
from pathlib import Path
from statistics import median

from config.settings import Recognition
from edge.clock import monotonic
from edge.eval.labels import Row, Unusable, read_labels
from edge.eval.pictures import opened, progress
from edge.eval.plate_figures import Kind, Read, scored
from edge.eval.score import Score
from edge.eval.subjects import Say
from edge.plate_engine import load_grammar, load_plates
from plates.eye import PlateEye
from plates.grammar import Grammar


def score(folder: Path, settings: Recognition, say: Say) -> Score:
    """Return how well plates are read on `folder`.

    Its labels.csv has file, plate (without separators; empty where there is none) and kind (scene
    or crop), and may have `others`: further plates of the scene, separated by spaces. Raises
    Unusable for an unknown kind, and RecogniserFault when the engine cannot be loaded.
    """
    grammar = load_grammar()
    rows = [(row, _kind(row)) for row in read_labels(folder, ("plate", "kind"))]
    eye = load_plates(settings.weights)
    reads: list[Read] = []
    for done, (row, kind) in enumerate(rows, start=1):
        reads.append(_Shown(row, kind, grammar).read(eye, say))
        progress(done, len(rows), say)
    times = [read.milliseconds for read in reads if read.kind is Kind.SCENE and read.milliseconds]
    return scored(reads, median(times) if times else None)


@dataclass(frozen=True, slots=True)
class _Shown:
    """One labelled picture."""

    row: Row
    kind: Kind
    grammar: Grammar

    def read(self, eye: PlateEye, say: Say) -> Read:
        """Return what was read off it; a picture that cannot be opened is read as nothing."""
        label = self.grammar.bare(self.row["plate"].upper())
        others = frozenset(self.grammar.bare(each) for each in self.row["others"].upper().split())
        bgr = opened(self.row.file, say)
        if bgr is None:
            return Read(self.row.name, label, others, self.kind)
        began = monotonic()
        plates = eye.look(bgr) if self.kind is Kind.SCENE else (eye.whole(bgr),)
        took = (monotonic() - began) * 1000
        return Read(self.row.name, label, others, self.kind, plates, took, bgr)


def _kind(row: Row) -> Kind:
    try:
        return Kind(row["kind"])
    except ValueError as error:
        message = f"{row.name}: kind {row['kind']!r} is neither scene nor crop; correct labels.csv"
        raise Unusable(message) from error
