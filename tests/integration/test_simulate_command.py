"""`kuahu simulate` as an installer uses it: a site to try, its gates, and the site beside them."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.load import load
from edge import wire
from edge.channel import ChannelFault, Client, Refused, connect
from edge.commands import simulate
from edge.commands.site import open_site
from edge.jobs import BROKER, CORE
from edge.places import Places
from edge.supervisor import Supervisor
from models.command import Action, Position
from models.errors import ConfigError, InputError
from models.lane import Direction, Drive
from models.observation import GuardPressed, GuardReason, Sighting
from models.sensor import Input
from mqtt_bridge.ledger import read_ledger
from mqtt_bridge.relay_core import Cause
from mqtt_bridge.sim_control import Reply, poke
from mqtt_bridge.simulator import GateState
from tests.fakes.mosquitto import free_port
from tests.fakes.running_site import wait_until

GATES = 8
PROGRAM = [sys.executable, "-c", "from edge.cli import main; main()"]


@contextmanager
def simulating(*words: str, **environment: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [*PROGRAM, "simulate", *words],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as process:
        try:
            yield process
        finally:
            process.terminate()
            assert process.wait(30) == 0


def ready_lines(process: subprocess.Popen[str], count: int) -> list[dict[str, str]]:
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(count)]
    assert all(line.startswith("ready ") for line in lines), lines
    return [json.loads(line.removeprefix("ready ")) for line in lines]


def state_of(reply: Reply) -> GateState:
    assert reply.ok, reply.error
    assert reply.state is not None
    return reply.state


def press(places: Places, lane: int) -> str:
    client = Client(connect(places.core_socket, "cli"), lambda _message: None)
    try:
        at = Sighting(lane, Direction.ENTRY, time.monotonic())
        seen = GuardPressed(at, "wang", GuardReason.DELIVERY)
        return client.ask(wire.Press(client.ref(), seen), wire.Answered).answer
    except (ChannelFault, Refused):
        return "no answer"
    finally:
        client.close()


def test_eight_new_gates_open_each_its_own_and_feel_edge_contact_and_fire(tmp_path: Path) -> None:
    file, port = tmp_path / "try" / "site.toml", free_port()
    with simulating(
        *("--new", "--gates", str(GATES), "--config", str(file), "--stay", "1.0"),
        KUAHU_BROKER__PORT=str(port),
    ) as process:
        said = ready_lines(process, GATES)
        assert [one["relay"] for one in said] == [f"gate-{n}" for n in range(1, GATES + 1)]
        settings = load(file)
        settings = settings.model_copy(
            update={"broker": settings.broker.model_copy(update={"port": port})}
        )
        places = Places(settings.site.state)
        supervisor = Supervisor((BROKER, CORE), settings, places.root)
        supervisor.start()
        try:
            controls = [Path(one["control"]) for one in said]
            for lane, control in enumerate(controls, 1):
                assert control.stat().st_mode & 0o777 == 0o600
                wait_until(lambda lane=lane: press(places, lane) == "opened", 30, f"lane {lane}")
        finally:
            supervisor.stop()
        for number, one in enumerate(said, 1):
            opens = [e for e in read_ledger(Path(one["ledger"])) if e.cause is Cause.COMMAND]
            assert {(e.relay, e.lane) for e in opens} == {(f"gate-{number}", number)}
            assert Action.OPEN in {e.action for e in opens}
        squeezed = state_of(poke(controls[1], "squeeze"))
        assert squeezed.inputs[Input.EDGE] is True
        assert state_of(poke(controls[1], "squeeze", on=False)).inputs[Input.EDGE] is False
        shed = controls[3]
        wait_until(
            lambda: state_of(poke(shed, "state")).position is Position.CLOSED, 20, "a shut shed"
        )
        assert state_of(poke(shed, "state")).inputs[Input.CONTACT] is True
        assert state_of(poke(shed, "force")).inputs[Input.CONTACT] is False
        before = len(read_ledger(Path(said[3]["ledger"])))
        assert poke(shed, "fire").ok
        wait_until(
            lambda: len(read_ledger(Path(said[3]["ledger"]))) > before, 20, "the fire's opening"
        )
    assert not any(control.exists() for control in controls)


def test_a_site_is_wired_as_its_file_says(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    simulate.write_site(file, 4)
    site = open_site(file)
    tables = {table.number: table for table in site.settings.lane}
    wired = [simulate.wiring_of(tables[s.lane], s) for s in simulate.chosen(site, None)]
    assert [w.drive for w in wired] == [Drive.PULSE, Drive.OPEN_CLOSE, Drive.PULSE, Drive.HOLD]
    assert wired[1].presence == {Input.LOOP, Input.BEAM, Input.EDGE}
    assert len({w.key.hex() for w in wired}) == 4
    assert [s.name for s in simulate.chosen(site, 2)] == ["gate-1", "gate-2"]
    with pytest.raises(InputError, match=r"has 4 gates .* not 5"):
        simulate.chosen(site, 5)
    with pytest.raises(InputError, match="there already"):
        simulate.write_site(file, 4)
    site.places.relay_key("gate-3").unlink()
    with pytest.raises(ConfigError, match="kuahu relay add gate-3"):
        simulate.chosen(site, None)


def test_another_broker_s_passwords_come_from_a_folder(tmp_path: Path) -> None:
    file, keys = tmp_path / "site.toml", tmp_path / "keys"
    simulate.write_site(file, 2)
    file.write_text(file.read_text("utf-8").replace("embedded = true", 'host = "192.0.2.9"'))
    site = open_site(file)
    specs = simulate.chosen(site, None)
    assert {one.password for one in simulate.addresses(site, specs, None)} == {""}
    keys.mkdir()
    (keys / "relay-gate-1").write_text("one\n")
    with pytest.raises(InputError, match="relay-gate-2"):
        simulate.addresses(site, specs, keys)
    (keys / "relay-gate-2").write_text("two\n")
    found = simulate.addresses(site, specs, keys)
    assert [(a.host, a.username, a.password) for a in found] == [
        ("192.0.2.9", "relay-gate-1", "one"),
        ("192.0.2.9", "relay-gate-2", "two"),
    ]
