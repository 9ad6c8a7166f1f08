"""What stands beside the daemon on a box: the health check, the watchdog's time, the broker."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.jobs import BROKER, CORE, VISION, WEB
from edge.places import Places, keep_secret
from edge.supervisor import BACK_OFF
from tests.fakes.mosquitto import PROGRAM, free_port, needs_mosquitto, wait_for_port

_ROOT = Path(__file__).resolve().parents[2]
_BOX = _ROOT / "packaging/box"
_SITE = """
[site]
compound = "00112233"
state = "s"
[broker]
{broker}
[web]
port = 0
[[relay]]
name = "gate-1"
[[lane]]
number = 1
name = "1号门"
relay = "gate-1"
"""


def _site_file(folder: Path, broker: str) -> Path:
    path = folder / "site.toml"
    path.write_text(_SITE.format(broker=broker), "utf-8")
    keep_secret(Places(folder / "s").relay_key("gate-1"), f"{7:064x}")
    return path


def _health(config: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(_BOX / "healthcheck.py"), *more],
        env={"KUAHU_CONFIG": str(config), "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_site_that_does_not_run_is_not_well_and_says_why(tmp_path: Path) -> None:
    config = _site_file(tmp_path, f"port = {free_port()}")
    done = _health(config)
    assert done.returncode == 1
    assert "does not answer" in done.stderr
    assert "broker" in _health(config, "--broker").stderr
    assert "no such key" not in done.stderr
    assert _health(tmp_path / "nonesuch.toml").returncode == 1


def test_systemd_steps_in_only_after_the_supervisor_had_its_time() -> None:
    unit = (_BOX / "kuahu.service").read_text("utf-8")
    (seconds,) = (int(line.split("=")[1]) for line in unit.splitlines()
                  if line.startswith("WatchdogSec="))  # fmt: skip
    slowest = max(job.silent + job.begin for job in (BROKER, CORE, VISION, WEB))
    assert seconds > slowest + max(BACK_OFF)


@needs_mosquitto
def test_the_shipped_broker_starts_from_the_site_file_and_lets_the_site_in(tmp_path: Path) -> None:
    port = free_port()
    config = _site_file(tmp_path, f'port = {port}\npassword_file = "s/broker/kuahu-site"')
    done = _broker(config, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"acl", "mosquitto.conf",
                                                                    "passwords"}  # fmt: skip
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "out").iterdir())
    places = Places(tmp_path / "s")
    password = (places.broker / "kuahu-site").read_text("utf-8")
    assert password not in (tmp_path / "out/passwords").read_text("utf-8")
    log = tmp_path / "log"
    with log.open("wb") as sink:
        process = subprocess.Popen([PROGRAM, "-c", tmp_path / "out/mosquitto.conf"], stderr=sink)
    try:
        wait_for_port(port, process, log)
        assert _health(config, "--broker").returncode == 0
        assert _let_in(port, password)
        assert not _let_in(port, "wrong")
    finally:
        process.terminate()
        process.wait(20)


def _let_in(port: int, password: str) -> bool:
    answers: list[bool] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.username_pw_set("kuahu-site", password)
    client.on_connect = lambda _client, _data, _flags, code, _more: answers.append(
        not code.is_failure
    )
    client.connect("127.0.0.1", port)
    for _ in range(100):
        client.loop(0.1)
        if answers:
            break
    client.disconnect()
    return answers[0]


@pytest.mark.parametrize(
    ("broker", "said"),
    [
        ("embedded = true", "needs no mosquitto"),
        ("", "names no password"),
        ('username = "x"\npassword = "y"', "username"),
        ('host = "0.0.0.0"\npassword = "y"', "without TLS"),
    ],
)
def test_a_broker_that_does_not_fit_the_site_is_refused_in_words(
    tmp_path: Path, broker: str, said: str
) -> None:
    done = _broker(_site_file(tmp_path, broker), tmp_path / "out")
    assert done.returncode == 78
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def _broker(config: Path, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(_BOX / "broker.py"), "--config", str(config), "--out", str(out)],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
