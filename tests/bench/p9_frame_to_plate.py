"""P9: from a decoded 1280 x 720 frame with a plate in it to what vision says of the plate.

Ours is the whole way: shrinking, detector, corners, rectifying, reader, grammar, track, vote and
the guard's picture. The peer is the two networks alone, on tensors that were made beforehand.
"""

import cv2
import numpy as np

from config.weights import weight_files
from edge.demo.plate_paint import painted
from edge.demo.plate_view import Seen, placed, tilted
from edge.plate_engine import load_plates
from models.lane import Direction
from models.plate import Band, PlateKind
from plates.look import PlateLooker
from plates.session import Session
from plates.view import PlateView
from recognition.weights import read_weights
from tests.bench._blocks import BLOCKS, alternate, show, timed
from tests.bench._frames import scene
from tests.bench._row import About, Goal, Row

FRAMES = 15
TEXT = "粤B8C2L6"
INTERVAL = 0.2
HALF = (0.25, 0.25, 0.75, 1.0)


def main() -> None:
    """Print P9, and the same for a lane that has half of the picture."""
    frames = [_frame(number) for number in range(3)]
    whole, half = Gate(frames, (0.0, 0.0, 1.0, 1.0)), Gate(frames, HALF)
    models = Models(frames[1])
    for _ in range(3):
        whole.last()
        half.last()
        models.once()
    taken = alternate({"ours": whole.last, "models": models.once, "half": half.last}, FRAMES)
    n = BLOCKS * FRAMES
    peer = "clp_det 960x540 + PP-OCRv4 rec 168x48, the networks alone"
    unit = "our median / sum of the two models' times"
    show(
        Row(About("P9", peer, unit, "ms", n), Goal("<=", 1.2), *_both(taken, "ours")),
        Row(
            About("P9_half_picture", peer, f"{unit}; the lane has 640x540", "ms", n),
            Goal("<=", None),
            *_both(taken, "half"),
        ),
    )


def _both(taken: dict[str, list[float]], name: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return tuple(taken[name]), tuple(taken["models"])


def _frame(number: int) -> np.ndarray:
    frame = scene(3, number)
    cv2.rectangle(frame, (380, 180), (900, 640), (150, 148, 146), -1)
    plate = painted(TEXT, PlateKind.ORDINARY)
    where = tilted((640, 470 + 6 * number), 170 + 6 * number, 0.1, 0.03)
    return placed(frame, plate, where, Seen(seed=number))


class Gate:
    """Vision's look for plates, for one lane."""

    def __init__(self, frames: list[np.ndarray], region: tuple[float, float, float, float]) -> None:
        self._looker = PlateLooker("cam-1", (PlateView(1, Direction.ENTRY, region),), load_plates())
        self._frames, self._passages = frames, 0

    def last(self) -> float:
        """Return the milliseconds of the frame of a passage that its plate is told in."""
        self._passages += 1
        # A minute between two passages for the eyes, so that the same car is told again.
        captured = 60.0 * self._passages
        if self._looker.look(self._frames[0], captured):
            message = "a plate was told by one frame"
            raise RuntimeError(message)
        return timed(lambda: self._tell(captured + INTERVAL))

    def _tell(self, captured: float) -> None:
        (seen,) = self._looker.look(self._frames[1], captured)
        reading = seen.observation.reading
        assert (reading.text, reading.band) == (TEXT, Band.ACCEPT)


def _tensor(picture: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(picture.transpose(2, 0, 1)[None], np.float32)


class Models:
    """The networks alone."""

    def __init__(self, frame: np.ndarray) -> None:
        files = weight_files("plates")
        self._detector = Session(read_weights(files["detector"]), "plate detector")
        self._reader = Session(read_weights(files["reader"]), "plate reader")
        small = cv2.resize(frame, (960, 540)).astype(np.float32) - (104, 117, 123)
        self._picture = _tensor(small)
        self._line = _tensor(cv2.resize(small, (168, 48)) / 128)

    def once(self) -> float:
        """Return the milliseconds of one run of each."""
        return timed(lambda: self._detector.run(self._picture)) + timed(
            lambda: self._reader.run(self._line)
        )
