"""Painted plates as a camera would see them: at an angle, from afar, out of focus, in noise."""

from dataclasses import dataclass

import cv2
import numpy as np

from plates.quad import Quad
from recognition.face import Pixels


@dataclass(frozen=True, slots=True)
class Seen:
    """What the camera does to a plate: blur in pixels, noise and light in grey levels."""

    blur: float = 0.6
    noise: float = 4.0
    light: float = 0.0
    seed: int = 0


def placed(scene: Pixels, plate: Pixels, quad: Quad, seen: Seen | None = None) -> Pixels:
    """Return `scene` (BGR) with the plate on the quadrilateral, which may lie partly outside.

    The same seed gives the same noise.
    """
    seen = seen or Seen()
    high, wide = plate.shape[:2]
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], np.float32)
    turn = cv2.getPerspectiveTransform(corners, np.array(quad.corners, np.float32))
    size = scene.shape[1], scene.shape[0]
    # Softened first to what the small image can hold, as a lens does.
    shrink = max(0.0, wide / max(quad.width, 1.0) / 2 - 0.5)
    soft = cv2.GaussianBlur(plate, (0, 0), shrink) if shrink > 0 else plate
    flat = cv2.warpPerspective(soft, turn, size, flags=cv2.INTER_LINEAR)
    cover = cv2.warpPerspective(np.full((high, wide), 255, np.uint8), turn, size)[..., None] / 255.0
    mixed = scene * (1 - cover) + (flat + seen.light) * cover
    if seen.blur > 0:
        mixed = cv2.GaussianBlur(mixed, (0, 0), seen.blur)
    grain = np.random.default_rng(seen.seed).normal(0.0, seen.noise, mixed.shape)
    return np.asarray(np.clip(mixed + grain, 0, 255), np.uint8)


def tilted(centre: tuple[float, float], width: float, turn: float = 0.0, lean: float = 0.0) -> Quad:
    """Return where a plate of one row stands: `turn` shrinks its right edge, `lean` lowers it.

    Both are shares of its height or width; a plate of one row is 440 x 140.
    """
    height = width * 140 / 440
    x, y = centre
    half, up = width / 2, height / 2
    drop, less = lean * width / 2, turn * up
    return Quad(
        (x - half, y - up - drop),
        (x + half, y - up + less + drop),
        (x + half, y + up - less + drop),
        (x - half, y + up - drop),
    )
