"""A real mosquitto with the configuration that we ship, on a free port, in a folder of its own."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from mqtt_bridge import access, mosquitto
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.mosquitto import Listener
from mqtt_bridge.panel_track import PanelSpec
from mqtt_bridge.track import RelaySpec
from tests.fakes.free_port import free_port

PROGRAM = shutil.which("mosquitto") or "/usr/sbin/mosquitto"

needs_mosquitto = pytest.mark.skipif(
    not Path(PROGRAM).exists(), reason="mosquitto is not installed: apt install mosquitto"
)


class Mosquitto:
    """One broker: `address(login)` lets a client in; it can be stopped, started, stalled."""

    def __init__(
        self,
        folder: Path,
        relays: tuple[RelaySpec, ...],
        listener: Listener | None = None,
        panels: tuple[PanelSpec, ...] = (),
    ) -> None:
        self.listener = listener or Listener(port=free_port())
        self.log = folder / "mosquitto.log"
        self._config = folder / "mosquitto.conf"
        self._ca: Path | None = None
        names = [
            access.SITE,
            access.WATCH,
            access.USES,
            *(access.relay_login(r.name) for r in (*relays, *panels)),
        ]
        self.passwords = {name: secrets.token_urlsafe(16) for name in names}
        logins = access.logins(relays, self.passwords, panels=panels)
        passwords, acl = folder / "passwords", folder / "acl"
        mosquitto.write_passwords(passwords, logins)
        acl.touch(mode=0o600)
        acl.write_text(mosquitto.render_acl(logins))
        user = "root" if os.geteuid() == 0 else ""
        self._config.write_text(mosquitto.render_config(self.listener, passwords, acl, user))
        self._process: subprocess.Popen[bytes] | None = None

    def trust(self, ca: Path) -> None:
        self._ca = ca

    def address(self, login: str = access.SITE) -> BrokerAddress:
        plain = BrokerAddress(
            self.listener.host, self.listener.port, login, self.passwords.get(login, "")
        )
        return replace(plain, tls=True, ca=self._ca) if self._ca else plain

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([PROGRAM, "-c", str(self._config)], stderr=log)
        wait_for_port(self.listener.port, self._process, self.log)

    def stop(self) -> None:
        if self._process is not None:
            self.resume()
            self._process.terminate()
            self._process.wait(20)
            self._process = None

    def listening(self) -> set[str]:
        """Return every address that the process listens on, as the kernel writes it (hex)."""
        assert self._process is not None
        own = Path(f"/proc/{self._process.pid}")
        links = []
        for fd in (own / "fd").iterdir():
            # A connection that closes while we look is no listener.
            with suppress(FileNotFoundError):
                links.append(str(fd.readlink()))
        sockets = {link[8:-1] for link in links if link.startswith("socket:")}
        rows = [
            row.split()
            for table in ("tcp", "tcp6")
            for row in (own / "net" / table).read_text().splitlines()[1:]
        ]
        return {row[1] for row in rows if row[3] == "0A" and row[9] in sockets}

    def stall(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(400):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.025)
    message = f"the broker did not come up on {port}: {log.read_text()[-2000:]}"
    raise RuntimeError(message)


@contextmanager
def mosquitto_broker(
    folder: Path,
    relays: tuple[RelaySpec, ...],
    listener: Listener | None = None,
    panels: tuple[PanelSpec, ...] = (),
) -> Iterator[Mosquitto]:
    broker = Mosquitto(folder, relays, listener, panels)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
