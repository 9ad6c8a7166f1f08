"""The reference relay on mock pins, commanded by the real bridge through a real mosquitto."""

import secrets
import threading
import time
from pathlib import Path
from typing import Any

from gpiozero.pins.mock import MockFactory

from models.command import Action, Command, Outcome, Position, Refusal, Report
from models.sensor import Input, Reading
from mqtt_bridge import access
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.gpio_pins import Pins
from mqtt_bridge.reference_relay import RelaySettings, run
from tests.fakes.mosquitto import mosquitto_broker, needs_mosquitto
from tests.fakes.relay_site import RELAY, SPEC, WIRING
from tests.fakes.relay_wire import wait

pytestmark = needs_mosquitto

INPUTS = {Input.LOOP: 5, Input.BEAM: 6, Input.FIRE: 13, Input.CONTACT: 19}


def test_a_pi_opens_reports_and_refuses_like_the_simulator(tmp_path: Path) -> None:
    factory: Any = MockFactory()
    heard: list[Report | Reading] = []
    stop = threading.Event()
    with mosquitto_broker(tmp_path, (SPEC,)) as broker:
        settings = RelaySettings(
            broker.address(access.relay_login(RELAY)), WIRING, Pins(17, 27, INPUTS, pulse=30.0)
        )
        serving = threading.Thread(target=run, args=(settings, stop, factory))
        serving.start()
        bridge = Bridge(broker.address(), (SPEC,), heard.append, time.monotonic)
        bridge.start()
        try:
            wait(lambda: bridge.last_seq(RELAY) is not None, "the first heartbeat")
            # Every wire floats: someone is there, and there is a fire. The gate has opened for it.
            wait(lambda: factory.pin(17).state == 1, "the gate to open for the fire")
            for pin in INPUTS.values():
                factory.pin(pin).drive_low()
            wait(lambda: _last(heard).active.get(Input.FIRE) is False, "the end of the fire")
            assert _ask(bridge, heard, 1, Action.CLOSE).outcome is Outcome.DONE
            assert (factory.pin(17).state, factory.pin(27).state) == (0, 1)
            factory.pin(6).drive_high()
            wait(lambda: _last(heard).active[Input.BEAM], "the beam")
            refused = _ask(bridge, heard, 2, Action.CLOSE)
            assert (refused.outcome, refused.why) == (Outcome.REFUSED, Refusal.PRESENCE)
            assert _ask(bridge, heard, 2, Action.OPEN).position in {
                Position.OPENING,
                Position.OPEN,
            }
            assert (factory.pin(17).state, factory.pin(27).state) == (1, 0)
        finally:
            bridge.stop()
            stop.set()
            serving.join(20)
    assert not serving.is_alive()


def _last(heard: list[Report | Reading]) -> Reading:
    return [word for word in heard if isinstance(word, Reading)][-1]


def _ask(bridge: Bridge, heard: list[Report | Reading], seq: int, action: Action) -> Report:
    cmd_id = secrets.token_hex(16)
    bridge.send(Command(cmd_id, 1, RELAY, action, seq, time.monotonic() + 2.0))

    def reports() -> list[Report]:
        return [word for word in heard if isinstance(word, Report) and word.cmd_id == cmd_id]

    wait(reports, f"the report of {action}")
    return reports()[0]
