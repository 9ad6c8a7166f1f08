"""The pins of a Raspberry Pi as a relay's body: the one file that imports gpiozero, when needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from threading import Lock, Timer
from typing import Any

from models.command import Action, Position
from models.errors import ConfigError, RelayFault
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge.relay_core import Actuate, Relay, Senses, Wiring


@dataclass(frozen=True, slots=True)
class Pins:
    """Which pin does what, in the Broadcom numbering; seconds where times are meant.

    `open_pin` energises the opening contact, or for a `hold` drive keeps the lock shut.
    `inputs` are active when their contact is closed to ground, but those in `opens_when_active`
    (safety loops, beams and fire contacts that fail safe) are active when it is open. `travel` is
    how long the barrier is on its way, for gates whose only position wire is a closed contact.
    """

    open_pin: int
    close_pin: int | None = None
    inputs: Mapping[Input, int] = field(default_factory=dict)
    opens_when_active: frozenset[Input] = frozenset({Input.LOOP, Input.BEAM, Input.FIRE})
    pulse: float = 0.5
    release: float = 5.0
    travel: float = 4.0


class PiBody:
    """Moves the barrier with two pins and feels with the rest.

    A lock (`hold`) is energised from the start and loses power with this process, so that it
    opens when we die. Passages are counted each time the beam clears while the gate is not shut.
    """

    def __init__(
        self, wiring: Wiring, pins: Pins, clock: Callable[[], float], factory: object = None
    ) -> None:
        missing = (wiring.presence | ({Input.FIRE} if wiring.fire else set())) - set(pins.inputs)
        if missing:
            message = f"relay {wiring.relay}: no pin for {', '.join(sorted(missing))}"
            raise ConfigError(message)
        if wiring.position and Input.CONTACT not in pins.inputs:
            message = f"relay {wiring.relay}: a position needs a pin for contact, or position = no"
            raise ConfigError(message)
        if wiring.drive is Drive.OPEN_CLOSE and pins.close_pin is None:
            message = f"relay {wiring.relay}: this drive closes the barrier and needs a close_pin"
            raise ConfigError(message)
        self._wiring = wiring
        self._pins = pins
        self._clock = clock
        self._lock = Lock()
        self._timer: Timer | None = None
        self._move = 0
        self._heading = Position.UNKNOWN
        self._heading_until = 0.0
        self._beam = False
        self._passages = 0
        gpio = _gpiozero()
        self._errors: type[Exception] = gpio.GPIOZeroError
        try:
            hold = wiring.drive is Drive.HOLD
            self._open = gpio.DigitalOutputDevice(
                pins.open_pin, initial_value=hold, pin_factory=factory
            )
            self._close = (
                gpio.DigitalOutputDevice(pins.close_pin, pin_factory=factory)
                if pins.close_pin is not None
                else None
            )
            self._inputs: dict[Input, Any] = {
                which: gpio.DigitalInputDevice(pin, pull_up=True, pin_factory=factory)
                for which, pin in pins.inputs.items()
            }
        except self._errors as error:
            message = f"relay {wiring.relay}: the pins cannot be used: {error}"
            raise ConfigError(message) from error

    def senses(self) -> Senses:
        """Return what the pins say now.

        Raises RelayFault when a pin cannot be read.
        """
        try:
            closed = {which: bool(device.value) for which, device in self._inputs.items()}
        except self._errors as error:
            message = f"relay {self._wiring.relay}: a pin cannot be read: {error}"
            raise RelayFault(message, part=self._wiring.relay) from error
        felt = {
            which: is_closed is not (which in self._pins.opens_when_active)
            for which, is_closed in closed.items()
        }
        with self._lock:
            position = self._position(felt)
            beam = felt.get(Input.BEAM, False)
            if self._beam and not beam and position is not Position.CLOSED:
                self._passages += 1
            self._beam = beam
            return Senses(position, felt, self._passages)

    def actuate(self, move: Actuate, relay: Relay) -> None:
        """Switch the pin that this takes, and switch it back in time.

        Raises RelayFault when a pin cannot be switched.
        """
        del relay
        opening = move.action is Action.OPEN
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._heading = Position.OPENING if opening else Position.CLOSING
            self._heading_until = self._clock() + self._pins.travel
            try:
                self._switch(opening=opening)
            except self._errors as error:
                message = f"relay {self._wiring.relay}: a pin cannot be switched: {error}"
                raise RelayFault(message, part=self._wiring.relay) from error

    def close(self) -> None:
        """Let go of every pin; a lock loses its power and opens."""
        with self._lock:
            self._move += 1
            if self._timer is not None:
                self._timer.cancel()
        for device in (self._open, self._close, *self._inputs.values()):
            if device is not None:
                device.close()

    def _switch(self, *, opening: bool) -> None:
        hold = self._wiring.drive is Drive.HOLD
        if self._close is not None:
            self._close.off()
        if hold:
            self._open.off()
        elif opening:
            self._open.on()
        elif self._close is not None:
            self._open.off()
            self._close.on()
        self._move += 1
        self._rest_later(self._pins.release if hold else self._pins.pulse)

    def _rest_later(self, seconds: float) -> None:
        self._timer = Timer(seconds, self._rest, (self._move,))
        self._timer.daemon = True
        self._timer.start()

    def _rest(self, move: int) -> None:
        with self._lock:
            if move != self._move:
                # A newer movement began while this timer was already on its way.
                return
            if self._close is not None:
                self._close.off()
            if self._wiring.drive is not Drive.HOLD:
                self._open.off()
            elif self._burns():
                self._rest_later(self._pins.release)
            else:
                self._open.on()

    def _burns(self) -> bool:
        fire = self._inputs.get(Input.FIRE)
        if fire is None or not self._wiring.fire:
            return False
        return bool(fire.value) is not (Input.FIRE in self._pins.opens_when_active)

    def _position(self, felt: dict[Input, bool]) -> Position:
        if not self._wiring.position:
            return Position.UNKNOWN
        shut = felt[Input.CONTACT]
        if self._clock() < self._heading_until and self._heading is Position.OPENING:
            return Position.OPENING
        if self._clock() < self._heading_until and not shut:
            return Position.CLOSING
        return Position.CLOSED if shut else Position.OPEN


def _gpiozero() -> Any:  # noqa: ANN401 - gpiozero has no types
    try:
        return import_module("gpiozero")
    except ImportError as error:
        message = "the reference relay needs gpiozero: install kuahu with its gpio extra"
        raise ConfigError(message) from error
