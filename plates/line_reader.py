"""Lines of text read by `ch_PP-OCRv4_rec_infer.onnx`, kept to the symbols that plates have."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from models.errors import RecogniserFault
from plates.ports import Pixels, Steps
from plates.session import Session

_HEIGHT, _LEAST_WIDTH = 48, 16
_ALPHABET = "character"


class MaskedReader:
    """Reads `symbols` and nothing else; `content` is the network's file, proved by an inference.

    Raises RecogniserFault when it is broken, another network, or does not know a symbol.
    """

    def __init__(self, content: bytes, symbols: str) -> None:
        self._net = Session(content, "plate reader")
        known = self._net.words.get(_ALPHABET, "").split("\n")
        unknown = sorted(set(symbols) - set(known))
        if unknown:
            message = f"the plate reader does not know the symbols {''.join(unknown)}"
            raise RecogniserFault(message, part="plates", advice="see docs/plates.md")
        self._symbols = symbols
        self._columns = np.array([0, *(1 + known.index(symbol) for symbol in symbols)])
        self.read([np.zeros((_HEIGHT, 168, 3), np.uint8)])

    @property
    def symbols(self) -> str:
        """The symbols of columns 1 and up."""
        return self._symbols

    def read(self, lines: Sequence[Pixels]) -> tuple[Steps, ...]:
        """Return the probabilities of each line, about one step for 8 of its 48 pixels' height.

        A line is stretched to that height, never padded. Lines are read one by one: on one thread a
        batch of four takes 1.4 times as long. Raises RecogniserFault when the network breaks.
        """
        return tuple(self._read(line) for line in lines)

    def _read(self, line: Pixels) -> Steps:
        (read,) = self._net.run(_tensor(line)[None])
        return np.ascontiguousarray(read[0][:, self._columns])


def _tensor(line: Pixels) -> Steps:
    height, width = line.shape[:2]
    size = max(_LEAST_WIDTH, math.ceil(_HEIGHT * width / height)), _HEIGHT
    stretched = line if size == (width, height) else cv2.resize(line, size)
    return stretched.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1.0
