"""What recognition needs of its engines. Adapters satisfy these by shape, one file each."""

from dataclasses import dataclass
from typing import Protocol

from recognition.face import Box, Face, Pixels, Point, Vector
from recognition.threshold import Impostors


class FaceEngine(Protocol):
    """Finds faces and turns each into a vector; not safe for two threads at once."""

    @property
    def engine(self) -> str:
        """The name and the start of the weights' sha256; only equal names may be compared."""

    @property
    def impostors(self) -> Impostors:
        """How alike different people look to this engine, as measured."""

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        """Return every face in the picture, the largest first.

        Raises RecogniserFault when the engine breaks.
        """

    def embed(self, bgr: Pixels, face: Face) -> Vector:
        """Return the face's vector, float32 of unit length.

        Raises RecogniserFault when the engine breaks or gives anything but finite numbers.
        """


class LivenessRater(Protocol):
    """Says how much a face in one picture looks alive; not safe for two threads at once."""

    @property
    def name(self) -> str:
        """The name and the start of the weights' sha256."""

    def rate(self, bgr: Pixels, box: Box) -> float:
        """Return how much the face in `box` looks alive, 0 to 1.

        Raises RecogniserFault when the engine breaks.
        """


@dataclass(frozen=True, slots=True)
class CodeRead:
    """One code in a picture: its text exactly as stored, and its corners in pixels."""

    text: str
    corners: tuple[Point, Point, Point, Point]


class CodeReader(Protocol):
    """Finds QR codes and reads their text; not safe for two threads at once."""

    def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
        """Return every QR code that could be read whole.

        Raises RecogniserFault when the engine breaks.
        """
