"""What happened lately: a thing that happens once is shown for a while."""

SHOWN_FOR = 60.0
"""Seconds for which something that happened once is shown."""


class Lately:
    """Whether each of some values has changed within the last minute; the first look is no news."""

    def __init__(self) -> None:
        self._seen: dict[tuple[object, ...], tuple[object, float]] = {}

    def changed(self, key: tuple[object, ...], value: object, now: float, first: object) -> bool:
        """Return whether `value` has become another than it was; it began as `first`."""
        before, until = self._seen.get(key, (first, float("-inf")))
        if value != before:
            until = now + SHOWN_FOR
        self._seen[key] = (value, until)
        return now < until
