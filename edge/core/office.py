"""The office: what the desk works with, and whom it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from edge import wire
from edge.core.eyes import Encoded
from edge.lane import LaneKeeper
from edge.places import Places
from edge.ports import Clock
from edge.store.store import Store
from gate.passes import PublicKey

MOST_ROWS = 2**53


class Encoder(Protocol):
    """Whoever turns photos into templates, and tells vision of a changed gallery."""

    def encode(
        self, photos: tuple[str | bytes, ...], crops: tuple[bytes, ...] = (), resident: str = ""
    ) -> Encoded:
        """Return the templates of photos (paths on this machine, or JPEG) and of rows' pictures.

        With `resident` those pictures must surely be of that resident, and as good as a photo.
        Raises a KuahuError in words.
        """

    def check(self, photo: bytes) -> None:
        """Raise a KuahuError in words if `photo` could not be enrolled; nothing is kept of it."""

    def refresh(self) -> None:
        """Send the gallery again."""


class Asker(Protocol):
    """Whoever asks, and can be told."""

    role: str

    def tell(self, message: wire.AnyMessage) -> None:
        """Take an answer."""


@dataclass(frozen=True, slots=True)
class Office:
    """What the desk works with."""

    clock: Clock
    store: Store
    keepers: Mapping[int, LaneKeeper]
    eyes: Encoder
    places: Places
    keys: Callable[[], Mapping[int, PublicKey]]
    announce: Callable[[int], None]
    changed: Callable[[], None]
    """The state of the site has changed: whoever watches is told before the asker is answered."""
    compound: str = ""
    """Whose passes this site's own issuer signs; empty where none is made here."""
