"""Previews of one camera: packed when someone asks, at most five a second, shared by all."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from edge.cameras.picture_file import preview
from models.frame import Frame

GAP = 0.2
"""Seconds between two previews of one camera."""


@dataclass(frozen=True, slots=True)
class Shown:
    """One preview: the frame's number and its JPEG, empty where there is nothing newer yet."""

    number: int
    jpeg: bytes


class Previews:
    """Previews of one camera, whose newest frame `newest` returns; for any thread."""

    def __init__(self, newest: Callable[[], Frame | None], clock: Callable[[], float]) -> None:
        self._newest = newest
        self._clock = clock
        self._turn = threading.Lock()
        self._shown = Shown(0, b"")
        self._packed_at = float("-inf")

    def newest(self, after: int) -> Shown:
        """Return the newest preview, an empty one where it is not newer than number `after`.

        Raises CameraFault when the picture cannot be packed.
        """
        with self._turn:
            frame, now = self._newest(), self._clock()
            due = now - self._packed_at >= GAP
            if frame is not None and due and frame.number != self._shown.number:
                self._packed_at = now
                jpeg = preview(frame.pixels)  # type: ignore[arg-type] # our cameras give BGR arrays
                self._shown = Shown(frame.number, jpeg)
            shown = self._shown
        return shown if shown.number > after else Shown(shown.number, b"")
