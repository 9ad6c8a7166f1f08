"""The simulator as a process of its own, poked through its control socket."""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.command import Action, Command, Position, Report
from models.lane import Drive
from models.sensor import Input, Reading
from mqtt_bridge import access, sim_command
from mqtt_bridge.bridge import Bridge
from mqtt_bridge.ledger import read_ledger
from mqtt_bridge.sim_control import poke
from mqtt_bridge.track import RelaySpec
from tests.fakes.mosquitto import Mosquitto, mosquitto_broker, needs_mosquitto
from tests.fakes.relay_site import KEY
from tests.fakes.relay_wire import wait

pytestmark = needs_mosquitto

SPEC = RelaySpec("gate-9", 9, Drive.PULSE, key=KEY)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with mosquitto_broker(tmp_path_factory.mktemp("mosquitto"), (SPEC,)) as running:
        yield running


@pytest.fixture
def process(broker: Mosquitto, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    login = access.relay_login(SPEC.name)
    words = ["--port", str(broker.listener.port), "--username", login, "--relay", SPEC.name]
    words += ["--lane", "9", "--ledger", str(tmp_path / "ledger"), "--travel", "0.2"]
    words += ["--control", str(tmp_path / "c"), "--stay", "1.0"]
    secret = {sim_command.KEY: KEY.hex(), sim_command.PASSWORD: broker.passwords[login]}
    command = [sys.executable, "-m", "mqtt_bridge.simulator", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | secret
    ) as running:
        yield running
        running.terminate()


def test_it_opens_once_counts_a_passage_and_ends_on_sigterm(
    broker: Mosquitto, process: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert process.stdout is not None
    ready = process.stdout.readline()
    assert ready.startswith("ready ")
    assert json.loads(ready.removeprefix("ready "))["relay"] == SPEC.name
    control = tmp_path / "c"
    assert control.stat().st_mode & 0o777 == 0o600
    heard: list[Report | Reading] = []
    bridge = Bridge(broker.address(), (SPEC,), heard.append, time.monotonic)
    bridge.start()
    try:
        wait(lambda: bridge.last_seq(SPEC.name) is not None, "the first heartbeat")
        assert not poke(control, "pass").ok
        sent = Command(secrets.token_hex(16), 9, SPEC.name, Action.OPEN, 1, time.monotonic() + 2)
        bridge.send(sent)
        wait(lambda: any(isinstance(word, Report) for word in heard), "the report")
        wait(lambda: poke(control, "pass").ok, "the gate to let someone through")
        wait(lambda: _last(heard).passages == 1, "the passage")
        wait(lambda: _last(heard).position is Position.CLOSED, "the gate to close itself")
    finally:
        bridge.stop()
    (entry,) = read_ledger(tmp_path / "ledger")
    assert (entry.cmd_id, entry.lane, entry.seq) == (sent.cmd_id, 9, 1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert not control.exists()


def _last(heard: list[Report | Reading]) -> Reading:
    return [word for word in heard if isinstance(word, Reading)][-1]


def test_the_control_socket_does_what_it_says_and_survives_nonsense(
    process: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert process.stdout is not None
    process.stdout.readline()
    control = tmp_path / "c"
    stood = poke(control, "stand").state
    assert stood is not None
    assert stood.inputs[Input.BEAM] is True
    left = poke(control, "leave").state
    assert left is not None
    assert left.inputs[Input.BEAM] is False
    cut = poke(control, "cut", which=Input.LOOP).state
    assert cut is not None
    assert Input.LOOP not in cut.inputs
    assert poke(control, "mend", which=Input.LOOP).ok
    before, after = poke(control, "state").state, poke(control, "reboot").state
    assert before is not None
    assert after is not None
    assert before.epoch != after.epoch
    assert poke(control, "fire").ok
    wait(lambda: read_ledger(tmp_path / "ledger"), "the gate to open for the fire")
    assert poke(control, "fire", on=False).ok
    assert poke(control, "unplug").ok
    unplugged = poke(control, "state").state
    assert unplugged is not None
    assert unplugged.connected is False
    assert poke(control, "plug").ok
    assert "no such word" in poke(control, "explode").error
    assert "no such word" in poke(control, "cut").error


@pytest.mark.parametrize("line", [b"\n", b"{}\n", b"[[[[\n", b'{"do":1}\n', b"\xff\n"])
def test_nonsense_on_the_control_socket_is_answered(
    process: subprocess.Popen[str], tmp_path: Path, line: bytes
) -> None:
    import socket  # noqa: PLC0415 - this test alone talks past `poke`

    assert process.stdout is not None
    process.stdout.readline()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as raw:
        raw.connect(str(tmp_path / "c"))
        raw.sendall(line)
        assert json.loads(raw.makefile("rb").readline())["ok"] is False
    assert poke(tmp_path / "c", "state").ok


@pytest.mark.parametrize(
    ("argv", "key"),
    [
        (["--relay", "gate-1", "--lane", "1", "--ledger", "x"], "not a key"),
        (["--relay", "Gate 1", "--lane", "1", "--ledger", "x"], KEY.hex()),
    ],
    ids=["key", "name"],
)
def test_what_cannot_run_says_why_and_exits_78(
    argv: list[str],
    key: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(sim_command.KEY, key)
    assert sim_command.run(argv) == 78
    assert "relay" in capsys.readouterr().err
