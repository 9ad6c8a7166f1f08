"""The scene: what a camera sees when nobody is near, and whether something now hides it.

A gate's camera stands still. A print or screen large enough to hide its own edges hides the gate's
surroundings too, and shows those of another place.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.face import Box, Pixels
from recognition.parallax import Small, correlation, shrunk

_LOOKS = 3
"""Looks at the empty scene before it is known."""
_NEW = 0.2
"""The share of every further look in what is remembered."""
_HIDDEN = 0.2
"""The correlation under which the scene is another one."""
_LEAST_SHARE = 0.15
_LEAST_TEXTURE = 2.0
_PERSON = 1.2
"""How far to each side of a face's middle a person reaches, in widths of the face."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What is remembered of one camera's scene; begin with `Scene()`."""

    small: Small | None = None
    looks: int = 0


def remember(before: Scene, bgr: Pixels) -> Scene:
    """Return the scene after a look at it with nobody near."""
    small, _ = shrunk(bgr)
    if before.small is None or before.small.shape != small.shape:
        return Scene(small, 1)
    mixed = before.small * np.float32(1 - _NEW) + small * np.float32(_NEW)
    return Scene(np.asarray(mixed, np.float32), before.looks + 1)


def is_hidden(scene: Scene, bgr: Pixels, faces: Iterable[Box]) -> bool | None:
    """Return whether something else is seen around `faces` than the scene that is remembered.

    None where that cannot be told: it is not known yet, has no texture, or the faces cover it.
    """
    small, scale = shrunk(bgr)
    if scene.small is None or scene.looks < _LOOKS or scene.small.shape != small.shape:
        return None
    clear = _clear(small.shape, scale, faces)
    if clear.sum() < _LEAST_SHARE * clear.size:
        return None
    known = scene.small[clear]
    if float(known.std()) < _LEAST_TEXTURE:
        return None
    return correlation(known, small[clear]) < _HIDDEN


def _clear(shape: tuple[int, ...], scale: float, faces: Iterable[Box]) -> NDArray[np.bool_]:
    """Return where no person with one of the faces can be: above and beside."""
    rows, columns = np.mgrid[0 : shape[0], 0 : shape[1]]
    clear = np.ones(shape[:2], np.bool_)
    for face in faces:
        x, y = face.centre
        beside = np.abs(columns - x * scale) > _PERSON * face.width * scale
        clear &= beside | (rows < (y - face.height) * scale)
    return np.asarray(clear, np.bool_)
