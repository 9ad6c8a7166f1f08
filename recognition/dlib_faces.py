"""Faces with dlib's 5 points and ResNet, an optional engine; the one file that imports dlib.

Faces are found by YuNet: dlib's own detector finds one in five whose lower half is covered. Needs
the extra `dlib`. King 2009, "Dlib-ml: a machine learning toolkit", and the models of dlib-models.
The 68-point model is never opened: its licence forbids commercial use.
"""

import numpy as np

from models.errors import RecogniserFault
from models.weights import WeightFile
from recognition.face import Box, Face, Pixels, Vector
from recognition.picture_shape import coloured
from recognition.threshold import Impostors
from recognition.weights import read_weights
from recognition.yunet_sface import YuNet

DLIB_IMPOSTORS = Impostors(mean=0.85, deviation=0.0254, floor=0.953)
"""Fitted on strangers; see docs/recognition.md."""

_DIMENSIONS = 128

_FURTHEST = 1e6
"""Pixels from a picture's corner beyond which no face lies; NaN is beyond it too."""

_LOWER, _HALF = 0.071, 0.419
"""dlib's own square box as shares of YuNet's height: how much lower it lies, and half its side."""


class DlibFaces:
    """The optional engine: YuNet finds, dlib's ResNet tells apart. Vectors have 128 dimensions.

    Raises RecogniserFault when the extra is not installed, or weights are missing, wrong or broken.
    """

    def __init__(self, detector: WeightFile, points: WeightFile, embedder: WeightFile) -> None:
        advice = "install the extra dlib, or set engine = 'yunet-sface'"
        try:
            import dlib  # noqa: PLC0415 - an extra, imported where it is chosen
        except ImportError as error:
            message = f"the face engine dlib cannot be loaded ({error}); {advice}"
            raise RecogniserFault(message, part="faces", advice=advice) from error
        self._detector = YuNet(detector)
        # dlib reads models from a path only, so the content is checked just before.
        for weights in (points, embedder):
            read_weights(weights)
        self._rectangle = dlib.rectangle
        try:
            self._points = dlib.shape_predictor(str(points.path))
            self._net = dlib.face_recognition_model_v1(str(embedder.path))
        except RuntimeError as error:
            message = f"dlib's models cannot be loaded: {error}; {advice}"
            raise RecogniserFault(message, part="faces", advice=advice) from error
        self._engine = f"dlib:{embedder.sha256[:12]}"
        eyes = ((60.0, 70.0), (100.0, 70.0))
        middle = Face(Box(40, 40, 80, 100), (*eyes, (80, 95), (65, 115), (95, 115)), 1.0)
        self.embed(np.full((160, 160, 3), 127, np.uint8), middle)

    @property
    def engine(self) -> str:
        """The engine's name and the start of the ResNet's sha256."""
        return self._engine

    @property
    def impostors(self) -> Impostors:
        """How alike different people look to dlib, by cosine."""
        return DLIB_IMPOSTORS

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        """Return every face in the picture, the largest first (see YuNet.detect)."""
        return self._detector.detect(bgr)

    def embed(self, bgr: Pixels, face: Face) -> Vector:
        """Return the face's vector, float32 scaled to unit length.

        Raises InputError for what is no picture in colours, RecogniserFault when dlib breaks or the
        outcome is not finite.
        """
        coloured(bgr)
        x, y = face.box.centre
        y += _LOWER * face.box.height
        half = _HALF * face.box.height
        edges = (x - half, y - half, x + half, y + half)
        if not all(abs(edge) <= _FURTHEST for edge in edges):
            message = f"a face between {edges} lies in no picture and cannot be aligned"
            raise RecogniserFault(message, part="faces", advice="see docs/recognition.md")
        sides = (round(edge) for edge in edges)
        rgb = np.ascontiguousarray(bgr[:, :, ::-1])
        try:
            shape = self._points(rgb, self._rectangle(*sides))
            raw = np.array(self._net.compute_face_descriptor(rgb, shape), np.float32)
        except RuntimeError as error:
            message = f"dlib broke on a face: {error}"
            raise RecogniserFault(
                message, part="faces", advice="see docs/recognition.md"
            ) from error
        length = float(np.linalg.norm(raw))
        if raw.shape != (_DIMENSIONS,) or not np.isfinite(length) or length == 0:
            message = f"dlib gave {raw.shape} numbers of length {length}, not 128 finite ones"
            raise RecogniserFault(message, part="faces", advice="restart; check the memory")
        return raw / np.float32(length)
