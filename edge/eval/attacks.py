"""Attacks that no data holds: still faces and clips on prints and screens, moved before a camera.

A picture becomes a plane (or a bent sheet) in front of a pinhole camera whose focal length is the
frame's width; distances are in frame widths too. Pinhole model: Hartley and Zisserman 2004,
"Multiple view geometry in computer vision", chapter 6.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray

from models.movement import Movement
from recognition.face import Pixels

FPS = 10.0
STILL, MOVE, HOLD = 1.2, 0.7, 0.4
"""Seconds in which an attacker holds still, moves (and later moves back), and stays there."""
_FAR = 1.0
"""The distance at which the plane looks as its picture does."""
_COVERS = 2.2
"""How much larger than the frame a plane is whose edges are hidden; its rim is mirrored."""
_NEARER = 0.62
"""The distance to which a plane that comes closer comes."""
_TILT = math.radians(38)
_ROLL = math.radians(20)
_BENT = 0.34
"""The radius of a bent sheet; a face that fills a third of the frame is as wide as its radius."""


class Medium(StrEnum):
    """What shows the face."""

    PRINT = "print"
    SCREEN = "screen"


class Motion(StrEnum):
    """How it is moved to imitate the movement that was asked."""

    TILT = "tilt"
    SLIDE = "slide"
    ROLL = "roll"
    BEND = "bend"
    PLAY = "play"
    """It is not moved: the clip on it shows the movement."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of attack; `fits` are those that limits were chosen on, the others are reported."""

    medium: Medium
    motion: Motion
    hidden: bool
    """Whether the picture's edges lie outside of the frame."""
    fits: bool = False

    @property
    def name(self) -> str:
        """The kind in one word, such as `print_tilt_hidden`."""
        return f"{self.medium}_{self.motion}_{'hidden' if self.hidden else 'shown'}"


KINDS = (
    Kind(Medium.PRINT, Motion.TILT, hidden=False, fits=True),
    Kind(Medium.SCREEN, Motion.SLIDE, hidden=True, fits=True),
    Kind(Medium.PRINT, Motion.ROLL, hidden=False, fits=True),
    Kind(Medium.SCREEN, Motion.PLAY, hidden=False, fits=True),
    Kind(Medium.PRINT, Motion.TILT, hidden=True),
    Kind(Medium.PRINT, Motion.BEND, hidden=True),
    Kind(Medium.PRINT, Motion.SLIDE, hidden=True),
    Kind(Medium.SCREEN, Motion.TILT, hidden=True),
    Kind(Medium.SCREEN, Motion.ROLL, hidden=True),
    Kind(Medium.SCREEN, Motion.PLAY, hidden=True),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the plane is: turned about x, y and z (radians), moved (frame widths), and bent."""

    about_x: float = 0.0
    about_y: float = 0.0
    about_z: float = 0.0
    x: float = 0.0
    y: float = 0.0
    z: float = _FAR
    bent: bool = False


def attack(
    kind: Kind,
    shown: Sequence[Pixels],
    movement: Movement,
    behind: Pixels,
    seed: int,
) -> Iterator[tuple[float, Pixels]]:
    """Yield (seconds, frame) of one attack, each frame of the size of `behind`, BGR.

    `shown` is the still (one picture), or the clip at 10 frames a second; its first picture is
    shown until the movement begins, 1.2 s after the start. The same seed makes the same frames.
    """
    draw = np.random.default_rng(seed)
    whole = 2 * MOVE + HOLD if kind.motion is not Motion.PLAY else len(shown) / FPS
    gain, blur = draw.uniform(0.8, 1.2), draw.uniform(0.4, 1.1)
    tremor = draw.normal(0, 1, (3, 3)), draw.uniform(0, 6, (3, 3))
    pitch = draw.uniform(2.05, 2.35)
    for number in range(int((STILL + whole + STILL) * FPS)):
        at = number / FPS
        sheet = shown[min(len(shown) - 1, max(0, int((at - STILL) * FPS)))]
        place = _place(kind.motion, movement, _share(at - STILL), _shake(at, *tremor))
        frame = _seen(kind, _dressed(kind, sheet, behind.shape, pitch), behind, place)
        yield at, _taken(frame, gain, blur, draw)


def _share(since: float) -> float:
    """Return how far the movement has gone, 0 to 1: there, a hold, and back."""
    if since <= 0 or since >= 2 * MOVE + HOLD:
        return 0.0
    way = min(1.0, since / MOVE, (2 * MOVE + HOLD - since) / MOVE)
    return way * way * (3 - 2 * way)


def _shake(at: float, size: NDArray[np.float64], phase: NDArray[np.float64]) -> list[float]:
    """Return the tremor of a hand along x, y and z, about a hundredth of the frame."""
    speeds = np.array([3.1, 5.3, 7.9])
    return [float(v) for v in 0.003 * (size * np.sin(speeds * at + phase)).sum(axis=1)]


def _place(motion: Motion, movement: Movement, share: float, shake: list[float]) -> _Place:
    x, y, z = shake[0], shake[1], _FAR + shake[2]
    # The way that moves the nose furthest: perspective carries it towards the far side.
    side = {Movement.TURN_LEFT: -1.0, Movement.TURN_RIGHT: 1.0}.get(movement, 0.0)
    if motion is Motion.BEND:
        side = -side
    down = 1.0 if movement is Movement.NOD else 0.0
    if movement is Movement.CLOSER and motion is not Motion.PLAY:
        nearer = z - (_FAR - _NEARER) * share
        return _Place(x=x, y=y, z=nearer, bent=motion is Motion.BEND)
    match motion:
        case Motion.TILT:
            return _Place(
                about_x=-down * _TILT * share, about_y=side * _TILT * share, x=x, y=y, z=z
            )
        case Motion.BEND:
            tilt = -down * _TILT * share
            return _Place(about_x=tilt, about_y=side * _TILT * share, x=x, y=y, z=z, bent=True)
        case Motion.SLIDE:
            return _Place(x=x + 0.2 * side * share, y=y + 0.12 * down * share, z=z)
        case Motion.ROLL:
            return _Place(about_z=(side or down) * _ROLL * share, x=x, y=y, z=z)
        case Motion.PLAY:
            return _Place(x=x, y=y, z=z)


def _dressed(kind: Kind, sheet: Pixels, shape: tuple[int, ...], pitch: float) -> Pixels:
    """Return what the medium shows: brought to the frame's size, with its own colours and rim."""
    height, width = shape[:2]
    scale = max(width / sheet.shape[1], height / sheet.shape[0])
    size = round(sheet.shape[1] * scale), round(sheet.shape[0] * scale)
    large = cv2.resize(sheet, size, interpolation=cv2.INTER_AREA)
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    picture = large[top : top + height, left : left + width].astype(np.float32)
    if kind.medium is Medium.PRINT:
        picture = 22 + picture * 0.84
    else:
        picture = np.asarray(8 + 247 * (picture / 255) ** 1.15, np.float32)
        rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
        for colour in range(3):
            # The pixels of the screen, whose beat with those of the camera is the moire.
            grid = np.cos(2 * np.pi * (columns / pitch + colour / 3)) + np.cos(
                2 * np.pi * rows / pitch
            )
            picture[:, :, colour] *= 1 + 0.05 * grid
    if not kind.hidden:
        rim = max(4, width // 40)
        paint = 235 if kind.medium is Medium.PRINT else 18
        picture = np.pad(
            picture[rim:-rim, rim:-rim], ((rim, rim), (rim, rim), (0, 0)), constant_values=paint
        )
    return np.clip(picture, 0, 255).astype(np.uint8)


def _seen(kind: Kind, sheet: Pixels, behind: Pixels, place: _Place) -> Pixels:
    """Return the frame in which the camera sees the sheet at its place."""
    height, width = behind.shape[:2]
    u, v = _where(place, width, height)
    border = cv2.BORDER_REFLECT_101 if kind.hidden else cv2.BORDER_CONSTANT
    if not kind.hidden:
        # An attack whose edges show is held further away: about two thirds of the frame.
        u, v = u * 1.5 - width / 4, v * 1.5 - height / 4
    seen = cv2.remap(sheet, u, v, cv2.INTER_LINEAR, borderMode=border)
    if kind.hidden:
        return np.asarray(seen, np.uint8)
    inside = ((u >= 0) & (u <= width - 1) & (v >= 0) & (v <= height - 1))[:, :, None]
    return np.asarray(np.where(inside, seen, behind), np.uint8)


def _where(place: _Place, width: int, height: int) -> tuple[NDArray[np.float32], ...]:
    """Return which point of the sheet each pixel of the frame shows."""
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float64)
    flat = np.ones_like(rows)
    rays = np.stack([(columns - width / 2) / width, (rows - height / 2) / width, flat])
    if place.bent:
        u, v = _on_cylinder(place, rays)
    else:
        turn = _turn(place)
        middle = np.array([place.x, place.y, place.z])
        normal = turn[:, 2]
        depth = (normal @ middle) / np.einsum("i,ijk->jk", normal, rays)
        off = rays * depth - middle[:, None, None]
        u = np.einsum("i,ijk->jk", turn[:, 0], off)
        v = np.einsum("i,ijk->jk", turn[:, 1], off)
    half = _COVERS / 2
    u, v = np.clip(u, -half, half), np.clip(v, -half, half)
    return (
        (u * width + width / 2).astype(np.float32),
        (v * width + height / 2).astype(np.float32),
    )


def _on_cylinder(
    place: _Place, rays: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where each ray meets an upright cylinder whose near side is the sheet's middle.

    A sheet bent about an upright axis is turned by rolling it along itself, and tilted by leaning
    the rays instead. Rays that pass by it show its rim.
    """
    lean = place.about_x
    dy = rays[1] * math.cos(lean) + rays[2] * math.sin(lean)
    dz = -rays[1] * math.sin(lean) + rays[2] * math.cos(lean)
    dx = rays[0]
    axis_x, axis_z = place.x, place.z + _BENT
    a = dx**2 + dz**2
    b = -(dx * axis_x + dz * axis_z)
    c = axis_x**2 + axis_z**2 - _BENT**2
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    along = (-b - root) / a
    angle = np.arctan2(along * dx - axis_x, axis_z - along * dz)
    u = _BENT * (angle - place.about_y)
    v = along * dy - place.y - place.z * math.sin(lean)
    return u, v


def _turn(place: _Place) -> NDArray[np.float64]:
    (sx, cx), (sy, cy), (sz, cz) = (
        (math.sin(angle), math.cos(angle))
        for angle in (place.about_x, place.about_y, place.about_z)
    )
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_x @ about_y @ about_z)


def _taken(frame: Pixels, gain: float, blur: float, draw: np.random.Generator) -> Pixels:
    """Return the frame as a camera takes it: exposure, blur, noise and JPEG."""
    soft = cv2.GaussianBlur(frame, (0, 0), blur).astype(np.float32) * gain
    noisy = np.clip(soft + draw.normal(0, 2.0, frame.shape), 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 85])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
