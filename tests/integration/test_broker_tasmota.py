"""The Tasmota profile through a real mosquitto, against a device that behaves like one."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from models.command import Action, Command, Outcome, Position, Report
from models.errors import RelayFault
from models.lane import Drive
from models.sensor import Reading
from mqtt_bridge import access
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.track import Profile, RelaySpec
from tests.fakes.mosquitto import Mosquitto, mosquitto_broker, needs_mosquitto
from tests.fakes.relay_wire import wait
from tests.fakes.tasmota_sim import TasmotaSim

pytestmark = needs_mosquitto

SPEC = RelaySpec("door-1", 3, Drive.PULSE, Profile.TASMOTA, device="tasmota_A1B2C3")


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto_broker(tmp_path_factory.mktemp("mosquitto"), (SPEC,)) as running:
        yield running


@contextmanager
def device(broker: Mosquitto, **habits: int) -> Iterator[TasmotaSim]:
    sim = TasmotaSim(broker.address(access.relay_login(SPEC.name)), SPEC.device, **habits)
    sim.start()
    try:
        yield sim
    finally:
        sim.stop()


@contextmanager
def bridged(broker: Mosquitto) -> Iterator[tuple[Bridge, list[Report | Reading]]]:
    heard: list[Report | Reading] = []
    bridge = Bridge(broker.address(), (SPEC,), heard.append, time.monotonic)
    bridge.start()
    try:
        yield bridge, heard
    finally:
        bridge.stop()


def command(action: Action = Action.OPEN) -> Command:
    return Command(secrets.token_hex(16), 3, SPEC.name, action, 1, time.monotonic() + 2)


@pytest.mark.parametrize("relays", [1, 2])
def test_one_pulse_is_done_once_and_ends_by_itself(broker: Mosquitto, relays: int) -> None:
    with device(broker, relays=relays) as sim, bridged(broker) as (bridge, heard):
        wait(lambda: bridge.last_seq(SPEC.name) == 0, "the device to answer")
        sent = command()
        bridge.send(sent)
        wait(lambda: any(isinstance(word, Report) for word in heard), "the report")
        (report,) = [word for word in heard if isinstance(word, Report)]
        assert (report.cmd_id, report.outcome) == (sent.cmd_id, Outcome.DONE)
        # Without a position wire nothing is claimed.
        assert report.position is Position.UNKNOWN
        wait(lambda: not sim.on, "the pulse to end although the device is asked all the while")
        wait(lambda: isinstance(heard[-1], Reading), "a reading")
        assert len(sim.actuations) == 1
        assert bridge.last_seq(SPEC.name) == 0


def test_a_device_without_a_pulse_is_never_commanded(broker: Mosquitto) -> None:
    with device(broker, pulse=0) as sim, bridged(broker) as (bridge, _):
        wait(lambda: "PulseTime" in bridge.trouble(SPEC.name), "the device to be found unfit")
        assert bridge.last_seq(SPEC.name) is None
        with pytest.raises(RelayFault, match="no PulseTime"):
            bridge.send(command())
        assert sim.actuations == []


def test_it_is_never_told_to_close(broker: Mosquitto) -> None:
    with device(broker) as sim, bridged(broker) as (bridge, _):
        wait(lambda: bridge.last_seq(SPEC.name) == 0, "the device to answer")
        with pytest.raises(RelayFault, match="closes by itself"):
            bridge.send(command(Action.CLOSE))
        assert sim.actuations == []


def test_a_device_that_says_goodbye_is_away_at_once(broker: Mosquitto) -> None:
    with bridged(broker) as (bridge, _):
        with device(broker):
            wait(lambda: bridge.last_seq(SPEC.name) == 0, "the device to answer")
        wait(lambda: bridge.last_seq(SPEC.name) is None, "the device to be away")
        with pytest.raises(RelayFault, match="is away"):
            bridge.send(command())
