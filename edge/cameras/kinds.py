"""The table of source kinds: what a camera's `source` in the site file opens."""

from collections.abc import Callable
from pathlib import Path

from config.load import secret
from config.settings import Camera
from edge.cameras.av_stream import Login
from edge.cameras.folder import FolderSource
from edge.cameras.kiosk import KioskSource, Pushed
from edge.cameras.mjpeg import MjpegSource
from edge.cameras.rtsp import RtspSource
from edge.cameras.source import Opener, Source
from edge.cameras.usb import UsbSource
from edge.cameras.video_file import VideoFileSource
from edge.cameras.watch import Patience
from edge.latest import Latest
from models.errors import CameraFault, ConfigError

Clock = Callable[[], float]
Wait = Callable[[float], object]


def opener(camera: Camera, inlet: Latest[Pushed], clock: Clock, wait: Wait) -> Opener:
    """Return what opens `camera`; a password file is read at each opening.

    `inlet` is where a browser's pictures come in, `wait` sleeps for some seconds.
    """

    def opened() -> Source:
        kind, _, rest = camera.source.partition(":")
        match kind:
            case "rtsp" | "rtsps":
                return RtspSource(camera.source, _login(camera), clock)
            case "http" | "https":
                return MjpegSource(camera.source, _login(camera), clock)
            case "usb":
                return UsbSource(_number(camera), fps=camera.fps, clock=clock)
            case "file":
                return VideoFileSource(Path(rest), loop=camera.loop, clock=clock, wait=wait)
            case "folder":
                return FolderSource(
                    Path(rest),
                    repeat=camera.repeat,
                    loop=camera.loop,
                    fps=camera.fps,
                    clock=clock,
                    wait=wait,
                )
            case _:
                return KioskSource(inlet)

    return opened


def patience(camera: Camera) -> Patience:
    """Return how long `camera` is waited for: a browser may come back at any moment."""
    return Patience(back_off=1.0) if camera.source == "kiosk" else Patience()


def _login(camera: Camera) -> Login | None:
    if camera.user is None:
        return None
    try:
        password = secret(camera.password, camera.password_file)
    except ConfigError as error:
        advice = "make the password file readable for Kuahu"
        raise CameraFault(str(error), part="camera", advice=advice) from error
    return Login(camera.user, password or "")


def _number(camera: Camera) -> int:
    text = camera.source.removeprefix("usb:")
    if not text.isdecimal():
        advice = "write usb:0 for /dev/video0"
        message = f"source {camera.source!r} of camera {camera.id} names no USB camera; {advice}"
        raise CameraFault(message, part="camera", advice=advice)
    return int(text)
