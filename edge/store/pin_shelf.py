"""Numeric codes as the rest of the house asks the store about them."""

from edge.store.opening import Parts
from edge.store.pins import look, note_pin, pin_hash
from edge.store.words import PinState

SECRET = "pins"  # noqa: S105 - the name of the site's secret that numeric codes are hashed with


class Pins:
    """The store's side of numeric codes."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._key = parts.folder.secret(SECRET)

    def hash(self, digits: str) -> str:
        """Return what a numeric code is kept as (`pin_hash`); raises InputError for none."""
        return pin_hash(self._key, digits)

    def note(self, pass_id: str, digits: str) -> None:
        """Let a numeric code stand for a pass that was noted here (`note_pin`).

        Raises InputError for what is no such code, an unknown pass, or a code that is in use.
        """
        pin = self.hash(digits)
        self._parts.writer.submit(lambda connection: note_pin(connection, pass_id, pin))

    def look(self, lane: int, pin: str, mono: float) -> PinState:
        """Return what the code with this keyed hash stands for at a lane's keypad (`look`)."""
        at = (self._parts.boot, mono)
        return self._parts.reads(lambda connection: look(connection, lane, pin, at))
