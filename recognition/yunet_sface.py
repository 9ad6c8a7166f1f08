"""Faces with YuNet and SFace, both run by OpenCV; the one file that imports cv2 for faces.

YuNet: Wu, Peng and Yu 2023, "YuNet: a tiny millisecond-level face detector". SFace: Zhong et al.
2021, "SFace: sigmoid-constrained hypersphere loss". Weights from the OpenCV model zoo.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import cv2
import numpy as np
from numpy.typing import NDArray

from models.errors import RecogniserFault
from models.weights import WeightFile
from recognition.face import Box, Face, Pixels, Vector
from recognition.picture_shape import coloured
from recognition.sface_people import IMPOSTORS, MIDDLE, WEIGHTS
from recognition.threshold import Impostors
from recognition.weights import read_weights

LONG_SIDE = 640
"""Pixels to which a larger picture is shrunk before looking for faces."""

CLOSE_SIDE = 240
"""Pixels of the second look, for a face so close that the first one cannot see it whole."""

_FURTHEST = 1e6
"""Pixels from a picture's corner beyond which no point lies; NaN is beyond it too."""

CLOSE_SHARE = 0.25
"""The least share of the picture's height that a face of the second look must fill."""

_SCORE, _OVERLAP, _AT_MOST = 0.6, 0.3, 5000

_SIDE = 112
_PLACES = np.array(
    [
        (38.2946, 51.6963),
        (73.5318, 51.5014),
        (56.0252, 71.7366),
        (41.5493, 92.3655),
        (70.7299, 92.2041),
    ]
)
"""Where SFace was trained to find the five points, in its 112 x 112 picture."""

_DIMENSIONS = 128


class YuNet:
    """Finds faces and their five points.

    `weights` are the detector's; raises RecogniserFault when they are missing, wrong or broken.
    """

    def __init__(self, weights: WeightFile) -> None:
        content = np.frombuffer(read_weights(weights), np.uint8)
        cv2.setNumThreads(1)
        # OpenCV 5 warns at every load that its new engine ignores a target nobody asked for.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        with _translated("the face detector cannot be loaded"):
            self._net = cv2.FaceDetectorYN.create(
                "onnx",
                content,
                np.empty(0, np.uint8),
                (LONG_SIDE, LONG_SIDE),
                _SCORE,
                _OVERLAP,
                _AT_MOST,
            )
        self.detect(np.zeros((LONG_SIDE, LONG_SIDE, 3), np.uint8))

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        """Return every face in the picture, the largest first.

        The picture is shrunk to 640 pixels on its long side. Only when that finds nothing, it is
        looked at once more at 240, a seventh of the first look's cost, for one very close face.
        Raises InputError for what is no picture in colours, RecogniserFault when OpenCV breaks.
        """
        coloured(bgr)
        with _translated("the face detector broke"):
            found = self._look(bgr, LONG_SIDE)
            if not found and max(bgr.shape[:2]) > CLOSE_SIDE:
                tall = bgr.shape[0] * CLOSE_SHARE
                found = [face for face in self._look(bgr, CLOSE_SIDE) if face.box.height >= tall]
        return tuple(sorted(found, key=lambda face: -face.box.area))

    def _look(self, bgr: Pixels, long_side: int) -> list[Face]:
        height, width = bgr.shape[:2]
        scale = min(1.0, long_side / max(height, width))
        if scale < 1:
            size = max(1, round(width * scale)), max(1, round(height * scale))
            bgr = np.asarray(cv2.resize(bgr, size, interpolation=cv2.INTER_AREA), np.uint8)
        self._net.setInputSize((bgr.shape[1], bgr.shape[0]))
        _, rows = self._net.detect(np.ascontiguousarray(bgr))
        # OpenCV gives None, not an empty array, for a picture without faces.
        finite = np.asarray(rows, np.float64) if rows is not None else np.zeros((0, 15))
        finite = finite[np.isfinite(finite).all(axis=1)]
        finite[:, (0, 2, 4, 6, 8, 10, 12)] *= width / bgr.shape[1]
        finite[:, (1, 3, 5, 7, 9, 11, 13)] *= height / bgr.shape[0]
        return [_face(row.tolist()) for row in finite]


def _face(row: list[float]) -> Face:
    x, y, width, height, *points, score = row
    one, two, three, four, five = zip(points[::2], points[1::2], strict=True)
    return Face(Box(x, y, width, height), (one, two, three, four, five), score)


class YuNetSFace:
    """The default engine: YuNet finds, SFace tells apart. Vectors have 128 dimensions.

    `detector` and `embedder` are the weights; both are proved by an inference here. Raises
    RecogniserFault when weights are missing, wrong or broken, or are not those whose impostors
    were measured: such an engine never exists.
    """

    def __init__(self, detector: WeightFile, embedder: WeightFile) -> None:
        self._detector = YuNet(detector)
        content = np.frombuffer(read_weights(embedder), np.uint8)
        with _translated("SFace cannot be loaded"):
            self._net = cv2.dnn.readNetFromONNX(content)
        if embedder.sha256 != WEIGHTS:
            message = (
                f"how alike strangers look was measured with the weights {WEIGHTS[:12]}, and these "
                f"are {embedder.sha256[:12]}: no threshold is known for them"
            )
            advice = "measure them as docs/recognition.md says, or name the former weights again"
            raise RecogniserFault(message, part="faces", advice=advice)
        # Another middle makes other vectors, which may not be compared with these.
        measured = sha256(embedder.sha256.encode() + MIDDLE.astype("<f4").tobytes()).hexdigest()
        self._engine = f"yunet-sface:{measured[:12]}"
        self._forward(np.full((_SIDE, _SIDE, 3), 127, np.uint8))

    @property
    def engine(self) -> str:
        """The engine's name and the start of the sha256 of SFace's weights and MIDDLE."""
        return self._engine

    @property
    def impostors(self) -> Impostors:
        """How alike different people look to SFace."""
        return IMPOSTORS

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        """Return every face in the picture, the largest first (see YuNet.detect)."""
        return self._detector.detect(bgr)

    def embed(self, bgr: Pixels, face: Face) -> Vector:
        """Return the face's vector, float32 of unit length, MIDDLE taken away.

        The face is turned, scaled and moved so that its five points lie where SFace expects them.
        Raises InputError for what is no picture in colours, RecogniserFault when OpenCV breaks or
        the outcome is not finite.
        """
        coloured(bgr)
        with _translated("a face could not be aligned"):
            aligned = cv2.warpAffine(
                np.ascontiguousarray(bgr),
                similarity(np.array(face.points), _PLACES),
                (_SIDE, _SIDE),
                flags=cv2.INTER_LINEAR,
            )
        return self._forward(np.asarray(aligned, np.uint8))

    def _forward(self, aligned: Pixels) -> Vector:
        # SFace expects red, green, blue in 0..255: the order costs up to four points of accuracy.
        blob = np.ascontiguousarray(aligned[:, :, ::-1].transpose(2, 0, 1)[None], np.float32)
        with _translated("SFace broke"):
            self._net.setInput(blob, "data")
            raw = np.asarray(self._net.forward(), np.float32).reshape(-1)
        length = float(np.linalg.norm(raw))
        if raw.shape != (_DIMENSIONS,) or not np.isfinite(length) or length == 0:
            message = f"SFace gave {raw.shape} numbers of length {length}, not 128 finite ones"
            raise RecogniserFault(message, part="faces", advice="restart; check the memory")
        apart = raw / np.float32(length) - MIDDLE
        return np.asarray(apart / np.float32(np.linalg.norm(apart)), np.float32)


def similarity(points: NDArray[np.float64], places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the 2 x 3 matrix that turns, scales and moves `points` (n x 2) onto `places`.

    Least squares without shear or mirror: Umeyama 1991, "Least-squares estimation of
    transformation parameters between two point patterns". Raises RecogniserFault when all points
    are one, or one lies in no picture.
    """
    if not (np.abs(points) <= _FURTHEST).all():
        message = "a face whose points lie in no picture cannot be aligned"
        raise RecogniserFault(message, part="faces", advice="see docs/recognition.md")
    from_middle, to_middle = points.mean(axis=0), places.mean(axis=0)
    away, towards = points - from_middle, places - to_middle
    spread = float((away**2).sum()) / len(points)
    if not spread > 0:
        message = "a face whose five points are one point cannot be aligned"
        raise RecogniserFault(message, part="faces", advice="look at the camera's picture")
    left, sizes, right = np.linalg.svd(towards.T @ away / len(points))
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right))])
    turn = (left * signs) @ right
    scale = float((sizes * signs).sum()) / spread
    move = to_middle - scale * turn @ from_middle
    return np.column_stack([scale * turn, move])


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except cv2.error as error:
        message = f"{what}: OpenCV says {str(error).strip()[:200]!r}"
        raise RecogniserFault(message, part="faces", advice="see docs/recognition.md") from error
