"""USB cameras through Video4Linux."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from edge.cameras.capture_time import StampedTime
from edge.cameras.source import About, Picture
from models.errors import CameraFault

_WIDTH, _HEIGHT = 1280, 720


class UsbSource:
    """The camera /dev/video`number`, asked for at most `fps` frames a second.

    Raises CameraFault when it is not there or busy.
    """

    def __init__(self, number: int, *, fps: float, clock: Callable[[], float]) -> None:
        self._number = number
        self._clock = clock
        self._time = StampedTime()
        if not Path(f"/dev/video{number}").exists():
            advice = "plug it in, or name another one, such as usb:1"
            message = f"usb:{number} is not there; {advice}"
            raise CameraFault(message, part="camera", advice=advice)
        # V4L2 is named outright: the search for other back ends writes to stderr and takes seconds.
        self._capture = cv2.VideoCapture(number, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            self._capture.release()
            advice = "plug it in; close other programs that use it; or try usb:1"
            message = f"usb:{number} cannot be opened; {advice}"
            raise CameraFault(message, part="camera", advice=advice)
        # Without MJPEG most USB cameras give 5 frames a second at this size.
        self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, _WIDTH)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, _HEIGHT)
        self._capture.set(cv2.CAP_PROP_FPS, fps)
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)

    def about(self) -> About:
        """Return what the driver says."""
        code = int(self._capture.get(cv2.CAP_PROP_FOURCC))
        letters = bytes(code >> shift & 0xFF for shift in (0, 8, 16, 24))
        return About(
            codec=letters.decode("ascii", "replace").strip("\0 ").lower(),
            width=int(self._capture.get(cv2.CAP_PROP_FRAME_WIDTH)),
            height=int(self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)),
            fps=max(0.0, self._capture.get(cv2.CAP_PROP_FPS)),
        )

    def read(self) -> Picture:
        """Return the next picture; the driver's stamp, where it gives one, tells its age.

        Raises CameraFault when the camera was pulled out.
        """
        ok, pixels = self._capture.read()
        if not ok or pixels is None:
            advice = "plug it in again; use a shorter cable"
            message = f"usb:{self._number} stopped; {advice}"
            raise CameraFault(message, part="camera", advice=advice)
        arrived = self._clock()
        stamp = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        captured = self._time.captured(stamp, arrived) if stamp > 0 else arrived
        return Picture(np.asarray(pixels, np.uint8), captured)

    def close(self) -> None:
        """Let go of the device."""
        self._capture.release()
