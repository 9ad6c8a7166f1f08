"""Picture health: whether a live camera still sees anything, or repeats, or is dark or covered."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from recognition.face import Pixels


class PictureFault(StrEnum):
    """What is wrong with a live picture."""

    FROZEN = "frozen"
    """The same pixels over and over: the camera or its encoder stopped, the stream did not."""
    DARK = "dark"
    """Next to no light reaches the sensor, or the picture is black."""
    COVERED = "covered"
    """One flat tone: something hangs before the lens."""


@dataclass(frozen=True, slots=True)
class HealthRules:
    """How long a fault must last before it is one; levels are grey, 0 to 255."""

    frozen_after: float = 5.0
    """Seconds of identical pixels; a live sensor's noise changes some in every frame."""
    blind_after: float = 3.0
    dark_level: float = 12.0
    """Nine tenths of a dark picture are below this."""
    flat_deviation: float = 4.0
    """The grey of a covered picture deviates less than this."""


@dataclass(frozen=True, slots=True)
class Health:
    """What is remembered of a camera's pictures; begin with `Health()`.

    `same_since` is since when the pixels are those of `digest`, `blind_since` since when `blind`
    holds; seconds of CLOCK_MONOTONIC.
    """

    digest: int | None = None
    same_since: float = 0.0
    blind: PictureFault | None = None
    blind_since: float = 0.0


def examine(
    before: Health, bgr: Pixels, captured: float, rules: HealthRules
) -> tuple[Health, PictureFault | None]:
    """Return what to remember, and what is wrong with this live picture, None if nothing is.

    A frozen picture must not be looked at: whoever it shows is no longer there. Not for pictures
    that may stand still by right, such as a folder's or a demo's.
    """
    digest = hash(np.ascontiguousarray(bgr[::4]).tobytes())
    same = digest == before.digest and captured >= before.same_since
    same_since = before.same_since if same else captured
    blind = _blind(bgr, rules)
    still_blind = blind is not None and blind is before.blind and captured >= before.blind_since
    blind_since = before.blind_since if still_blind else captured
    after = Health(digest, same_since, blind, blind_since)
    if captured - same_since >= rules.frozen_after:
        return after, PictureFault.FROZEN
    if blind is not None and captured - blind_since >= rules.blind_after:
        return after, blind
    return after, None


def _blind(bgr: Pixels, rules: HealthRules) -> PictureFault | None:
    green = bgr[::8, ::8, 1]
    if float(np.quantile(green, 0.9)) < rules.dark_level:
        return PictureFault.DARK
    if float(green.std()) < rules.flat_deviation:
        return PictureFault.COVERED
    return None
