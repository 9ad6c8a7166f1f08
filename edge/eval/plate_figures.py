"""Figures of plates: rates, counts and misses from what was read off every picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from edge.eval.score import Figure, Histogram, Miss, Rate, Score
from models.plate import Band
from plates.eye import Plate
from recognition.face import Pixels

_MISREAD = 3
"""Symbols up to which a reading beside the label is a misreading, not another car."""


class Kind(StrEnum):
    """What a picture is: a whole frame, or a plate cut out."""

    SCENE = "scene"
    CROP = "crop"


@dataclass(frozen=True, slots=True)
class Read:
    """One picture, its label (empty where there is no plate) and the plates that were read."""

    name: str
    label: str
    others: frozenset[str]
    kind: Kind
    plates: tuple[Plate, ...] = ()
    milliseconds: float = 0.0
    bgr: Pixels | None = field(default=None, repr=False, compare=False)

    @property
    def exact(self) -> bool:
        """Whether one of the readings is the label, however sure."""
        return any(plate.reading.text == self.label for plate in self.plates if self.label)

    @property
    def largest(self) -> Plate | None:
        """The largest whole plate with a text that the grammar allows."""
        return next((each for each in self.plates if each.reading.text and each.whole), None)

    @property
    def accepted(self) -> bool:
        """Whether the label was read surely enough to be looked up."""
        return any(plate.reading.text == self.label for plate in self._sure())

    def wrong(self) -> list[Plate]:
        """Return the accepted readings that misread a plate."""
        return [each for each in self._sure() if not self._right(each) and not self._other(each)]

    def other_cars(self) -> list[Plate]:
        """Return the accepted readings that are another car's, not the labelled one's."""
        return [each for each in self._sure() if not self._right(each) and self._other(each)]

    def _sure(self) -> list[Plate]:
        return [each for each in self.plates if each.reading.band is Band.ACCEPT]

    def _right(self, plate: Plate) -> bool:
        return plate.reading.text == self.label

    def _other(self, plate: Plate) -> bool:
        """Whether it is another car: by the table, or because it is nothing like the label.

        A picture that is one plate, or is said to hold none, has no other car.
        """
        text = plate.reading.text
        if text in self.others:
            return True
        told = self.kind is Kind.SCENE and bool(self.label) and not self.others
        return told and distance(text, self.label) > _MISREAD


def distance(one: str, other: str) -> int:
    """Return how many symbols must be changed, added or left out (Levenshtein 1966)."""
    before = list(range(len(other) + 1))
    for row, symbol in enumerate(one, start=1):
        now = [row]
        for column, against in enumerate(other, start=1):
            changed = before[column - 1] + (symbol != against)
            now.append(min(changed, before[column] + 1, now[-1] + 1))
        before = now
    return before[-1]


def scored(reads: Sequence[Read], milliseconds: float | None) -> Score:
    """Return the score of all pictures; `milliseconds` is the median time of a scene."""
    scenes = [read for read in reads if read.kind is Kind.SCENE]
    crops = [read for read in reads if read.kind is Kind.CROP]
    labelled = [read for read in reads if read.label]
    figures: dict[str, Figure] = {
        "n_scene": len(scenes),
        "n_crop": len(crops),
        "scene_exact": _rate(scenes, [read.exact for read in scenes]),
        "scene_exact_largest": _rate(scenes, [_largest_right(read) for read in scenes]),
        "crop_exact": _rate(crops, [read.exact for read in crops]),
        "char": _symbols(labelled),
        "province": _rate(labelled, [_nearest(read)[:1] == read.label[:1] for read in labelled]),
        "accepted": _rate(scenes, [read.accepted for read in scenes]),
        "accepted_wrong": sum(len(read.wrong()) for read in scenes) if scenes else None,
        "other_car": sum(len(read.other_cars()) for read in scenes) if scenes else None,
        "crop_accepted": _rate(crops, [read.accepted for read in crops]),
        "crop_accepted_wrong": sum(len(read.wrong()) for read in crops) if crops else None,
        "ms_p50": milliseconds,
    }
    return Score(figures, (_plot(labelled),), _misses(reads), notes=(_TUNED, _CARS))


_TUNED = (
    "Part of the pictures that ship with this project's evaluation data was seen when the engine's "
    "thresholds were chosen; figures on them flatter."
)
_CARS = (
    "other_car: accepted readings that differ from the label in more than three symbols, or that "
    "the column others names. Their crops are below: look at them."
)


def _rate(reads: Sequence[Read], hits: Sequence[bool]) -> Rate:
    known = [hit for read, hit in zip(reads, hits, strict=True) if read.label]
    return Rate(sum(known), len(known))


def _largest_right(read: Read) -> bool:
    return read.largest is not None and read.largest.reading.text == read.label


def _nearest(read: Read) -> str:
    """Return the reading most like the label, empty where nothing was read."""
    texts = [plate.reading.text for plate in read.plates if plate.reading.text]
    return min(texts, key=lambda text: distance(text, read.label), default="")


def _symbols(reads: Sequence[Read]) -> Rate:
    """Return how many of the labels' symbols were read, in the reading most like the label."""
    whole = sum(len(read.label) for read in reads)
    lost = sum(min(len(read.label), distance(_nearest(read), read.label)) for read in reads)
    return Rate(whole - lost, whole)


def _plot(reads: Sequence[Read]) -> Histogram:
    right: list[float] = []
    wrong: list[float] = []
    for read in reads:
        for plate in read.plates:
            if plate.reading.text:
                (right if plate.reading.text == read.label else wrong).append(
                    plate.reading.confidence
                )
    series = {"the label": tuple(right), "something else": tuple(wrong)}
    return Histogram("How sure the readings were", "confidence", series)


def _misses(reads: Sequence[Read]) -> tuple[Miss, ...]:
    """Return accepted misreadings, then what was not read, then the other cars."""
    wrong = [_miss(read, each, "accepted and wrong") for read in reads for each in read.wrong()]
    missed = [
        Miss(read.name, f"{read.label}: read as {_said(read)}", _shown(read, read.plates[:1]))
        for read in reads
        if read.label and not read.exact
    ]
    others = [_miss(read, each, "another car") for read in reads for each in read.other_cars()]
    return (*wrong, *missed, *others)


def _miss(read: Read, plate: Plate, why: str) -> Miss:
    said = f"{why}: {plate.reading.text} at {plate.reading.confidence:.3f}"
    return Miss(
        read.name, f"{said}; the label is {read.label or 'no plate'}", _shown(read, [plate])
    )


def _said(read: Read) -> str:
    texts = [
        f"{p.reading.text} at {p.reading.confidence:.3f}" for p in read.plates if p.reading.text
    ]
    return ", ".join(texts) or "nothing"


def _shown(read: Read, plates: Sequence[Plate]) -> tuple[Pixels, ...]:
    """Return the places of the plates cut out with a surrounding, or the whole picture."""
    if read.bgr is None:
        return ()
    if not plates:
        return (read.bgr,)
    cut = []
    for plate in plates:
        left, top, right, bottom = plate.quad.box
        high = (bottom - top) / 2
        rows = slice(max(0, int(top - high)), int(bottom + high) + 1)
        columns = slice(max(0, int(left - high)), int(right + high) + 1)
        cut.append(read.bgr[rows, columns])
    return tuple(each for each in cut if each.size)
