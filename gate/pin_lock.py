"""The lock of a lane's keypad: how many wrong numbers it bears before it waits. Pure.

Laws of this file:
- five wrong numbers within a minute, or fifteen within an hour, and the keypad waits; one that has
  waited waits again after any five within an hour;
- it waits a minute, and twice as long each time after that, up to a quarter of an hour;
- an hour without a wrong number, counted from the end of the wait, and all is forgotten;
- a number that is right changes nothing: who has one may not use it to try others.

Times are seconds of CLOCK_MONOTONIC. After a restart of the machine, whose clock then counts from
nought, every wrong number counts as typed at nought, and a keypad that ever waited waits again.
"""

from dataclasses import dataclass, replace

WRONG_A_MINUTE = 5
WRONG_AN_HOUR = 15
MINUTE = 60.0
HOUR = 3600.0
FIRST_WAIT = 60.0
LONGEST_WAIT = 900.0


@dataclass(frozen=True, slots=True)
class PinLock:
    """What is remembered of one keypad; `level` is how often it has waited, `until` when last."""

    wrong: tuple[float, ...] = ()
    until: float = 0.0
    level: int = 0


def is_locked(lock: PinLock, now: float) -> bool:
    """Return whether the keypad waits at `now`."""
    return lock.level > 0 and now < lock.until


def wrong(lock: PinLock, now: float) -> PinLock:
    """Return the lock after a wrong number at `now`."""
    last = max((*lock.wrong, lock.until), default=now)
    if now - last >= HOUR:
        lock = PinLock()
    times = (*(at for at in lock.wrong if now - at < HOUR), now)
    minute = sum(now - at < MINUTE for at in times)
    most = WRONG_A_MINUTE if lock.level else WRONG_AN_HOUR
    if minute < WRONG_A_MINUTE and len(times) < most:
        return replace(lock, wrong=times)
    level = lock.level + 1
    return PinLock((), now + wait(level), level)


def after_restart(lock: PinLock) -> PinLock:
    """Return the lock in a start of the machine after the one that it is of."""
    until = wait(lock.level) if lock.level else 0.0
    return PinLock((0.0,) * len(lock.wrong), until, lock.level)


def wait(level: int) -> float:
    """Return the seconds that a keypad waits for the `level`-th time."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (min(level, 16) - 1))
