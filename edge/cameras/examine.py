"""A few seconds' look at one camera: what it gives, what is needed, and what to do about it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Camera
from edge.cameras.capture import Capture, Phase, Sign
from edge.cameras.judge import ADVICE, PictureJudge
from edge.cameras.kinds import opener
from edge.cameras.kiosk import Pushed
from edge.cameras.notes import NotedCodes, NotedFaces, Notes
from edge.cameras.source import Picture
from edge.latest import Latest
from models.errors import RecogniserFault
from recognition.face import Pixels
from recognition.ports import CodeReader, FaceEngine

NEEDED_FACE = 60
"""Pixels across a face, below which it is taken for somebody passing by."""

NEEDED_MODULE = 3.0
"""Pixels per module of a QR code."""

NEEDED_WIDTH = 640
NEEDED_FPS = 5.0
ENOUGH_WIDTH = 1280
"""Pixels across a picture above which nothing is gained: it is shrunk before it is looked at."""

_CODECS = frozenset({"h264", "hevc", "mjpeg", "mjpg", "pictures", "jpeg", "yuyv", "yuy2", ""})


@dataclass(frozen=True, slots=True)
class Examined:
    """What a look at one camera gave; zeros and an empty codec where nothing was seen.

    `dated` says whether the age of its pictures is known, without which they open nothing;
    `unwell` is `black`, `frozen` or empty; `fault` says why it could not be opened or read.
    """

    camera: str
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0.0
    face_px: int = 0
    module_px: float = 0.0
    dated: bool = False
    unwell: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line for `kuahu doctor`: good, bad, or None for not seen; and what to do."""

    good: bool | None
    text: str
    advice: str = ""


def examine(
    camera: Camera,
    faces: FaceEngine | None,
    codes: CodeReader | None,
    clock: Callable[[], float],
    seconds: float = 5.0,
) -> Examined:
    """Return what `camera` shows within `seconds`; never raises for a camera that fails.

    A browser's camera is not opened: only its page can.
    """
    if camera.source == "kiosk":
        return Examined(camera.id, fault="it is a browser's: open the lane's screen to see it")
    pictures, stop = Latest[Picture](), threading.Event()
    opened = opener(camera, Latest[Pushed](), clock, stop.wait)
    until = clock() + seconds
    capture = Capture(camera.id, opened, lambda picture, _: pictures.put(picture), clock)
    look = _Look(faces, codes, clock)
    try:
        while clock() < until and capture.sign.phase in {Phase.OPENING, Phase.RUNNING}:
            picture = pictures.take(0.1)
            if picture is not None:
                look.at(picture, live=capture.sign.about.live)
    finally:
        capture.abandon()
        stop.set()
    return look.result(camera.id, capture.sign, seconds)


def findings(seen: Examined) -> tuple[Finding, ...]:
    """Return what is good and what is not, in the order in which to put it right."""
    if seen.width == 0:
        return (Finding(None if "browser" in seen.fault else False, seen.fault or "no picture"),)
    lines = [
        _codec(seen),
        _size(seen),
        _pace(seen),
        _age(seen),
        _enough("face", seen.face_px, NEEDED_FACE, "px wide", "stand before it and look again"),
        _enough(
            "code", seen.module_px, NEEDED_MODULE, "px a module", "hold a pass up and look again"
        ),
    ]
    if seen.unwell:
        lines.insert(
            0, Finding(good=False, text=f"{seen.unwell} picture", advice=ADVICE[seen.unwell])
        )
    if seen.fault:
        lines.insert(0, Finding(good=False, text=seen.fault))
    return tuple(lines)


class _Look:
    def __init__(
        self, faces: FaceEngine | None, codes: CodeReader | None, clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._notes = Notes(clock)
        self._faces = NotedFaces(faces, self._notes) if faces is not None else None
        self._codes = NotedCodes(codes, self._notes) if codes is not None else None
        self._judge = PictureJudge()
        self._unwell = ""
        self._dated = False
        self._began: float | None = None

    def at(self, picture: Picture, *, live: bool) -> None:
        now = self._clock()
        self._began = now if self._began is None else self._began
        self._dated |= picture.captured is not None
        self._unwell = (self._judge.judge(picture.pixels, now) or "") if live else ""
        self._measure(picture.pixels)

    def _measure(self, pixels: Pixels) -> None:
        try:
            if self._faces is not None:
                self._faces.detect(pixels)
            if self._codes is not None:
                self._codes.read(pixels)
        except RecogniserFault:
            # `doctor` looks at the engines by themselves; a camera is not to blame for them.
            self._faces = self._codes = None

    def result(self, camera: str, sign: Sign, seconds: float) -> Examined:
        about = sign.about
        span = self._clock() - self._began if self._began is not None else 0.0
        fault = str(sign.fault) if sign.fault is not None else ""
        if not fault and sign.phase is Phase.OPENING:
            fault = f"no picture in {seconds:g} s; check the camera's power and network cable"
        return Examined(
            camera=camera,
            codec=about.codec,
            width=about.width,
            height=about.height,
            fps=about.fps or (sign.pictures / span if span > 0 else 0.0),
            face_px=self._notes.face_px,
            module_px=self._notes.module_px,
            dated=self._dated,
            unwell=self._unwell,
            fault=fault,
        )


def _codec(seen: Examined) -> Finding:
    good = seen.codec in _CODECS
    advice = "" if good else "set the camera's stream to H.264"
    return Finding(good, f"codec {seen.codec or 'unknown'}", advice)


def _size(seen: Examined) -> Finding:
    text = f"size {seen.width} x {seen.height}"
    if seen.width < NEEDED_WIDTH:
        advice = f"choose a stream at least {NEEDED_WIDTH} pixels wide"
        return Finding(good=False, text=text, advice=advice)
    if seen.width > ENOUGH_WIDTH:
        advice = "the substream is enough and costs less (docs/cameras.md)"
        return Finding(good=True, text=text, advice=advice)
    return Finding(good=True, text=text)


def _pace(seen: Examined) -> Finding:
    good = seen.fps >= NEEDED_FPS
    advice = "" if good else f"set the camera to {NEEDED_FPS:g} or more; 10 to 15 is best"
    return Finding(good, f"{seen.fps:.1f} frames a second", advice)


def _age(seen: Examined) -> Finding:
    if seen.dated:
        return Finding(good=True, text="the age of its pictures is known")
    advice = "its pictures open nothing; choose RTSP, or more frames a second"
    return Finding(good=False, text="the age of its pictures is not known", advice=advice)


def _enough(what: str, found: float, needed: float, unit: str, missing: str) -> Finding:
    if found == 0:
        return Finding(None, f"no {what} seen; needed {needed:g} {unit}", missing)
    text = f"{what} {found:.3g} {unit}, needed {needed:g}"
    advice = "" if found >= needed else "mount the camera nearer, zoom in, or take the main stream"
    return Finding(found >= needed, text, advice)
