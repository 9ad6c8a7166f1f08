"""The eye: one picture becomes plates, each with its corners and its reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.errors import InputError
from models.plate import Ground, PlateReading
from plates.beam import shares
from plates.confidence import Bands, Belief, belief
from plates.grammar import Grammar
from plates.ground import ground
from plates.ports import LineReader, Pixels, PlateDetector
from plates.quad import Quad
from plates.rectify import again, double, single


@dataclass(frozen=True, slots=True)
class EyeRules:
    """How plates are read; the figures' sources are in docs/plates.md."""

    bands: Bands = field(default_factory=Bands)
    two_rows: float = 2.5
    """Width over height below which a plate that is not surely read may have two rows."""
    sure: float = 0.9
    """The confidence from which on a plate is not tried as one of two rows."""
    second_looks: int = 2
    """Plates of a picture, the largest first, that are looked at again if not accepted at once."""


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate in a picture; `whole` unless the picture's edge cuts it off."""

    quad: Quad
    reading: PlateReading
    whole: bool


@dataclass(slots=True)
class _Draft:
    quad: Quad
    line: Pixels
    ground: Ground
    belief: Belief
    looks: list[Mapping[str, float]]


class PlateEye:
    """Finds and reads the plates of pictures; for one thread."""

    def __init__(
        self,
        detector: PlateDetector,
        reader: LineReader,
        grammar: Grammar,
        rules: EyeRules | None = None,
    ) -> None:
        self._detector, self._reader, self._grammar = detector, reader, grammar
        self._rules = rules or EyeRules()

    def look(self, bgr: Pixels) -> tuple[Plate, ...]:
        """Return every plate of the picture, h x w x 3 BGR, the largest first.

        What is no plate by the grammar is in it too, with an empty text and the band `ignore`.
        Raises RecogniserFault when an engine breaks, and InputError for any other array.
        """
        _check(bgr)
        found = sorted(self._detector.detect(bgr), key=lambda each: -each.quad.area)
        quads = [each.quad for each in found if each.quad.area >= 1]
        return tuple(
            Plate(draft.quad, self._reading(draft, whole=whole), whole)
            for draft in self._read(bgr, quads, [single(bgr, quad) for quad in quads])
            for whole in [_inside(draft.quad, bgr)]
        )

    def whole(self, crop: Pixels) -> Plate:
        """Return the one plate of a picture that was cut out close to its edges.

        Raises RecogniserFault when the reader breaks, and InputError for an array that is no
        picture, h x w x 3 of 8 bits.
        """
        _check(crop)
        high, wide = crop.shape[:2]
        edges = Quad((0, 0), (wide, 0), (wide, high), (0, high)).grown(-0.06, -0.10)
        (draft,) = self._read(crop, [edges], [crop])
        return Plate(edges, self._reading(draft, whole=True), whole=True)

    def _read(self, bgr: Pixels, quads: Sequence[Quad], lines: Sequence[Pixels]) -> list[_Draft]:
        drafts = [
            _Draft(quad, line, ground(line), belief([look]), [look])
            for quad, line, look in zip(quads, lines, self._looks(lines), strict=True)
        ]
        doubtful = [each for each in drafts if self._confidence(each) < self._rules.bands.accept]
        doubtful = doubtful[: self._rules.second_looks]
        wider = self._looks([again(bgr, each.quad) for each in doubtful])
        for draft, look in zip(doubtful, wider, strict=True):
            draft.looks.append(look)
            draft.belief = belief(draft.looks)
        for draft in doubtful:
            if draft.quad.aspect < self._rules.two_rows:
                self._try_two_rows(bgr, draft)
        return drafts

    def _try_two_rows(self, bgr: Pixels, draft: _Draft) -> None:
        if self._confidence(draft) >= self._rules.sure:
            return
        (look,) = self._looks([double(bgr, draft.quad)])
        other = _Draft(draft.quad, draft.line, draft.ground, belief([look]), [look])
        if self._confidence(other) > self._confidence(draft):
            draft.belief = other.belief

    def _looks(self, lines: Sequence[Pixels]) -> list[Mapping[str, float]]:
        if not lines:
            return []
        return [
            shares(steps, self._reader.symbols, self._grammar) for steps in self._reader.read(lines)
        ]

    def _confidence(self, draft: _Draft) -> float:
        agrees = self._grammar.agrees(draft.belief.text, draft.ground)
        return self._rules.bands.confidence(draft.belief, agrees=agrees)

    def _reading(self, draft: _Draft, *, whole: bool) -> PlateReading:
        confidence, text = self._confidence(draft), draft.belief.text
        return PlateReading(
            text=text,
            kind=self._grammar.kind(text, draft.ground),
            ground=draft.ground,
            confidence=confidence,
            band=self._rules.bands.band(confidence, whole=whole, again=len(draft.looks) > 1),
        )


def _check(bgr: Pixels) -> None:
    sound = bgr.dtype == np.uint8 and bgr.ndim == 3 and bgr.shape[2] == 3 and bgr.size > 0  # noqa: PLR2004 - h x w x 3
    if not sound:
        message = f"plates are read off h x w x 3 of 8 bits, not {bgr.shape} of {bgr.dtype}"
        raise InputError(message)


def _inside(quad: Quad, bgr: Pixels) -> bool:
    """Return whether the picture holds the plate with a little around it."""
    left, top, right, bottom = quad.grown(0.03, 0.05).box
    return left >= 0 and top >= 0 and right <= bgr.shape[1] and bottom <= bgr.shape[0]
