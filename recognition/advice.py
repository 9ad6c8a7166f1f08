"""Advice: why a face before a lane cannot be compared, once that has lasted. All are values."""

from dataclasses import dataclass

from models.advice import Advice
from recognition.quality import Quality


@dataclass(frozen=True, slots=True)
class AdviceRules:
    """When a face is too poor to be compared; the figures' sources are in docs/recognition.md."""

    approaching: float = 0.6
    """The share of the least width from which a face is somebody who wants to come in."""
    turn: float = 0.5
    sharpness: float = 0.006
    light: float = 25
    contrast: float = 6
    burnt: float = 0.3
    """The share of the face that has no colour left but white."""
    lasting: float = 1.0
    """Seconds of the same trouble before anything is said."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What has kept one view from comparing a face, since when, and what was said of it.

    Begin with `Trouble()`; `since` is seconds of CLOCK_MONOTONIC.
    """

    what: Advice | None = None
    since: float = 0.0
    said: Advice | None = None


def trouble_of(quality: Quality, least_width: float, rules: AdviceRules) -> Advice | None:
    """Return what keeps a face from being compared, None for a good one or one far away."""
    if quality.width < least_width:
        near = quality.width >= rules.approaching * least_width
        return Advice.COME_NEARER if near else None
    if quality.burnt > rules.burnt:
        return Advice.LESS_LIGHT
    if quality.light < rules.light or quality.contrast < rules.contrast:
        return Advice.MORE_LIGHT
    if quality.turn > rules.turn:
        return Advice.LOOK_HERE
    return Advice.HOLD_STILL if quality.sharpness < rules.sharpness else None


def advise(
    before: Trouble, what: Advice | None, captured: float, rules: AdviceRules
) -> tuple[Trouble, Advice | None, bool]:
    """Return what to remember, what to say now, and whether that is new.

    `what` is the trouble of the frame of `captured`. Nothing is said of what does not last; what
    was said is taken back (None, new) as soon as the trouble is over or another one.
    """
    same = what is not None and what is before.what and captured >= before.since
    since = before.since if same else captured
    lasted = what is not None and captured - since >= rules.lasting
    say = what if lasted else None
    return Trouble(what, since, say), say, say is not before.said
