"""The gallery as it comes from core: in parts, in force only when whole."""

from edge.wire import GalleryPart
from models.template import Gallery, Template


class GalleryParts:
    """Collects the parts of one version; for one thread."""

    def __init__(self) -> None:
        self._version: tuple[int, int] | None = None
        self._parts: dict[int, GalleryPart] = {}

    def add(self, part: GalleryPart) -> Gallery | None:
        """Return the whole gallery once `part` completes it.

        A part of another version begins anew: half a gallery is never used.
        """
        if (part.version, part.parts) != self._version:
            self._version = part.version, part.parts
            self._parts.clear()
        self._parts[part.part] = part
        if len(self._parts) < part.parts:
            return None
        rows = tuple(
            (resident, home, Template(engine, vector))
            for number in sorted(self._parts)
            for resident, home, engine, vector in self._parts[number].rows
        )
        marked = frozenset(who for each in self._parts.values() for who in each.second_factor)
        self.forget()
        return Gallery(part.version, rows, marked)

    def forget(self) -> None:
        """Drop what has come so far: whoever sent it has gone."""
        self._version = None
        self._parts.clear()
