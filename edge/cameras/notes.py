"""What a camera's faces and codes measured lately: is it near and sharp enough?"""

from collections import deque
from collections.abc import Callable
from statistics import median

from edge.cameras.module_width import module_width
from recognition.face import Face, Pixels, Vector
from recognition.picture_health import CodeLight, Unread, UnreadRules, advice, unread
from recognition.ports import CodeRead, CodeReader, FaceEngine
from recognition.threshold import Impostors

LATELY = 60.0
"""Seconds for which a face counts."""

_MOST = 50
_UNREAD = UnreadRules()


class Notes:
    """Sizes of faces and codes before one camera; written by one thread, read by any."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._faces: deque[tuple[float, float]] = deque(maxlen=_MOST)
        self._module = 0.0
        self._unread = Unread()

    def faces(self, found: tuple[Face, ...]) -> None:
        """Note the widths of these faces."""
        now = self._clock()
        self._faces.extend((now, face.box.width) for face in found)

    def codes(self, found: tuple[CodeRead, ...]) -> None:
        """Note the module width of these codes."""
        for code in found:
            self._module = module_width(code)
        if found:
            self._unread = Unread()

    def unread(self, light: CodeLight | None) -> None:
        """Note that a code was seen and not read, and what is wrong with its light."""
        self._unread = unread(self._unread, light, self._clock(), _UNREAD)

    @property
    def face_px(self) -> int:
        """The median width of the faces of the last minute in pixels, 0 where there was none."""
        since = self._clock() - LATELY
        widths = [width for at, width in tuple(self._faces) if at >= since]
        return round(median(widths)) if widths else 0

    @property
    def module_px(self) -> float:
        """The pixels per module of the last code, 0.0 where there was none."""
        return self._module

    @property
    def advice(self) -> str:
        """What the light keeps doing to codes: `glare`, `dark` or empty."""
        return advice(self._clock(), self._unread, _UNREAD) or ""


class NotedFaces:
    """A face engine that notes how wide the faces before one camera are."""

    def __init__(self, inner: FaceEngine, notes: Notes) -> None:
        self._inner = inner
        self._notes = notes

    @property
    def engine(self) -> str:
        """The inner engine's name."""
        return self._inner.engine

    @property
    def impostors(self) -> Impostors:
        """The inner engine's impostors."""
        return self._inner.impostors

    def detect(self, bgr: Pixels) -> tuple[Face, ...]:
        """Return what the inner engine finds, noted."""
        found = self._inner.detect(bgr)
        self._notes.faces(found)
        return found

    def embed(self, bgr: Pixels, face: Face) -> Vector:
        """Return the inner engine's vector."""
        return self._inner.embed(bgr, face)


class NotedCodes:
    """A code reader that notes how large the modules before one camera are."""

    def __init__(self, inner: CodeReader, notes: Notes) -> None:
        self._inner = inner
        self._notes = notes

    def read(self, pixels: Pixels) -> tuple[CodeRead, ...]:
        """Return what the inner reader reads, noted."""
        found = self._inner.read(pixels)
        self._notes.codes(found)
        return found
