"""A portrait: a person cut out of a picture, to be put in front of a camera that is drawn."""

import importlib.util
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import InputError
from recognition.face import Box, Face, Pixels

_PLACES = {
    "resident": ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    "stranger": ("skimage", "data/astronaut.png"),
}
_SIDE = 640
"""Pixels of the long side at which a picture is cut; larger ones are shrunk first."""

_CUT_SIDE = 280
"""Pixels of the long side at which the outline is sought: its cost grows with the area."""

_SKETCH = (
    (int(cv2.GC_PR_BGD), 1.25, 1.5),
    (int(cv2.GC_PR_FGD), 1.05, 1.25),
    (int(cv2.GC_FGD), 0.82, 0.75),
)
"""What is guessed, and how far it reaches about an ordinary head and an ordinary chest."""


class Who(StrEnum):
    """The people of the story."""

    RESIDENT = "resident"
    STRANGER = "stranger"


class Finder(Protocol):
    """Whatever finds faces."""

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        """Return every face in the picture, the largest first."""


@dataclass(frozen=True, slots=True)
class Portrait:
    """Head and shoulders: `bgr` is h x w x 3, `cover` h x w of 0..1 where the person is.

    `face` is where the face lies in it, in pixels.
    """

    bgr: Pixels
    cover: NDArray[np.float32]
    face: Box


def picture_of(who: Who) -> Path:
    """Return the file of the public-domain picture that plays `who`.

    It lies inside a well-known package, which is looked up and never imported. Raises InputError
    when that package is not installed.
    """
    package, inside = _PLACES[who]
    spec = importlib.util.find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    for folder in folders:
        path = Path(folder) / inside
        if path.is_file():
            return path
    message = (
        f"the demo's picture of the {who} comes inside the package {package}, which is not "
        f"installed; install kuahu[demo], or give a picture of your own with --{who} FILE"
    )
    raise InputError(message)


def cut_portrait(path: Path, finder: Finder) -> Portrait:
    """Return the largest person in the picture at `path`, cut out at head and shoulders.

    Raises InputError when the file is no picture, or shows no face.
    """
    try:
        content = np.fromfile(path, np.uint8)
    except OSError as error:
        message = f"{path} cannot be read ({error.strerror}); give another picture"
        raise InputError(message) from error
    whole = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    if whole is None:
        message = f"{path} is no picture that can be read; give a JPEG or PNG"
        raise InputError(message)
    scale = min(1.0, _SIDE / max(whole.shape[:2]))
    bgr = np.asarray(cv2.resize(whole, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    faces = finder.detect(np.asarray(bgr, np.uint8))
    if not faces:
        message = f"no face was found in {path}; give a picture of one person, looking ahead"
        raise InputError(message)
    return _cut(np.asarray(bgr, np.uint8), faces[0].box)


def _cut(bgr: Pixels, face: Box) -> Portrait:
    """Return head and shoulders around `face`, as far as the picture goes."""
    middle = face.x + face.width / 2
    left = max(0, int(middle - 1.6 * face.width))
    right = min(bgr.shape[1], int(middle + 1.6 * face.width))
    top = max(0, int(face.y - 0.75 * face.height))
    bottom = min(bgr.shape[0], int(face.y + 2.3 * face.height))
    part = np.ascontiguousarray(bgr[top:bottom, left:right])
    inside = Box(face.x - left, face.y - top, face.width, face.height)
    return Portrait(part, _cover(part, inside), inside)


def _cover(bgr: Pixels, face: Box) -> NDArray[np.float32]:
    """Return where the person is, by GrabCut from a sketch of head and shoulders.

    Rother, Kolmogorov and Blake 2004, "GrabCut: interactive foreground extraction using iterated
    graph cuts".
    """
    scale = min(1.0, _CUT_SIDE / max(bgr.shape[:2]))
    small = np.asarray(cv2.resize(bgr, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA))
    x, y = round(face.centre[0] * scale), round(face.centre[1] * scale)
    wide, high = face.width * scale, face.height * scale
    sketch = np.full(small.shape[:2], cv2.GC_BGD, np.uint8)
    for label, grow, spread in _SKETCH:
        head = round(0.72 * wide * grow), round(0.85 * high * grow)
        cv2.ellipse(sketch, (x, y), head, 0, 0, 360, label, -1)
        body = round(1.25 * wide * spread), round(1.5 * high * spread)
        chest = x, round(y + 2.3 * high)
        cv2.ellipse(sketch, chest, body, 0, 0, 360, label, -1)
    cv2.setRNGSeed(1)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(small, sketch, (0, 0, 1, 1), *models, 3, cv2.GC_INIT_WITH_MASK)
    person = np.isin(sketch, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_OPEN, np.ones((7, 7), np.uint8)))
    person = np.asarray(cv2.morphologyEx(person, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8)))
    soft = cv2.GaussianBlur(person.astype(np.float32), (0, 0), 1.2)
    return np.asarray(
        cv2.resize(soft, bgr.shape[1::-1], interpolation=cv2.INTER_LINEAR), np.float32
    )
