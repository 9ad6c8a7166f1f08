"""Numeric codes of a store that forgets."""

from hashlib import sha256

from edge.store.words import PinState
from gate.pin_lock import PinLock, after_restart, is_locked, wrong
from models.decision import Decision, Reason, Verdict
from models.errors import InputError
from models.event import EventKind
from models.moment import Moment
from models.observation import Observation
from models.pin import PinEntered, pin_digits
from tests.fakes.memory_registry import MemoryRegistry
from tests.fakes.memory_shelf import Book, Line


class MemoryPins:
    """Behaves as edge.store.pin_shelf.Pins does."""

    def __init__(self, book: Book, registry: MemoryRegistry) -> None:
        self._book = book
        self._shelf = book.shelf
        self._registry = registry

    def hash(self, digits: str) -> str:
        try:
            return sha256(pin_digits(digits).encode()).hexdigest()
        except ValueError as error:
            raise InputError(str(error)) from error

    def note(self, pass_id: str, digits: str) -> None:
        pin = self.hash(digits)
        self._book.must_write()
        shelf = self._shelf
        if pass_id not in shelf.issued:
            message = f"pass {pass_id} is not known here"
            raise InputError(message)
        begins = shelf.issued[pass_id].claims.not_before
        other = shelf.pins.get(pin, pass_id)
        over = other in shelf.revoked or shelf.issued[other].claims.expires <= begins
        if other != pass_id and not over:
            message = "this numeric code stands for another pass that is not over yet"
            raise InputError(message)
        shelf.pins = {key: one for key, one in shelf.pins.items() if one != pass_id}
        shelf.pins[pin] = pass_id

    def look(self, lane: int, pin: str, mono: float) -> PinState:
        if is_locked(self._lock(lane), mono):
            return PinState(locked=True)
        pass_id = self._shelf.pins.get(pin)
        if pass_id is None:
            return PinState(locked=False)
        claims = self._shelf.issued[pass_id].claims
        return PinState(locked=False, claims=claims, state=self._registry.pass_state(pass_id))

    def _lock(self, lane: int) -> PinLock:
        boot, lock = self._shelf.pin_locks.get(lane, ("", PinLock()))
        return lock if boot == self._book.boot else after_restart(lock)

    def decided(self, seen: Observation, decision: Decision, now: Moment, seq: int) -> None:
        """Count a wrong number, and say so once the keypad waits."""
        nobodys = decision.reason is Reason.UNKNOWN_PIN and decision.verdict is Verdict.REFUSE
        if not isinstance(seen, PinEntered) or seen.guard or not nobodys:
            return
        lane = seen.at.lane
        lock = wrong(self._lock(lane), now.mono)
        self._shelf.pin_locks[lane] = (self._book.boot, lock)
        if is_locked(lock, now.mono):
            self._book.append(
                Line(EventKind.ALERT, now.utc, "keypad_paused", lane=lane, answers=seq)
            )
