"""Signals: the three answers that a lane's screen, lamp and buzzer give to a person."""

from enum import StrEnum


class Signal(StrEnum):
    """What the person at the gate is told."""

    GRANTED = "granted"
    REFUSED = "refused"
    WAIT = "wait"
