"""Cameras that send MJPEG over HTTP."""

from collections.abc import Callable

from edge.cameras.av_stream import AvStream, Login
from edge.cameras.capture_time import UnstampedTime
from edge.cameras.source import About, Picture
from models.errors import CameraFault


class MjpegSource:
    """One MJPEG stream; raises CameraFault when it cannot be opened in some seconds."""

    def __init__(self, url: str, login: Login | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._stream = AvStream(url, clock, login=login, format_name="mpjpeg")
        self._time = UnstampedTime()

    def about(self) -> About:
        """Return codec and size; such a stream claims no true frame rate."""
        said = self._stream.about(live=True)
        return About(said.codec, said.width, said.height, 0.0, live=True)

    def read(self) -> Picture:
        """Return the next picture.

        Raises CameraFault when the stream stops.
        """
        asked = self._clock()
        if not self._stream.pull():
            message = f"{self._stream.address.text} was closed by the camera"
            raise CameraFault(message, part="camera", advice="it is opened again by itself")
        arrived = self._clock()
        return Picture(self._stream.pixels(), self._time.captured(arrived - asked, arrived))

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()
