"""Network cameras that speak RTSP or RTSPS, over TCP."""

from collections.abc import Callable
from dataclasses import replace

from edge.cameras.av_stream import AvStream, Login
from edge.cameras.capture_time import StampedTime
from edge.cameras.source import About, Picture
from models.errors import CameraFault

AT_MOST_FPS = 15.0
"""Frames a second that are unpacked to pixels; more would only warm the processor."""

_MEASURED_AFTER = 15

_OPTIONS = {"rtsp_transport": "tcp", "fflags": "nobuffer", "analyzeduration": "1000000"}


class RtspSource:
    """One RTSP stream; raises CameraFault when it cannot be opened in some seconds."""

    def __init__(self, url: str, login: Login | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stream = AvStream(url, clock, login=login, options=_OPTIONS)
        self._time = StampedTime()
        self._unpacked = float("-inf")
        self._seen: list[float] = []

    def about(self) -> About:
        """Return codec and size; the frame rate is measured by the stamps where none is claimed."""
        said = self._stream.about(live=True)
        if len(self._seen) < _MEASURED_AFTER:
            return said
        span = self._seen[-1] - self._seen[0]
        return replace(said, fps=(len(self._seen) - 1) / span) if span > 0 else said

    def read(self) -> Picture:
        """Return the next frame that is due; every frame's stamp counts for the capture time.

        Raises CameraFault when the stream stops.
        """
        while True:
            if not self._stream.pull():
                message = f"{self._stream.address.text} was closed by the camera"
                raise CameraFault(message, part="camera", advice="it is opened again by itself")
            arrived = self._clock()
            pts = self._stream.pts
            captured = self._time.captured(pts, arrived)
            self._count(pts)
            if arrived - self._unpacked >= 1 / AT_MOST_FPS - 0.01:
                self._unpacked = arrived
                return Picture(self._stream.pixels(), captured)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def _count(self, pts: float | None) -> None:
        if pts is not None:
            if self._seen and pts < self._seen[-1]:
                self._seen.clear()
            self._seen = [*self._seen[-29:], pts]
