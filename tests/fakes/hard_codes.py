"""Frames in which a code is hard to read: too little light, or glare over it. Drawn, never stored.

How it gets dark and how it glares follows a camera: the scene's linear light is scaled, shot and
read noise are added, then the tone curve and eight bits. Glare adds light, so that what is over
the sensor's range is lost for good.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import qrcode
from PIL import Image

from recognition.face import Pixels

WIDE, HIGH = 960, 540
_GAMMA = 2.2


@dataclass(frozen=True)
class Hard:
    """One frame: what it shows and the text that the code in it holds."""

    pixels: Pixels
    text: str


def token(draw: np.random.Generator, length: int = 150) -> str:
    """Return a text as long as a pass, in the alphabet of passes."""
    letters = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"))
    return "KH1:" + "".join(draw.choice(letters, length))


def drawn(text: str, side: int) -> Pixels:
    """Return the code of `text`, about `side` pixels wide with its quiet zone, grey."""
    maker = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, box_size=10, border=4)
    maker.add_data(text)
    image = maker.make_image().get_image().convert("L")
    return np.asarray(image.resize((side, side), Image.Resampling.BOX), np.uint8)


def ground(draw: np.random.Generator) -> Pixels:
    """Return a frame without a code: soft shapes, some edges, none of them a code's."""
    coarse = draw.integers(30, 220, (6, 10), np.uint8)
    soft = cv2.resize(coarse, (WIDE, HIGH), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        x, y = int(draw.integers(0, WIDE)), int(draw.integers(0, HIGH))
        size = int(draw.integers(10, 120)), int(draw.integers(10, 120))
        shade = int(draw.integers(20, 235))
        cv2.rectangle(soft, (x, y), (x + size[0], y + size[1]), shade, -1)
    return np.asarray(cv2.GaussianBlur(soft, (0, 0), 1.2), np.uint8)


def held_up(draw: np.random.Generator, text: str) -> Pixels:
    """Return a frame in good light in which somebody holds the code up, tilted a little."""
    frame = ground(draw).astype(np.float32)
    side = int(draw.integers(150, 320))
    code = drawn(text, side).astype(np.float32) * 0.82 + 22
    corners = np.array([(0, 0), (side, 0), (side, side), (0, side)], np.float32)
    angle, centre = np.deg2rad(draw.uniform(-25, 25)), np.array((WIDE, HIGH)) / 2
    turn = np.array([(np.cos(angle), -np.sin(angle)), (np.sin(angle), np.cos(angle))])
    middle = centre + draw.uniform(-90, 90, 2) * (1.0, 0.6)
    placed = (corners - side / 2) @ turn.T + middle + draw.uniform(-0.05, 0.05, (4, 2)) * side
    warp = cv2.getPerspectiveTransform(corners, placed.astype(np.float32))
    mask = cv2.warpPerspective(np.ones_like(code), warp, (WIDE, HIGH))
    shown = cv2.warpPerspective(code, warp, (WIDE, HIGH))
    frame = frame * (1 - mask) + shown
    blurred = cv2.GaussianBlur(frame, (0, 0), float(draw.uniform(0.6, 1.1)))
    return np.clip(blurred, 0, 255).astype(np.uint8)


def darkened(draw: np.random.Generator, frame: Pixels) -> Pixels:
    """Return the frame as a camera gives it in next to no light: dim, and full of noise."""
    light = (frame / 255.0) ** _GAMMA * draw.uniform(0.01, 0.06)
    electrons = draw.poisson(light * draw.uniform(200, 2000)) + draw.normal(0, 2.0, frame.shape)
    gain = draw.uniform(1.0, 3.0) / 1000
    return _exposed(electrons * gain)


def dazzled(draw: np.random.Generator, frame: Pixels) -> Pixels:
    """Return the frame with a lamp's reflection over its middle and a veil of light over all."""
    light = (frame / 255.0) ** _GAMMA
    down, across = np.mgrid[0:HIGH, 0:WIDE].astype(np.float32)
    x, y = WIDE / 2 + draw.uniform(-170, 170), HIGH / 2 + draw.uniform(-120, 120)
    angle, long, short = draw.uniform(0, np.pi), draw.uniform(70, 260), draw.uniform(30, 90)
    along = (across - x) * np.cos(angle) + (down - y) * np.sin(angle)
    aside = -(across - x) * np.sin(angle) + (down - y) * np.cos(angle)
    spot = np.exp(-((along / long) ** 2) - (aside / short) ** 2)
    light = light * draw.uniform(0.6, 1.0) + draw.uniform(0.5, 1.5) * spot + draw.uniform(0, 0.12)
    return _exposed(light + draw.normal(0, 0.004, frame.shape))


def _exposed(light: np.ndarray) -> Pixels:
    grey = np.clip(light, 0, 1) ** (1 / _GAMMA) * 255
    return np.repeat(np.rint(grey).astype(np.uint8)[:, :, None], 3, axis=2)


def hard_frame(kind: str, seed: int) -> Hard:
    """Return one frame of a kind, `dark` or `glare`; the same for the same seed."""
    draw = np.random.default_rng((seed, len(kind)))
    text = token(draw)
    frame = held_up(draw, text)
    worsen = {"dark": darkened, "glare": dazzled}[kind]
    return Hard(worsen(draw, frame), text)
