"""The reference relay's body on mock pins: what is switched, what is felt, what fails safe."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from gpiozero.pins.mock import MockFactory

from models.command import Action, Position
from models.errors import ConfigError
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge import reference_relay
from mqtt_bridge.gpio_pins import PiBody, Pins
from mqtt_bridge.relay_core import Actuate, Cause, Relay, Wiring
from mqtt_bridge.seal import RelayKey
from tests.fakes.relay_wire import wait
from tests.fakes.relays import ManualClock

KEY = RelayKey(bytes(range(32)))
RELAY = Relay("e" * 16)
INPUTS = {Input.LOOP: 5, Input.BEAM: 6, Input.FIRE: 13, Input.CONTACT: 19}
PINS = Pins(17, 27, INPUTS, pulse=0.05, release=0.05, travel=4.0)
PRESENCE = frozenset({Input.LOOP, Input.BEAM})
OPEN = Actuate(Action.OPEN, Cause.COMMAND)
CLOSE = Actuate(Action.CLOSE, Cause.COMMAND)


@pytest.fixture
def factory() -> Iterator[Any]:
    made = MockFactory()
    yield made
    made.reset()


def at_rest(
    factory: Any,  # noqa: ANN401 - gpiozero has no types
    drive: Drive,
    pins: Pins = PINS,
    clock: ManualClock | None = None,
) -> PiBody:
    """Return a body whose safety wires are closed to ground and whose gate is shut."""
    body = PiBody(wiring(drive), pins, clock or ManualClock(), factory)
    # A mock pin floats high when its pull-up is set, so the wires are closed after that.
    for pin in INPUTS.values():
        factory.pin(pin).drive_low()
    return body


def wiring(drive: Drive) -> Wiring:
    return Wiring("gate-1", 1, drive, KEY, PRESENCE)


def test_a_pulse_goes_on_and_off_by_itself(factory: Any) -> None:  # noqa: ANN401 - gpiozero has no types
    body = at_rest(factory, Drive.PULSE)
    pin = factory.pin(17)
    assert pin.state == 0
    body.actuate(OPEN, RELAY)
    assert pin.state == 1
    wait(lambda: pin.state == 0, "the end of the pulse")
    body.close()


def test_a_lock_is_held_freed_and_held_again_and_freed_when_we_end(factory: Any) -> None:  # noqa: ANN401
    body = at_rest(factory, Drive.HOLD, replace(PINS, release=0.2))
    pin = factory.pin(17)
    assert pin.state == 1
    body.actuate(OPEN, RELAY)
    assert pin.state == 0
    wait(lambda: pin.state == 1, "the lock to hold again")
    body.close()
    # A pin that is let go is an input: no current flows through the lock.
    assert pin.function == "input"


def test_in_a_fire_a_lock_stays_free(factory: Any) -> None:  # noqa: ANN401
    body = at_rest(factory, Drive.HOLD)
    factory.pin(13).drive_high()
    body.actuate(OPEN, RELAY)
    over = threading.Event()
    over.wait(4 * PINS.release)
    assert factory.pin(17).state == 0
    factory.pin(13).drive_low()
    wait(lambda: factory.pin(17).state == 1, "the lock to hold after the fire")
    body.close()


def test_opening_and_closing_never_pull_at_once(factory: Any) -> None:  # noqa: ANN401
    body = at_rest(factory, Drive.OPEN_CLOSE, replace(PINS, pulse=30))
    body.actuate(OPEN, RELAY)
    assert (factory.pin(17).state, factory.pin(27).state) == (1, 0)
    body.actuate(CLOSE, RELAY)
    assert (factory.pin(17).state, factory.pin(27).state) == (0, 1)
    body.actuate(OPEN, RELAY)
    assert (factory.pin(17).state, factory.pin(27).state) == (1, 0)
    body.close()


@pytest.mark.parametrize("which", [Input.LOOP, Input.BEAM, Input.FIRE])
def test_a_cut_safety_wire_reads_as_active(factory: Any, which: Input) -> None:  # noqa: ANN401
    body = at_rest(factory, Drive.PULSE)
    assert body.senses().inputs[which] is False
    factory.pin(INPUTS[which]).drive_high()
    assert body.senses().inputs[which] is True
    body.close()


def test_the_position_follows_the_contact_and_the_travel(factory: Any) -> None:  # noqa: ANN401
    clock = ManualClock()
    body = at_rest(factory, Drive.OPEN_CLOSE, clock=clock)
    contact = factory.pin(19)
    assert body.senses().position is Position.CLOSED
    body.actuate(OPEN, RELAY)
    contact.drive_high()
    assert body.senses().position is Position.OPENING
    clock.advance(PINS.travel)
    assert body.senses().position is Position.OPEN
    body.actuate(CLOSE, RELAY)
    assert body.senses().position is Position.CLOSING
    contact.drive_low()
    assert body.senses().position is Position.CLOSED
    body.close()


def test_a_person_through_the_open_gate_is_counted_and_one_before_a_shut_gate_is_not(
    factory: Any,  # noqa: ANN401
) -> None:
    body = at_rest(factory, Drive.PULSE)
    beam, contact = factory.pin(6), factory.pin(19)
    for shut, expected in ((True, 0), (False, 1)):
        contact.drive_low() if shut else contact.drive_high()
        beam.drive_high()
        body.senses()
        beam.drive_low()
        assert body.senses().passages == expected
    body.close()


@pytest.mark.parametrize(
    ("drive", "pins", "words"),
    [
        (Drive.PULSE, replace(PINS, inputs={Input.CONTACT: 19}), "no pin for"),
        (Drive.OPEN_CLOSE, replace(PINS, close_pin=None), "close_pin"),
        (
            Drive.PULSE,
            replace(PINS, inputs={k: v for k, v in INPUTS.items() if k != Input.CONTACT}),
            "pin for contact",
        ),
        (Drive.PULSE, replace(PINS, open_pin=5), "cannot be used"),
    ],
)
def test_a_wrong_wiring_is_named_at_the_start(
    factory: Any,  # noqa: ANN401
    drive: Drive,
    pins: Pins,
    words: str,
) -> None:
    with pytest.raises(ConfigError, match=words):
        PiBody(wiring(drive), pins, ManualClock(), factory)


RELAY_FILE = """
name = "gate-1"
lane = 1
drive = "open_close"
key_file = "gate-1.key"

[broker]
host = "127.0.0.1"
port = 8883
password_file = "gate-1.password"

[pins]
open = 17
close = 27
loop = 5
beam = 6
fire = 13
contact = 19
travel = 6.0
"""


def test_a_relay_file_becomes_settings(tmp_path: Path) -> None:
    (tmp_path / "gate-1.key").write_text(KEY.hex())
    (tmp_path / "gate-1.password").write_text("secret\n")
    (tmp_path / "relay.toml").write_text(RELAY_FILE)
    settings = reference_relay.load(tmp_path / "relay.toml")
    assert settings.wiring == Wiring("gate-1", 1, Drive.OPEN_CLOSE, KEY, PRESENCE)
    assert (settings.address.username, settings.address.password) == ("relay-gate-1", "secret")
    assert dict(settings.pins.inputs) == INPUTS
    assert settings.pins.travel == 6.0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('drive = "open_close"', 'drive = "swing"', "swing"),
        ("travel = 6.0", "travle = 6.0", "travle"),
        ("lane = 1", 'lane = "one"', "lane"),
        ('key_file = "gate-1.key"', 'key_file = "other.key"', "other.key"),
        ("loop = 5\nbeam = 6\n", "", "no presence input"),
        ("[pins]", "[pins", "relay.toml"),
    ],
)
def test_a_wrong_relay_file_is_named(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "gate-1.key").write_text(KEY.hex())
    (tmp_path / "gate-1.password").write_text("secret\n")
    (tmp_path / "relay.toml").write_text(RELAY_FILE.replace(old, new))
    with pytest.raises(ConfigError, match=words):
        reference_relay.load(tmp_path / "relay.toml")


def test_the_command_says_what_is_wrong_and_exits_78(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reference_relay.main([str(tmp_path / "nowhere.toml")]) == 78
    assert "nowhere.toml" in capsys.readouterr().err
