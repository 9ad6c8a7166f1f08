"""Attempts: how long someone who guesses passwords has to wait."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """After `free` failures each further one doubles the wait, up to `most` seconds."""

    free: int
    most: float


PAIR = Limit(free=5, most=900.0)
"""One account tried from one address."""
ADDRESS = Limit(free=20, most=900.0)
"""One address, whatever accounts it tries."""
EVERYONE = Limit(free=100, most=4.0)
"""All together: slows a guess from many addresses, and keeps nobody out for long."""

FORGET = 3600.0
"""Seconds without a failure after which the past is forgotten."""
_MOST_KEYS = 10_000

Key = tuple[str, str] | tuple[str] | tuple[()]


class Attempts:
    """Failures by account and address; times are seconds of CLOCK_MONOTONIC.

    Only logging in is ever slowed: who is logged in already is not asked again.
    """

    def __init__(self) -> None:
        self._failures: OrderedDict[Key, tuple[int, float]] = OrderedDict()

    def wait(self, account: str, address: str, now: float) -> float:
        """Return the seconds until this account may be tried from this address; 0 for now."""
        waits = [0.0]
        for key, limit in _keys(account, address):
            count, last = self._failures.get(key, (0, now))
            over = count - limit.free
            if over > 0 and now - last < FORGET:
                pause = min(2.0 ** min(over, 30), limit.most)
                waits.append(last + pause - now)
        return max(waits)

    def tried(self, account: str, address: str, now: float) -> None:
        """Count a try as a failure, until `passed` takes it back."""
        for key, _ in _keys(account, address):
            count, last = self._failures.pop(key, (0, now))
            self._failures[key] = (1 if now - last >= FORGET else count + 1, now)
        while len(self._failures) > _MOST_KEYS:
            self._failures.popitem(last=False)

    def passed(self, account: str, address: str) -> None:
        """Take the last try back, and forgive the account at this address."""
        for key, limit in _keys(account, address):
            count, last = self._failures.get(key, (0, 0.0))
            if limit is PAIR or count <= 1:
                self._failures.pop(key, None)
            else:
                self._failures[key] = (count - 1, last)


def _keys(account: str, address: str) -> Iterator[tuple[Key, Limit]]:
    yield (account, address), PAIR
    yield (address,), ADDRESS
    yield (), EVERYONE
