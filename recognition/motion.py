"""The motion gate: whether a picture changed enough to be worth a look, and how often at most."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from recognition.face import Pixels

_STEP, _BLOCK = 4, 8
_PEDESTAL = 4.0

STEPPED = 10.0
"""Grey levels by which one block's mean must change; a still camera's noise moves it by under 2."""

OVER_NOISE = 8.0
"""Or so many times what blocks usually change by: in the dark noise alone moves them by more."""

NOISIEST = 5.0
"""More than noise ever moves the usual block by: whoever fills the picture is no noise."""

LAMP = 25.0
"""Grey levels by which everything must change at once to be a lamp: one comes on for somebody."""

LOOK_ANYWAY = 1.0
"""Seconds after which even an unchanged picture is looked at: someone may be standing still."""

KEEP_LOOKING = 1.0
"""Seconds for which a change keeps the gate open."""

RATE, SAVED = 10.0, 30.0
"""Looks a second that a camera may have for long, and how many it may have saved up: whoever comes
is looked at on every frame, whoever stays and stays no more often than this."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What the gate remembers; begin with `Motion()`. Times are seconds of CLOCK_MONOTONIC."""

    blocks: NDArray[np.float32] | None = None
    """The block means of the picture that was last looked at."""
    moved: float = float("-inf")
    looked: float = float("-inf")
    saved: float = SAVED
    """Looks that may still be had at once, at the time of `counted`."""
    counted: float = float("-inf")


def gate(before: Motion, bgr: Pixels, captured: float, *, busy: bool) -> tuple[Motion, bool]:
    """Return what to remember, and whether this picture is to be looked at.

    It is while someone is in view (`busy`), when a block of 32 x 32 pixels changed its brightness
    since the last look, for a second after that, and once a second in any case; but never more
    than RATE times a second for longer than SAVED looks last.
    """
    resting = 0 <= captured - before.looked < LOOK_ANYWAY
    saved = _earned(before, captured)
    if resting and saved < 1:
        return before, False
    blocks = _blocks(bgr)
    changed = before.blocks is None or _differ(before.blocks, blocks)
    moved = captured if changed else before.moved
    lately = 0 <= captured - moved <= KEEP_LOOKING
    if busy or lately or not resting:
        return Motion(blocks, moved, captured, max(0.0, saved - 1), captured), True
    return before, False


def _earned(before: Motion, captured: float) -> float:
    """Return the looks saved up by now; a clock that begins again begins with all of them."""
    passed = captured - before.counted
    return min(SAVED, before.saved + RATE * passed) if passed >= 0 else SAVED


def _differ(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Return whether something moved, or a lamp went on or off.

    What all blocks share, be it added or multiplied, is the light's doing: it is taken out, so
    that dusk, a cloud or a lamp's flicker wakes nobody. What is left must be over what noise does
    to this picture.
    """
    if one.shape != other.shape:
        return True
    shared = _middle(other - one)
    gain = _middle((other + _PEDESTAL) / (one + _PEDESTAL))
    added = np.abs(other - one - shared)
    multiplied = np.abs(other + _PEDESTAL - gain * (one + _PEDESTAL))
    apart = min(added, multiplied, key=lambda left: float(left.max(initial=0.0)))
    usual = min(NOISIEST, _middle(apart))
    moved = float(apart.max(initial=0.0)) > max(STEPPED, OVER_NOISE * usual)
    return moved or abs(shared) > LAMP


def _blocks(bgr: Pixels) -> NDArray[np.float32]:
    """Return the means of every 8 x 8 block of every fourth pixel's green."""
    green = bgr[::_STEP, ::_STEP, 1]
    rows, columns = max(1, green.shape[0] // _BLOCK), max(1, green.shape[1] // _BLOCK)
    high, wide = min(_BLOCK, green.shape[0]), min(_BLOCK, green.shape[1])
    cut = green[: rows * high, : columns * wide].astype(np.float32)
    # A product with two tables of weights takes a quarter of the time of a mean over axes.
    return np.asarray(_means(rows, high) @ cut @ _means(columns, wide).T, np.float32)


@lru_cache(maxsize=8)
def _means(blocks: int, size: int) -> NDArray[np.float32]:
    """Return the blocks x (blocks * size) table that takes the mean of each block of a line."""
    table = np.kron(np.eye(blocks), np.full((1, size), 1 / size))
    return np.asarray(table, np.float32)


def _middle(values: NDArray[np.float32]) -> float:
    """Return the upper median: of a picture's blocks, the two in the middle are as good as one."""
    half = values.size // 2
    return float(np.partition(values, half, axis=None)[half])
