"""A video file that stands in for a camera, shown at its own pace."""

from collections.abc import Callable
from pathlib import Path

from edge.cameras.av_stream import AvStream
from edge.cameras.pace import Pace
from edge.cameras.source import About, Picture


class VideoFileSource:
    """The frames of the video at `path`, each at its time, once or again and again.

    `wait` sleeps for some seconds. A frame counts as captured when it is due, so that frames shown
    late are old. Raises CameraFault when the file is missing or holds no video.
    """

    def __init__(
        self, path: Path, *, loop: bool, clock: Callable[[], float], wait: Callable[[float], object]
    ) -> None:
        self._path = path
        self._loop = loop
        self._clock = clock
        self._pace = Pace(clock, wait)
        self._stream = AvStream(str(path), clock)

    def about(self) -> About:
        """Return codec, size and the file's frame rate."""
        return self._stream.about(live=False)

    def read(self) -> Picture | None:
        """Return the next frame at its time, or None after the last one.

        Raises CameraFault when the file cannot be read any more.
        """
        if not self._stream.pull():
            if not self._loop:
                return None
            self._stream.close()
            self._stream = AvStream(str(self._path), self._clock)
            self._pace.again()
            if not self._stream.pull():
                return None
        due = self._pace.until(self._stream.pts or 0.0)
        return Picture(self._stream.pixels(), min(due, self._clock()))

    def close(self) -> None:
        """Close the file."""
        self._stream.close()
