"""Encoding: one vector of one face, at one look or, where it matters, at several."""

import numpy as np

from recognition.face import Face, Pixels, Vector
from recognition.gallery import Matcher
from recognition.ports import FaceEngine

_ZOOMS = (0.94, 1.06)
"""How much nearer and further the looks of `careful` are; the source is in docs/recognition.md."""


def careful(bgr: Pixels, face: Face, engine: FaceEngine) -> Vector:
    """Return the mean vector of a face and its mirror image, nearer and further, of unit length.

    Four looks: what lies in the crop and not in the face averages out. Raises RecogniserFault when
    the engine breaks.
    """
    mirror = np.ascontiguousarray(bgr[:, ::-1])
    looks = [
        engine.embed(picture, turned.zoomed(zoom))
        for picture, turned in ((bgr, face), (mirror, face.mirrored(bgr.shape[1])))
        for zoom in _ZOOMS
    ]
    total = np.sum(looks, axis=0, dtype=np.float32)
    return np.asarray(total / np.float32(max(float(np.linalg.norm(total)), 1e-9)), np.float32)


def compared(bgr: Pixels, face: Face, engine: FaceEngine, matcher: Matcher) -> Vector:
    """Return the vector with which a face is compared: a careful one where one look is in doubt.

    Raises RecogniserFault when the engine breaks.
    """
    vector = engine.embed(bgr, face)
    return careful(bgr, face, engine) if matcher.doubts(vector) else vector
