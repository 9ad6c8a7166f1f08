"""The motion gate: whether a picture changed enough to be worth a look."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recognition.face import Pixels

_STEP, _BLOCK = 4, 8

STEPPED = 10.0
"""Grey levels by which one block's mean must change; a still camera's noise moves it by under 2."""

LOOK_ANYWAY = 1.0
"""Seconds after which even an unchanged picture is looked at: someone may be standing still."""

KEEP_LOOKING = 1.0
"""Seconds for which a change keeps the gate open."""


@dataclass(frozen=True, slots=True)
class Motion:
    """What the gate remembers; begin with `Motion()`. Times are seconds of CLOCK_MONOTONIC."""

    blocks: NDArray[np.float32] | None = None
    """The block means of the picture that was last looked at."""
    moved: float = float("-inf")
    looked: float = float("-inf")


def gate(before: Motion, bgr: Pixels, captured: float, *, busy: bool) -> tuple[Motion, bool]:
    """Return what to remember, and whether this picture is to be looked at.

    It is while someone is in view (`busy`), when a block of 32 x 32 pixels changed its brightness
    since the last look, for a second after that, and once a second in any case.
    """
    blocks = _blocks(bgr)
    changed = before.blocks is None or _differ(before.blocks, blocks)
    moved = captured if changed else before.moved
    lately = 0 <= captured - moved <= KEEP_LOOKING
    resting = 0 <= captured - before.looked < LOOK_ANYWAY
    if busy or lately or not resting:
        return Motion(blocks, moved, captured), True
    return before, False


def _differ(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    return one.shape != other.shape or float(np.abs(one - other).max(initial=0.0)) > STEPPED


def _blocks(bgr: Pixels) -> NDArray[np.float32]:
    """Return the means of every 8 x 8 block of every fourth pixel's green."""
    green = bgr[::_STEP, ::_STEP, 1].astype(np.float32)
    rows, columns = max(1, green.shape[0] // _BLOCK), max(1, green.shape[1] // _BLOCK)
    high, wide = min(_BLOCK, green.shape[0]), min(_BLOCK, green.shape[1])
    cut = green[: rows * high, : columns * wide].reshape(rows, high, columns * wide)
    # Rows first: whole lines are added at once, in half the time of one mean over both.
    lines = cut.sum(axis=1).reshape(rows, columns, wide)
    return np.asarray(lines.sum(axis=2) / (high * wide), np.float32)
