"""A face engine for painted pictures: a person is a rectangle whose blue says who it is."""

import numpy as np

from recognition.face import Box, Face, Pixels, Vector
from recognition.threshold import Impostors

_FIRST, _MOST = 100, 100


def paint(picture: Pixels, person: int, box: Box) -> None:
    """Paint `person` (0 to 99) into the picture, with a texture that passes for a sharp face."""
    x, y, width, height = int(box.x), int(box.y), int(box.width), int(box.height)
    texture = np.random.default_rng(person).integers(40, 220, (height, width, 2))
    picture[y : y + height, x : x + width, 0] = _FIRST + person
    picture[y : y + height, x : x + width, 1:] = texture


def vector_of(person: int, likeness: float = 1.0) -> Vector:
    """Return the person's vector, or one whose cosine to it is `likeness`."""
    draw = np.random.default_rng(1000 + person)
    own = draw.standard_normal(128)
    own /= np.linalg.norm(own)
    other = draw.standard_normal(128)
    other -= (other @ own) * own
    other /= np.linalg.norm(other)
    return np.asarray(likeness * own + np.sqrt(1 - likeness**2) * other, np.float32)


class PaintedFaces:
    """Finds painted people on a black ground and tells them apart; people are nothing alike."""

    engine = "painted:000000000000"
    impostors = Impostors(mean=0.085, deviation=0.09, floor=0.45)

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        """Return every painted person, the largest first."""
        people = np.unique(bgr[:, :, 0][bgr[:, :, 0] >= _FIRST])
        faces = [_face(bgr, int(blue)) for blue in people if blue < _FIRST + _MOST]
        return tuple(sorted(faces, key=lambda face: -face.box.area))

    def embed(self, bgr: Pixels, face: Face) -> Vector:
        """Return the vector of the person in the middle of the face."""
        x, y = face.box.centre
        return vector_of(int(bgr[int(y), int(x), 0]) - _FIRST)


def _face(bgr: Pixels, blue: int) -> Face:
    rows, columns = np.nonzero(bgr[:, :, 0] == blue)
    x, y = float(columns.min()), float(rows.min())
    width, height = float(columns.max()) - x + 1, float(rows.max()) - y + 1
    right_eye, left_eye = (x + 0.3 * width, y + 0.4 * height), (x + 0.7 * width, y + 0.4 * height)
    nose = x + 0.5 * width, y + 0.6 * height
    mouth = (x + 0.35 * width, y + 0.8 * height), (x + 0.65 * width, y + 0.8 * height)
    return Face(Box(x, y, width, height), (right_eye, left_eye, nose, *mouth), 0.95)
