"""Outages: a broker that goes, stalls, flaps or refuses; nothing is kept for later."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.command import Outcome
from models.errors import RelayFault
from models.signal import Signal
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.ledger import read_ledger
from tests.fakes.mosquitto import Mosquitto, free_port, mosquitto_broker, needs_mosquitto
from tests.fakes.relay_site import RELAY, SPEC, WiredSite, wired_site
from tests.fakes.relay_wire import wait

pytestmark = needs_mosquitto


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Mosquitto]:
    with mosquitto_broker(tmp_path, (SPEC,)) as running:
        yield running


@pytest.fixture
def site(broker: Mosquitto, tmp_path: Path) -> Iterator[WiredSite]:
    with wired_site(broker, tmp_path) as wired:
        wired.ready()
        yield wired


def test_without_a_broker_a_command_fails_at_once_and_is_never_sent_later(
    broker: Mosquitto, site: WiredSite
) -> None:
    command = site.command(left=1.5)
    broker.stop()
    wait(lambda: not site.bridge.connected, "the bridge to notice")
    with pytest.raises(RelayFault, match="broker"):
        site.relays.send(command)
    site.relays.signal(1, Signal.REFUSED)
    broker.start()
    site.ready()
    seen = len(site.readings())
    site.wait(lambda: len(site.readings()) > seen + 1, "two more heartbeats")
    assert site.ledger() == ()
    assert site.do().outcome is Outcome.DONE


def test_what_a_stalled_broker_took_opens_nothing_when_it_wakes(
    broker: Mosquitto, site: WiredSite
) -> None:
    command = site.command(left=0.3)
    broker.stall()
    site.relays.send(command)
    time.sleep(0.6)
    broker.resume()
    site.wait(lambda: site.reports(command.cmd_id), "the refusal")
    assert site.reports(command.cmd_id)[0].outcome is Outcome.REFUSED
    assert site.ledger() == ()


def test_behind_a_stalled_broker_the_relay_counts_as_away(
    broker: Mosquitto, site: WiredSite
) -> None:
    broker.stall()
    wait(lambda: site.relays.last_seq(RELAY) is None, "the heartbeats to be missed")
    with pytest.raises(RelayFault):
        site.relays.send(site.command())
    broker.resume()
    site.ready()
    assert site.ledger() == ()


def test_a_broker_that_flaps_is_complained_of_once_an_outage(
    broker: Mosquitto, site: WiredSite, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "mqtt_bridge.link"):
        for _ in range(2):
            broker.stop()
            wait(lambda: not site.bridge.connected, "the bridge to notice")
            time.sleep(1.2)
            broker.start()
            site.ready()
    words = [record.getMessage() for record in caplog.records]
    # Two clients, two outages: each complains once and is glad once.
    assert sum("has gone away" in word for word in words) == 4
    assert sum("is back" in word for word in words) == 4
    assert len(words) == 8


def test_a_loop_turns_with_and_without_a_broker(tmp_path: Path) -> None:
    nowhere = BrokerAddress(port=free_port())
    bridge = Bridge(nowhere, (SPEC,), print, time.monotonic)
    assert bridge.turns == 0
    bridge.start()
    try:
        wait(lambda: bridge.turns > 3, "the loop to turn")
        assert not bridge.connected
        assert bridge.last_seq(RELAY) is None
        assert "broker" in bridge.trouble(RELAY)
    finally:
        bridge.stop()
    assert read_ledger(tmp_path / "none") == ()


def test_stopping_twice_or_before_starting_is_harmless() -> None:
    bridge = Bridge(BrokerAddress(port=free_port()), (SPEC,), print, time.monotonic)
    bridge.stop()
    bridge.stop()
    assert not bridge.connected
