"""Video from the network or from a file, decoded by PyAV; the one file that imports av."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit

import av
import numpy as np
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.cameras.source import About
from models.errors import CameraFault
from recognition.face import Pixels

OPEN_SECONDS = 2.0
READ_SECONDS = 2.0

_BAD_PACKETS = 50
_MAX_FPS = 120.0


@dataclass(frozen=True, slots=True)
class Login:
    """Who asks a camera for its pictures; the password shows in no repr."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(...)"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream is, for people: without login, query or fragment."""

    text: str

    @classmethod
    def of(cls, url: str) -> "Address":
        """Return what of `url` may stand in a log: scheme, host, port and path."""
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return cls(urlunsplit((parts.scheme, host, parts.path, "", "")))


class AvStream:
    """One open video stream.

    `url` may not hold a login; `login` is put into it only for the library. Raises CameraFault
    when nothing answers in 2 s, the login is refused, or there is no video that can be decoded.
    """

    def __init__(
        self,
        url: str,
        clock: Callable[[], float],
        *,
        login: Login | None = None,
        format_name: str | None = None,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self._address = Address.of(url)
        self._ready: deque[VideoFrame] = deque()
        self._held: VideoFrame | None = None
        self._bad = 0
        failure = None
        began = clock()
        try:
            self._container = av.open(
                _with_login(url, login),
                mode="r",
                format=format_name,
                options=dict(options or {}),
                timeout=(OPEN_SECONDS, READ_SECONDS),
            )
        except (FFmpegError, OSError, ValueError) as error:
            # A server that is silent in the middle of the opening is reported as bad data.
            failure = _SILENT if clock() - began >= OPEN_SECONDS else _why(error)
        # Raised out here, so that the library's error, which quotes the URL with the password, is
        # neither the cause nor the context of ours.
        if failure is not None:
            raise self._fault(failure)
        if not self._container.streams.video:
            self._container.close()
            raise self._fault(("it holds no video", "choose another source"))
        self._stream: VideoStream = self._container.streams.video[0]
        self._stream.codec_context.thread_count = 1
        self._packets: Iterator[Packet[VideoStream]] = self._container.demux(self._stream)

    @property
    def address(self) -> Address:
        """Where the stream is, fit for a log."""
        return self._address

    def about(self, *, live: bool) -> About:
        """Return codec, size and the frame rate that the stream claims (0.0: none)."""
        context = self._stream.codec_context
        claimed = self._stream.average_rate or self._stream.guessed_rate
        fps = float(claimed) if claimed else 0.0
        return About(
            codec=context.name,
            width=context.width,
            height=context.height,
            fps=fps if 0 < fps <= _MAX_FPS else 0.0,
            live=live,
        )

    def pull(self) -> bool:
        """Decode the next frame and hold it for `pts` and `pixels`; return False at the end.

        Raises CameraFault when nothing comes for 2 s, the connection is lost, or too much in a
        row cannot be decoded.
        """
        self._held = None
        while not self._ready:
            failure = None
            try:
                packet = next(self._packets, None)
            except (FFmpegError, OSError) as error:
                if isinstance(error, EOFError):
                    return False
                failure = _why(error)
            if failure is not None:
                raise self._fault(failure)
            if packet is None:
                return False
            self._decode(packet)
        self._held = self._ready.popleft()
        return True

    @property
    def pts(self) -> float | None:
        """The stamp of the held frame in seconds of the stream's own clock."""
        held = self._held
        if held is None or held.pts is None or held.time_base is None:
            return None
        return float(held.pts * held.time_base)

    def pixels(self) -> Pixels:
        """Return the held frame as BGR, h x w x 3."""
        assert self._held is not None, "pull() comes first"
        return np.asarray(self._held.to_ndarray(format="bgr24"), np.uint8)

    def close(self) -> None:
        """Close the connection or file."""
        with suppress(FFmpegError, OSError):
            self._container.close()

    def _decode(self, packet: "Packet[VideoStream]") -> None:
        try:
            frames = packet.decode()
        except (FFmpegError, OSError) as error:
            if isinstance(error, EOFError):
                return
            self._bad += 1
        else:
            self._ready.extend(frames)
            self._bad = 0 if frames else self._bad
        if self._bad > _BAD_PACKETS:
            advice = "set the camera's stream to H.264"
            raise self._fault((f"{self._bad} packets could not be decoded", advice))

    def _fault(self, why: tuple[str, str]) -> CameraFault:
        reason, advice = why
        message = f"{self._address.text}: {reason}; {advice}"
        return CameraFault(message, part="camera", advice=advice)


def _with_login(url: str, login: Login | None) -> str:
    if login is None:
        return url
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    name = f"{quote(login.user, safe='')}:{quote(login.password, safe='')}"
    return urlunsplit((parts.scheme, f"{name}@{host}", parts.path, parts.query, parts.fragment))


_SILENT = (f"no answer in {READ_SECONDS:g} s", "check the camera's power and network cable")

_REASONS: tuple[tuple[type[BaseException], str, str], ...] = (
    (
        av.error.HTTPUnauthorizedError,
        "it refuses this user and password",
        "check user and password of this camera in the site file",
    ),
    (
        av.error.HTTPForbiddenError,
        "it refuses this user",
        "give the user the right to watch live in the camera's own settings",
    ),
    (
        av.error.HTTPNotFoundError,
        "it knows no such stream",
        "check the path in source against docs/cameras.md",
    ),
    (av.error.ExitError, *_SILENT),
    (
        ConnectionRefusedError,
        "nothing listens there",
        "check host and port in source, and that the camera is on",
    ),
    (FileNotFoundError, "there is no such file", "check the path in source"),
    (
        av.error.InvalidDataError,
        "what it sends is no video",
        "check the path in source against docs/cameras.md",
    ),
)


def _why(error: BaseException) -> tuple[str, str]:
    """Return what went wrong and what to do, never any text that may quote the URL."""
    for kind, reason, advice in _REASONS:
        if isinstance(error, kind):
            return reason, advice
    said = getattr(error, "strerror", None) or type(error).__name__
    return str(said), "check the camera's power, network and address"
