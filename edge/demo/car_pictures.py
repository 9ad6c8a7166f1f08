"""Car pictures: real cars for lane 3, cut out of a folder of labelled plates where there is one.

Which pictures will do is found out at each start: the product's own eyes must read the labelled
plate surely, in the picture as it is and again in what the stage makes of it. The pictures stay
where they are; nothing is copied.
"""

import logging
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from edge.demo.backdrop import Backdrop
from edge.demo.cars import Sprite, cut_car
from edge.demo.scenes import CarHere, Painter
from edge.demo.story import PLATE, STRANGE_PLATE
from edge.eval.labels import read_labels
from edge.eval.pictures import opened
from edge.plate_engine import load_grammar, load_plates
from models.errors import KuahuError
from models.lane import Direction
from models.plate import Band, PlateKind
from plates.eye import Plate, PlateEye
from recognition.face import Pixels

_NAMED, _BESIDE = "KUAHU_DATA", Path("..") / "shared" / "data"
_FOLDER, _SCENE = "plates", "scene"
_TRIES = 16
"""Pictures that are looked at before the demo paints its cars after all."""

_LEAST_WIDTH = 100.0
"""Pixels of a plate below which its car would be shown larger than it was taken."""

_LOOKS = (1.6, 2.3, 3.7)
"""Seconds after a car's first sight at which its plate must be read."""

_QUALITY = 85

_log = logging.getLogger("kuahu.demo")


@dataclass(frozen=True, slots=True)
class Cars:
    """Whose cars come, and how those look that are no paintings, by plate."""

    resident: str = PLATE
    stranger: str = STRANGE_PLATE
    looks: Mapping[str, Sprite] = field(default_factory=dict)


def data_folder() -> Path | None:
    """Return the folder of labelled pictures: KUAHU_DATA, else ../shared/data; None without."""
    named = os.environ.get(_NAMED)
    folder = Path(named) if named else _BESIDE
    return folder if folder.is_dir() else None


def cast_cars(folder: Path | None) -> Cars:
    """Return the demo's cars: out of `folder`/plates if two pictures will do, else painted.

    What came of a folder that there is goes to the log.
    """
    if folder is None:
        return Cars()
    try:
        found = _first_two(folder / _FOLDER, load_plates())
    except KuahuError as error:
        _log.warning("the cars are painted: %s", error)
        return Cars()
    if found is None:
        _log.warning("the cars are painted: no two of %d pictures will do", _TRIES)
        return Cars()
    _log.info("lane 3 shows cars out of %s: %s", folder / _FOLDER, ", ".join(found))
    resident, stranger = found
    return Cars(resident, stranger, found)


def _first_two(folder: Path, eye: PlateEye) -> dict[str, Sprite] | None:
    found: dict[str, Sprite] = {}
    for plate, sprite in _fit(folder, eye):
        found[plate] = sprite
        if len(found) > 1:
            return found
    return None


def _fit(folder: Path, eye: PlateEye) -> Iterator[tuple[str, Sprite]]:
    """Yield the plates of the first scenes of the table that will do, each with its car."""
    grammar = load_grammar()
    scenes = [row for row in read_labels(folder, ("plate", "kind")) if row["kind"] == _SCENE]
    for row in scenes[:_TRIES]:
        bgr, label = opened(row.file, _log.info), grammar.bare(row["plate"].upper())
        largest = next(iter(eye.look(bgr)), None) if bgr is not None else None
        if bgr is None or largest is None or not _is_sure(largest, label):
            continue
        sprite = cut_car(bgr, largest.quad) if largest.quad.width >= _LEAST_WIDTH else None
        if sprite is not None and _is_read(label, sprite, eye):
            yield label, sprite


def _is_sure(plate: Plate, label: str) -> bool:
    """Return whether it is the labelled plate, of the kind that can be painted for a hand."""
    said = plate.reading
    return (said.text, said.band, said.kind) == (label, Band.ACCEPT, PlateKind.ORDINARY)


def _is_read(label: str, sprite: Sprite, eye: PlateEye) -> bool:
    """Return whether the plate alone is read, and surely, in all that the stage shows of it."""
    painter = Painter(Backdrop(3), {}, lambda _text: b"", {label: sprite})
    for way in Direction:
        for since in _LOOKS:
            seen = eye.look(_filmed(painter.paint(CarHere(label, way), since)))
            legible = [plate for plate in seen if plate.reading.text]
            if len(legible) != 1 or not _is_sure(legible[0], label):
                return False
    return True


def _filmed(picture: Pixels) -> Pixels:
    """Return the picture as it comes out of the stage's camera."""
    _, jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
