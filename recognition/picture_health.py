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


class CodeLight(StrEnum):
    """What is wrong with the light on a code that could not be read."""

    GLARE = "glare"
    """A part of it is white: a lamp or the sun is mirrored, or the exposure is too long."""
    DARK = "dark"
    """It is dim: too little light, or a camera that exposes for something bright beside it."""


def light_of(grey: Pixels, module: float) -> CodeLight | None:
    """Return what is wrong with the light on the part of a picture (h x w) that holds a code.

    None if nothing is: then it is small, blurred or covered. `module` is the width of one of its
    modules in pixels; wherever six by six of them are all white, some were dark and are lost.
    """
    if float(np.quantile(grey[::2, ::2], 0.98)) < _DIM:
        return CodeLight.DARK
    side = max(1, min(round(_LOST * module), *grey.shape))
    rows, columns = grey.shape[0] // side, grey.shape[1] // side
    blocks = grey[: rows * side, : columns * side].reshape(rows, side, columns, side)
    if float((blocks.min(axis=(1, 3)) >= _WHITE).mean()) > _WHITE_SHARE:
        return CodeLight.GLARE
    return None


_DIM = 90
"""Hardly anything in a dim part is lighter: a code's paper is nearly white in good light."""

_LOST = 6
"""Modules a side: the mask of a code leaves no light square as large."""

_WHITE, _WHITE_SHARE = 252, 0.01


@dataclass(frozen=True, slots=True)
class UnreadRules:
    """When codes that were not read are worth a word."""

    least: int = 5
    """Looks at codes in the same bad light without one that was read in between."""
    within: float = 60.0
    """Seconds in which they must fall."""
    stands: float = 900.0
    """Seconds for which the word stands after the last of them."""


@dataclass(frozen=True, slots=True)
class Unread:
    """The codes of one camera that bad light kept from being read; begin with `Unread()`.

    `times` are seconds of CLOCK_MONOTONIC, the newest last; `light` is what was wrong with them.
    """

    light: CodeLight | None = None
    times: tuple[float, ...] = ()


def unread(before: Unread, light: CodeLight | None, at: float, rules: UnreadRules) -> Unread:
    """Return what to remember after a look that saw a code and could not read it.

    A code in good light was held badly, which says nothing of the light.
    """
    if light is None:
        return before
    times = before.times if light is before.light else ()
    return Unread(light, (*times, at)[-rules.least :])


def advice(now: float, remembered: Unread, rules: UnreadRules) -> CodeLight | None:
    """Return what the light keeps doing to codes, None if nothing."""
    times = remembered.times
    if len(times) < rules.least or times[-1] - times[0] > rules.within:
        return None
    return remembered.light if 0 <= now - times[-1] <= rules.stands else None
