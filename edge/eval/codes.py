"""Codes: how many of a folder's QR codes are read, none wrongly, none where there is none."""

import base64
import binascii
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from config.settings import Recognition
from edge.clock import monotonic
from edge.eval.labels import Row, Unusable, read_labels
from edge.eval.pictures import opened, progress
from edge.eval.score import Figure, Histogram, Miss, Score
from edge.eval.subjects import Say
from edge.vision_engines import CODES
from recognition.face import Pixels
from recognition.ports import CodeReader
from recognition.second_chance import SecondChance

DOUBTFUL = frozenset({"zxing_qrcode-2/13.png"})
"""ZXing's own test picture whose label lacks a letter that the picture has: never called wrong."""

_TIMES = 5
_YES = frozenset({"1", "yes", "true"})


@dataclass(slots=True)
class _Tally:
    """What was counted so far; milliseconds are one a picture."""

    n: int = 0
    empty: int = 0
    read: int = 0
    read_bare: int = 0
    wrong: int = 0
    false: int = 0
    shown: list[float] = field(default_factory=list)
    shown_bare: list[float] = field(default_factory=list)
    nothing: list[float] = field(default_factory=list)
    nothing_bare: list[float] = field(default_factory=list)
    misses: list[Miss] = field(default_factory=list)


def score(folder: Path, settings: Recognition, say: Say) -> Score:
    """Return how well the site's code reader does on `folder`, and the bare library beside it.

    Its labels.csv has file and text_b64, the text in UTF-8 and base64, or else label, the text
    itself; where both are empty there is no code. Line ends are compared as LF. `doubtful` (1)
    keeps a reading that differs out of `wrong`. Every picture has a second chance's whole budget,
    as pictures that are not of one stream have. Raises Unusable for a text_b64 that is none, and
    RecogniserFault when the reader cannot be loaded.
    """
    rows = read_labels(folder, ("label",))
    bare = CODES[settings.codes]()
    tally = _Tally()
    for done, row in enumerate(rows, 1):
        wanted = _text(row)
        if wanted:
            tally.n += 1
        else:
            tally.empty += 1
        bgr = opened(row.file, say)
        if bgr is None:
            tally.misses.append(Miss(row.name, "the picture cannot be read"))
        elif wanted:
            _code(tally, row, wanted, _Looks(bare, bgr))
        else:
            _empty(tally, row, _Looks(bare, bgr))
        progress(done, len(rows), say)
    return _scored(tally, settings.codes)


class _Looks:
    """One picture, read in turns by the site's reader and by the bare one."""

    def __init__(self, bare: CodeReader, bgr: Pixels) -> None:
        ours: list[float] = []
        theirs: list[float] = []
        for _ in range(_TIMES):
            reader = SecondChance(bare, monotonic)
            self.texts = _timed(reader, bgr, ours)
            self.bare = _timed(bare, bgr, theirs)
        self.milliseconds, self.milliseconds_bare = min(ours), min(theirs)


def _timed(reader: CodeReader, bgr: Pixels, into: list[float]) -> frozenset[str]:
    begun = monotonic()
    found = reader.read(bgr)
    into.append((monotonic() - begun) * 1000)
    return frozenset(_lines(code.text) for code in found)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _text(row: Row) -> str:
    coded = row["text_b64"]
    if not coded:
        return _lines(row["label"])
    try:
        return _lines(base64.b64decode(coded, validate=True).decode())
    except (binascii.Error, UnicodeDecodeError) as error:
        message = f"{row.name}: its text_b64 is no UTF-8 text in base64 ({error}); correct it"
        raise Unusable(message) from error


def _code(tally: _Tally, row: Row, wanted: str, looks: _Looks) -> None:
    tally.shown.append(looks.milliseconds)
    tally.shown_bare.append(looks.milliseconds_bare)
    tally.read_bare += wanted in looks.bare
    if wanted in looks.texts:
        tally.read += 1
        return
    if not looks.texts:
        tally.misses.append(Miss(row.name, "nothing was read", (row.file,)))
        return
    said = f"read as {' and '.join(map(repr, sorted(looks.texts)))}, labelled {wanted!r}"
    if row.name in DOUBTFUL or row["doubtful"].lower() in _YES:
        tally.misses.append(Miss(row.name, f"its label is doubtful: {said}", (row.file,)))
        return
    tally.wrong += 1
    tally.misses.insert(0, Miss(row.name, said, (row.file,)))


def _empty(tally: _Tally, row: Row, looks: _Looks) -> None:
    tally.nothing.append(looks.milliseconds)
    tally.nothing_bare.append(looks.milliseconds_bare)
    tally.false += len(looks.texts)
    if looks.texts:
        said = f"there is no code, but {' and '.join(map(repr, sorted(looks.texts)))} was read"
        tally.misses.insert(0, Miss(row.name, said, (row.file,)))


def _scored(tally: _Tally, engine: str) -> Score:
    figures: dict[str, Figure] = {
        "n": tally.n,
        "read": tally.read,
        "wrong": tally.wrong,
        "false_on_negatives": tally.false,
        "ms_p50": _middle(tally.shown),
        "ms_p50_empty": _middle(tally.nothing),
        "n_empty": tally.empty,
        "read_bare": tally.read_bare,
        "ms_p50_bare": _middle(tally.shown_bare),
        "ms_p50_empty_bare": _middle(tally.nothing_bare),
        "engine": engine,
    }
    series = {
        "a code": tuple(tally.shown),
        "no code": tuple(tally.nothing),
        "no code, bare reader": tuple(tally.nothing_bare),
    }
    shown = {name: values for name, values in series.items() if values}
    plots = (Histogram("Time of one picture", "milliseconds", shown),) if shown else ()
    return Score(figures, plots, tuple(tally.misses), notes=(_NOTE,))


_NOTE = (
    "The bare reader is the library alone on the same picture, in turns with ours; each time is "
    "the least of five."
)


def _middle(values: list[float]) -> float | None:
    return median(values) if values else None
