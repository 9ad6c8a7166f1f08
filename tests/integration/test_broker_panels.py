"""Panels over a real broker: set, cut off, come back; the panel's own ledger is the truth."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from models.panel import KEEP, Panel
from mqtt_bridge.access import SITE, relay_login
from mqtt_bridge.panel_control import PanelReply, obey
from mqtt_bridge.panel_core import Moved, PanelWiring
from mqtt_bridge.panel_track import Make, PanelSpec
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.sim_panel import PanelSimulator, SimBody, read_panel_ledger
from mqtt_bridge.switchboard import Switchboard
from tests.fakes.mosquitto import mosquitto_broker, needs_mosquitto
from tests.fakes.running_site import wait_until

KEY = RelayKey(bytes(range(32)))
SPEC = PanelSpec("garage", Make.KUAHU, KEY, "", frozenset({"hall"}), frozenset({"c1"}))
WIRING = PanelWiring("garage", KEY, SPEC.lamps, SPEC.sockets)


@dataclass
class Wired:
    board: Switchboard
    panel: PanelSimulator
    ledger: Path
    heard: list[Panel] = field(default_factory=list)

    def levels(self) -> list[tuple[str, int, Moved]]:
        return [(one.output, one.level, one.cause) for one in read_panel_ledger(self.ledger)]


@pytest.fixture
def wired(tmp_path: Path) -> Iterator[Wired]:
    with mosquitto_broker(tmp_path, (), panels=(SPEC,)) as broker:
        heard: list[Panel] = []
        board = Switchboard(
            broker.address(SITE), (SPEC,), heard.append, time.monotonic, site="小区"
        )
        ledger = tmp_path / "garage.jsonl"
        body = SimBody({"hall": 40.0}, {}, {"pir": False, "smoke": False})
        address = broker.address(relay_login("garage"))
        panel = PanelSimulator(address, WIRING, body, ledger)
        panel.start()
        board.start()
        try:
            yield Wired(board, panel, ledger, heard)
        finally:
            board.stop()
            panel.stop()


@needs_mosquitto
def test_lamps_follow_and_a_socket_that_lost_its_power_is_not_armed_by_coming_back(
    wired: Wired,
) -> None:
    wait_until(lambda: wired.heard and not wired.board.trouble("garage"), 20, "a heartbeat")
    assert wired.board.set("garage", {"hall": 20, "c1": 100})
    wait_until(lambda: wired.panel.levels == {"hall": 20, "c1": 100}, 10, "what was set")
    assert wired.levels() == [
        ("c1", 0, Moved.START),
        ("hall", 100, Moved.START),
        ("c1", 100, Moved.SETTING),
        ("hall", 20, Moved.SETTING),
    ]
    said = obey(wired.panel, b'{"do":"plug_in","output":"c1","amps":2.5}')
    assert said == PanelReply(ok=True, levels={"hall": 20, "c1": 100})
    wait_until(lambda: wired.heard[-1].amps == {"c1": 2.5}, 10, "the current")
    assert wired.heard[-1].watts["hall"] == pytest.approx(8.0)
    assert obey(wired.panel, b'{"do":"reboot"}').levels == {"hall": 100, "c1": 0}
    # What keeps a socket as it is, said on and on, arms nothing after the power cut.
    stop = threading.Event()
    until = time.monotonic() + 3.5
    while time.monotonic() < until:
        wired.board.set("garage", {"hall": 0, "c1": KEEP})
        stop.wait(0.2)
    wait_until(lambda: wired.panel.levels["hall"] == 0, 20, "the lamps to follow again")
    assert wired.panel.levels["c1"] == 0
    assert [each for each in wired.levels() if each[0] == "c1"][-1] == ("c1", 0, Moved.START)
    assert not obey(wired.panel, b'{"do":"dance"}').ok
    assert not obey(wired.panel, b"dance").ok
