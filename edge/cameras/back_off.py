"""How long to wait before a camera is opened again."""

FIRST = 0.5
"""Seconds after the first failure, doubled with each one that follows."""


def back_off(failures: int, most: float, share: float) -> float:
    """Return the seconds to wait after so many failures in a row, at most `most`.

    `share`, drawn from 0 to 1, spreads cameras that failed together over the upper half of the
    time, so that they do not all come back at once.
    """
    whole = min(most, FIRST * 2.0 ** min(failures - 1, 16))
    return whole * (0.5 + share / 2)
