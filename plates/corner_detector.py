"""Plates with their four corners, found by `clp_det.onnx` (a RetinaFace on MobileNet)."""

from functools import lru_cache

import cv2
import numpy as np

from models.errors import RecogniserFault
from plates.anchors import Found, Keep, anchors, decode
from plates.ports import Pixels
from plates.session import Session

LONG_SIDE = 960
"""Pixels to which a larger picture is shrunk; the shares read at 480, 640, 960 and 1280 are in
docs/plates.md."""

_LITTLE = 0.6
"""Shrinking less than to this share loses nothing by linear interpolation, five times as fast."""

_MEAN = (104.0, 117.0, 123.0)
_OUTPUTS = (4, 2, 8)

_grid = lru_cache(maxsize=8)(anchors)


class CornerDetector:
    """Finds plates; `content` is the network's file, proved by an inference here.

    Raises RecogniserFault when it is broken or another network.
    """

    def __init__(self, content: bytes, keep: Keep | None = None) -> None:
        self._keep = keep or Keep()
        self._net = Session(content, "plate detector")
        self.detect(np.zeros((64, 96, 3), np.uint8))

    def detect(self, bgr: Pixels) -> tuple[Found, ...]:
        """Return at most six plates of the picture, the surest first.

        The picture is shrunk to 960 pixels on its long side and never enlarged. Raises
        RecogniserFault when the network breaks.
        """
        height, width = bgr.shape[:2]
        scale = min(1.0, LONG_SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        how = cv2.INTER_LINEAR if scale > _LITTLE else cv2.INTER_AREA
        small = bgr if scale == 1 else cv2.resize(bgr, size, interpolation=how)
        blob = cv2.dnn.blobFromImage(small, 1.0, size, _MEAN, swapRB=False)
        grid = _grid(size[1], size[0])
        outputs = self._net.run(np.asarray(blob, np.float32))
        if [each.shape for each in outputs] != [(1, len(grid), wide) for wide in _OUTPUTS]:
            message = f"the plate detector gave {[each.shape for each in outputs]}"
            raise RecogniserFault(message, part="plates", advice="see docs/plates.md")
        boxes, scores, corners = outputs
        return decode((boxes[0], scores[0], corners[0]), grid, (width, height), self._keep)
