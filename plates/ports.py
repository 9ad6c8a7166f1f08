"""What plate reading needs of its engines. Adapters satisfy these by shape, one file each."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from plates.anchors import Found

Pixels = NDArray[np.uint8]
"""A picture: h x w x 3 in the order blue, green, red."""

Steps = NDArray[np.float32]
"""What a reader sees in one line of text: steps x symbols, each the probability of a symbol.

Column 0 is the blank of connectionist temporal classification, column i the i-th symbol."""


class PlateDetector(Protocol):
    """Finds plates with their four corners; not safe for two threads at once."""

    def detect(self, bgr: Pixels) -> tuple[Found, ...]:
        """Return every plate of the picture, the surest first.

        Raises RecogniserFault when the engine breaks.
        """


class LineReader(Protocol):
    """Reads lines of text as probabilities of its symbols; not safe for two threads at once."""

    @property
    def symbols(self) -> str:
        """The symbols of columns 1 and up."""

    def read(self, lines: Sequence[Pixels]) -> tuple[Steps, ...]:
        """Return the probabilities of each picture of a line.

        Raises RecogniserFault when the engine breaks.
        """
