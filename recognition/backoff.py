"""Back-off: a track that failed too often is not looked at for a while. Everything is a value.

It counts failed challenges and recognised attacks of one track, never faces that are merely
unknown; it delays that track only, never another person, a code, a card or the guard. The rates
are those of NIST SP 800-63B for biometrics.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackoffRules:
    """After how many failures a track rests, and how long; seconds."""

    most: int = 5
    rest: float = 30.0


@dataclass(frozen=True, slots=True)
class Failures:
    """The failures of the tracks in view: (track, how many, when last); begin with `Failures()`."""

    rows: tuple[tuple[int, int, float], ...] = ()

    def of(self, track: int) -> int:
        """Return how often `track` has failed."""
        return next((count for number, count, _ in self.rows if number == track), 0)


def failed(before: Failures, track: int, now: float) -> Failures:
    """Return the failures after one more of `track`."""
    others = tuple(row for row in before.rows if row[0] != track)
    return Failures((*others, (track, before.of(track) + 1, now)))


def rests(failures: Failures, track: int, now: float, rules: BackoffRules) -> bool:
    """Return whether `track` is not looked at now; after the rest each failure begins another."""
    return any(
        number == track and count >= rules.most and 0 <= now - last < rules.rest
        for number, count, last in failures.rows
    )


def kept(before: Failures, tracks: Iterable[int]) -> Failures:
    """Return the failures without those of tracks that have ended."""
    live = set(tracks)
    return Failures(tuple(row for row in before.rows if row[0] in live))
