"""`kuahu run` as an installer starts it: own broker, own core, one simulated gate, no cameras."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from config.load import load
from edge import wire
from edge.broker_process import broker_passwords
from edge.channel import Channel, ChannelFault, Client, Refused, connect
from edge.commands.run import begin
from edge.jobs import BROKER, CORE
from edge.places import Places, keep_secret
from edge.supervisor import Supervisor
from models.command import Action
from models.errors import InputError
from models.event import EventKind
from models.lane import Direction, Drive
from models.observation import GuardPressed, GuardReason, Sighting
from mqtt_bridge.access import relay_login
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.ledger import Entry, read_ledger
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.simulator import GateSimulator
from tests.fakes.mosquitto import free_port
from tests.fakes.running_site import wait_until

KEY = f"{7:064x}"


@dataclass
class Gate:
    """One simulated gate on the site's own broker."""

    places: Places
    ledger: Path
    simulator: GateSimulator

    def press(self) -> str:
        """Open by hand as a guard would; a core that is just being started again counts as away."""
        try:
            client = Client(connect(self.places.core_socket, "cli"), lambda _message: None)
        except ChannelFault:
            return "no core"
        try:
            at = Sighting(1, Direction.ENTRY, time.monotonic())
            seen = GuardPressed(at, "wang", GuardReason.DELIVERY)
            return client.ask(wire.Press(client.ref(), seen), wire.Answered).answer
        except (ChannelFault, Refused):
            return "no answer"
        finally:
            client.close()

    def openings(self) -> list[Entry]:
        return [entry for entry in read_ledger(self.ledger) if entry.action is Action.OPEN]


def site_file(root: Path, port: int) -> Path:
    path = root / "site.toml"
    path.write_text(
        f"""
[site]
compound = "00112233"
state = "s"
[broker]
embedded = true
port = {port}
[web]
port = 0
[[relay]]
name = "gate-1"
[[lane]]
number = 1
name = "1号门"
relay = "gate-1"
""",
        "utf-8",
    )
    keep_secret(Places(root / "s").relay_key("gate-1"), KEY)
    return path


@contextmanager
def gate(root: Path, port: int) -> Iterator[Gate]:
    places = Places(root / "s")
    settings = load(root / "site.toml")
    login = relay_login("gate-1")
    password = broker_passwords(settings, places)[login]
    wiring = Wiring("gate-1", 1, Drive.PULSE, RelayKey.parse(KEY), presence=frozenset())
    ledger = root / "ledger"
    simulator = GateSimulator(BrokerAddress("127.0.0.1", port, login, password), wiring, ledger)
    simulator.start()
    try:
        yield Gate(places, ledger, simulator)
    finally:
        simulator.stop()


def test_killed_core_and_killed_broker_come_back_and_nothing_opens_by_itself(
    tmp_path: Path,
) -> None:
    port = free_port()
    settings = load(site_file(tmp_path, port))
    supervisor = Supervisor((BROKER, CORE), settings, tmp_path / "s")
    supervisor.start()
    try:
        with gate(tmp_path, port) as one:
            wait_until(lambda: one.press() == "opened", 20, "a first opening")
            for name in ("core", "broker", "core"):
                before = len(one.openings())
                pid = supervisor.processes()[name]
                assert pid is not None
                os.kill(pid, signal.SIGKILL)
                old = {None, pid}
                wait_until(
                    lambda name=name, old=old: supervisor.processes()[name] not in old,
                    20,
                    "a new life",
                )
                time.sleep(2.0)
                assert len(one.openings()) == before, f"something opened after {name} was killed"
                wait_until(
                    lambda: one.press() == "opened", 30, f"an opening after {name} came back"
                )
            commands = [entry.cmd_id for entry in one.openings()]
            assert len(commands) == len(set(commands))
            client = Client(connect(one.places.core_socket, "cli"), lambda _message: None)
            rows = client.ask(wire.Rows(client.ref(), 0, 200), wire.RowsAre).rows
            client.close()
            done = [row for row in rows if row.kind is EventKind.DECISION and row.outcome == "done"]
            assert len(done) == len(commands), "each actuation has its decision and its report"
    finally:
        supervisor.stop()


def test_run_starts_says_where_and_stops_on_ctrl_c(tmp_path: Path) -> None:
    path = site_file(tmp_path, free_port())
    command = [sys.executable, "-c", "from edge.cli import main; main()"]
    with subprocess.Popen(
        [*command, "run", "--config", str(path)], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        lines: list[str] = []
        while not any("claim code" in line for line in lines):
            line = process.stderr.readline()
            assert line, lines
            lines.append(line)
        url = next(line.split()[-1] for line in lines if line.startswith("guard page"))
        assert httpx.get(f"{url}healthz", trust_env=False).status_code == httpx.codes.OK
        code = next(line.split()[-1] for line in lines if "claim code" in line)
        assert (tmp_path / "s" / "claim").read_text("utf-8") == code
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(30) == 0
        assert "Traceback" not in rest
    with pytest.raises(ChannelFault):
        connect(Places(tmp_path / "s").core_socket, "cli")


def test_a_second_start_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    settings = load(site_file(tmp_path, free_port()))
    supervisor = Supervisor((BROKER, CORE), settings, tmp_path / "s")
    supervisor.start()
    try:
        with pytest.raises(InputError, match="running already"):
            begin(settings, Places(tmp_path / "s"))
        client = Client(connect(Places(tmp_path / "s").core_socket, "cli"), lambda _message: None)
        request = wire.PutUser(client.ref(), "anna", "guard", "$argon2id$")
        client.ask(request, wire.Done)
        assert not Places(tmp_path / "s").claim.exists(), "an account ends the claim"
        client.close()
    finally:
        supervisor.stop()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[web]", "[web]\ncertificate = 'no.pem'\nkey = 'no.key'", "there is no file"),
        ("embedded = true", "embedded = true\nusername = 'x'", "knows this site as"),
        ('name = "gate-1"', 'name = "gate-2"', "is not a [[relay]]"),
    ],
)
def test_what_cannot_work_is_said_before_anything_starts(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    path = site_file(tmp_path, free_port())
    path.write_text(path.read_text("utf-8").replace(old, new, 1), "utf-8")
    command = [sys.executable, "-c", "from edge.cli import main; main()"]
    for verb in ("run", "check-config"):
        done = subprocess.run(
            [*command, verb, "--config", str(path)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 78, done.stderr
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_strangers_at_the_socket_are_shown_out(tmp_path: Path) -> None:
    port = free_port()
    supervisor = Supervisor((BROKER, CORE), load(site_file(tmp_path, port)), tmp_path / "s")
    supervisor.start()
    try:
        for hello in (wire.Hello("burglar"), wire.Hello("cli", version=99), wire.Crop(1, 1)):
            channel = connect_raw(tmp_path / "s" / "core.sock")
            channel.send(hello)
            assert channel.receive() is None
            channel.close()
    finally:
        supervisor.stop()


def connect_raw(path: Path) -> Channel:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(str(path))
    return Channel(connection)
