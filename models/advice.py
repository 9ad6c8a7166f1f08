"""Advice: what a person before a lane's camera can do so that the face can be compared."""

from enum import StrEnum


class Advice(StrEnum):
    """One thing to do; the words are those of the lane's screen."""

    COME_NEARER = "come_nearer"
    HOLD_STILL = "hold_still"
    LOOK_HERE = "look_here"
    MORE_LIGHT = "more_light"
    LESS_LIGHT = "less_light"
