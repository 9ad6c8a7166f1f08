"""A garage through the real core, broker and store: a guard opens, the ramp is lit; smoke cuts."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from config.settings import Settings
from edge import wire
from edge.clock import monotonic
from edge.jobs import CORE
from models.event import EventKind
from models.lane import Direction, Drive
from models.observation import GuardPressed, GuardReason, Sighting
from mqtt_bridge.access import SITE, relay_login
from mqtt_bridge.panel_core import PanelWiring
from mqtt_bridge.panel_track import PanelSpec
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.sim_panel import PanelSimulator, SimBody, read_panel_ledger
from mqtt_bridge.simulator import GateSimulator
from mqtt_bridge.track import RelaySpec
from tests.fakes.mosquitto import mosquitto_broker, needs_mosquitto
from tests.fakes.running_site import RunningSite, running, settings_of, wait_until

KEYS = [RelayKey.parse(f"{number:064x}") for number in (1, 2)]
GATE = RelaySpec("gate-1", 1, Drive.PULSE, key=KEYS[0])
PANEL = PanelSpec("garage", key=KEYS[1], lamps=frozenset({"1"}), sockets=frozenset({"2"}))


@dataclass
class Night:
    site: RunningSite
    panel: PanelSimulator
    ledger: Path

    def zone(self) -> wire.ZoneState | None:
        site = self.site.site()
        return site.zones[0] if site and site.zones else None

    def gate_is_there(self) -> bool:
        site = self.site.site()
        return site is not None and site.lanes[0].relay_ok

    def load(self) -> str:
        site = self.site.site()
        return f"{site.loads[0].power} {site.loads[0].cause}" if site and site.loads else ""

    def arm(self) -> str:
        ask = wire.ArmLoad(self.site.client.ref(), "c1", "小王")
        return self.site.client.ask(ask, wire.Armed, 20.0).answer


@pytest.fixture
def night(tmp_path: Path) -> Iterator[Night]:
    with mosquitto_broker(tmp_path, (GATE,), panels=(PANEL,)) as broker:
        address = broker.address(SITE)
        settings: Settings = settings_of(
            tmp_path / "state",
            [{"id": "cam1", "source": "kiosk"}],
            broker={"port": address.port, "password": address.password},
            relay=[{"name": "gate-1"}, {"name": "garage"}],
            zone=[
                {
                    "id": "ramp",
                    "lamps": "garage/1",
                    "watts": 100,
                    "inputs": ["garage/pir"],
                    "lit_by": [1],
                    "min_on": 0,
                    "hold": 3,
                }
            ],
            load=[{"id": "c1", "socket": "garage/2", "max_amps": 10, "smoke": ["garage/smoke"]}],
        )
        ledger = tmp_path / "garage.jsonl"
        wiring = PanelWiring("garage", KEYS[1], PANEL.lamps, PANEL.sockets)
        body = SimBody({"1": 100.0}, {}, {"pir": False, "smoke": False})
        login = broker.address(relay_login("garage"))
        panel = PanelSimulator(login, wiring, body, ledger)
        gate = GateSimulator(
            broker.address(relay_login("gate-1")),
            Wiring("gate-1", 1, Drive.PULSE, KEYS[0]),
            tmp_path / "gate.jsonl",
        )
        panel.start()
        gate.start()
        try:
            with running(settings, (CORE,)) as site:
                yield Night(site, panel, ledger)
        finally:
            gate.stop()
            panel.stop()


@needs_mosquitto
def test_who_is_let_in_finds_light_and_smoke_ends_the_charging_until_a_guard_has_looked(
    night: Night,
) -> None:
    wait_until(lambda: night.zone() is not None, 20, "the zones to be told")
    wait_until(lambda: night.panel.levels["1"] == 0, 60, "an empty ramp to go dark")
    wait_until(night.gate_is_there, 20, "the gate's relay to be heard")
    at = Sighting(1, Direction.ENTRY, monotonic())
    pressed = GuardPressed(at, "小王", GuardReason.DELIVERY, "", None)
    opened = night.site.client.ask(wire.Press(night.site.client.ref(), pressed), wire.Answered, 20)
    assert opened.answer == "opened"
    wait_until(lambda: night.panel.levels["1"] == 100, 20, "light for whoever was let in")
    wait_until(lambda: night.panel.levels["1"] == 0, 60, "the ramp to go dark behind them")
    assert night.arm() == "armed"
    wait_until(lambda: night.load() == "on guard", 20, "the socket to come on")
    night.panel.sense("smoke", on=True)
    wait_until(lambda: night.panel.levels["2"] == 0, 20, "the cut")
    wait_until(lambda: night.load() == "cut smoke", 20, "the cut to be told")
    assert night.arm() == "not_safe"
    night.panel.sense("smoke", on=False)
    wait_until(lambda: night.arm() == "armed", 20, "a guard to arm it once the smoke is gone")
    wait_until(lambda: night.panel.levels["2"] == 100, 20, "current again")
    sockets = [one.level for one in read_panel_ledger(night.ledger) if one.output == "2"]
    assert sockets[:4] == [0, 100, 0, 100]
    rows = [(row.kind, row.reason, row.who) for row in night.site.rows()]
    assert (EventKind.ADMIN, "load_armed", "小王") in rows
    assert (EventKind.FAULT, "load_cut_smoke", None) in rows
    ask = wire.Energy(night.site.client.ref(), "2020-01-01")
    assert night.site.client.ask(ask, wire.EnergyIs, 20.0).lines == ()
