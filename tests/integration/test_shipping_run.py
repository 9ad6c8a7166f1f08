"""`kuahu run` as the shipped unit and image start it: ready, watched, asked after its health."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.jobs import BROKER, CORE, VISION, WEB
from edge.places import Places, keep_secret
from edge.supervisor import BACK_OFF
from tests.fakes.mosquitto import PROGRAM, free_port, needs_mosquitto, wait_for_port
from tests.fakes.running_site import wait_until

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

# What the unit asks of the kernel and any user may ask too: no new rights, and no memory that is
# both written and run (MemoryDenyWriteExecute=).
_AS_THE_UNIT = """
import ctypes, os, sys
libc = ctypes.CDLL(None)
assert libc.prctl(38, 1, 0, 0, 0) == 0
libc.prctl(65, 1, 0, 0, 0)
os.umask(0o077)
os.execv(sys.executable, [sys.executable, "-P", "-c", "from edge.cli import main; main()", "run"])
"""


def _site_file(folder: Path, broker: str) -> Path:
    path = folder / "site.toml"
    path.write_text(_SITE.format(broker=broker), "utf-8")
    keep_secret(Places(folder / "s").relay_key("gate-1"), f"{7:064x}")
    return path


@dataclass
class Watched:
    """A running site and what it tells its service manager."""

    config: Path
    pid: int
    notes: list[tuple[float, str]] = field(default_factory=list)

    def told(self, note: str, since: float = 0.0) -> int:
        return sum(1 for at, said in self.notes if said == note and at >= since)

    def core(self) -> int | None:
        """The process that owns the store's lock, which names it."""
        try:
            pid = int((self.config.parent / "s/lock").read_text("ascii"))
            os.kill(pid, 0)
        except (OSError, ValueError):
            return None
        return pid


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder = tmp_path_factory.mktemp("watched")
    config = _site_file(folder, f"embedded = true\nport = {free_port()}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(folder / "notify"))
        environment = {
            "PATH": os.environ["PATH"],
            "NOTIFY_SOCKET": str(folder / "notify"),
            "KUAHU_CONFIG": str(config),
            "PYTHONPATH": str(_ROOT),
        }
        with subprocess.Popen(
            [sys.executable, "-c", _AS_THE_UNIT], env=environment, cwd="/"
        ) as process:
            watched = Watched(config, process.pid)

            def hear() -> None:
                with suppress(OSError):
                    while note := manager.recv(4096):
                        watched.notes.append((time.monotonic(), note.decode()))

            threading.Thread(target=hear, daemon=True).start()
            try:
                wait_until(lambda: watched.told("READY=1"), 90, "READY=1")
                yield watched
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(40) == 0
                manager.shutdown(socket.SHUT_RD)
    assert watched.told("STOPPING=1") == 1


def _health(config: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(_BOX / "healthcheck.py"), *more],
        env={"KUAHU_CONFIG": str(config), "PYTHONPATH": str(_ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_ready_is_told_once_and_then_the_page_is_well(site: Watched) -> None:
    done = _health(site.config)
    assert (done.returncode, done.stderr) == (0, "")
    assert _health(site.config, "--broker").returncode == 0
    assert site.told("READY=1") == 1


@pytest.mark.parametrize(
    "end",
    [
        pytest.param(signal.SIGKILL, id="core-killed-and-the-next-one-stopped"),
        # The supervisor gives a core that hangs its time, so this one takes most of a minute.
        pytest.param(signal.SIGSTOP, id="core-stopped", marks=pytest.mark.long),
    ],
)
def test_the_watchdog_is_fed_while_core_turns_and_not_while_it_is_stopped(
    site: Watched, end: signal.Signals
) -> None:
    began = time.monotonic()
    wait_until(lambda: site.told("WATCHDOG=1", began) >= 2, 20, "two beats")
    first = site.core()
    assert first is not None
    before = _children(site.pid)
    held: set[int] = set()
    over = threading.Event()

    def hold() -> None:
        # Whichever core comes after the first is stopped too, before it can turn.
        while not over.wait(0.005):
            for pid in _children(site.pid) - before - held:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
                    held.add(pid)

    os.kill(first, end)
    holder = threading.Thread(target=hold)
    holder.start()
    try:
        wait_until(lambda: not _alive(first), 60, "the end of the first core")
        silent_from = time.monotonic() + 1.5
        time.sleep(4.5)
        assert held, "a new core was started and stopped"
        assert site.told("WATCHDOG=1", silent_from) == 0
        assert _health(site.config).returncode == 1
    finally:
        over.set()
        holder.join()
        for pid in held:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
    again = time.monotonic()
    wait_until(lambda: site.told("WATCHDOG=1", again) >= 2, 60, "beats after core came back")
    wait_until(lambda: _health(site.config).returncode == 0, 30, "a page that is well again")


def _alive(pid: int) -> bool:
    try:
        return "(zombie)" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def _children(parent: int) -> set[int]:
    found: set[int] = set()
    # A thread of the supervisor may end while we look.
    with suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found


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
