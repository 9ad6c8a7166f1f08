"""Equipment: what stands around the product in the demo, each piece a process of its own.

Broker, gates and centre are programs that the product meets over sockets only. Each can be pulled
and plugged in again, and none outlives the demo.
"""

import multiprocessing
import os
import runpy
import secrets
import signal
import socket
import ssl
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout, suppress
from http import HTTPStatus
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from multiprocessing.synchronize import Event
from pathlib import Path

from config.settings import Settings
from edge.commands.simulate_panels import living
from edge.demo.lan import Front
from edge.journald import configure_logging
from edge.supervisor import set_on_signal
from models.errors import Fault
from mqtt_bridge import embedded, sim_command, sim_control
from mqtt_bridge.access import Login
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.panel_track import PanelSpec
from mqtt_bridge.relay_core import Wiring

_SPAWN = multiprocessing.get_context("spawn")
_BEGINS_WITHIN = 40.0
_ENDS_WITHIN = 5.0
_LOOKS = 0.1
_PORTS = range(15000, 30000)
_TRIES = 200


class Piece:
    """One process that can be pulled and plugged in again.

    `answers` says whether it is up.
    """

    def __init__(
        self,
        name: str,
        run: Callable[..., object],
        arguments: tuple[object, ...],
        answers: Callable[[], bool],
    ) -> None:
        self.name = name
        self._run = run
        self._arguments = arguments
        self._answers = answers
        self._process: SpawnProcess | None = None

    @property
    def plugged(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.is_alive()

    def begin(self) -> None:
        """Start it, without waiting."""
        if self.plugged:
            return
        self._process = _SPAWN.Process(
            target=_alone, args=(self.name, self._run, self._arguments), name=f"demo-{self.name}"
        )
        self._process.start()

    def wait_ready(self, stop: threading.Event) -> None:
        """Return once it answers, or once `stop` is set.

        Raises Fault when it does not, or has ended.
        """
        for _ in range(int(_BEGINS_WITHIN / _LOOKS)):
            if stop.is_set() or self._answers():
                return
            if not self.plugged:
                break
            stop.wait(_LOOKS)
        message = f"the demo's {self.name} did not start; the lines above say why"
        raise Fault(message, part=self.name, advice="start the demo again")

    def pull(self) -> None:
        """End it, and return when it is gone."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        process.join(_ENDS_WITHIN)
        if process.is_alive():
            process.kill()
            process.join(_ENDS_WITHIN)
        process.close()


def broker(port: int, logins: tuple[Login, ...]) -> Piece:
    """Return the embedded broker on loopback."""
    settings = embedded.EmbeddedSettings(port, logins)
    ready = _SPAWN.Event()
    return Piece("broker", _serve, (settings, ready), ready.is_set)


def gate(wiring: Wiring, address: BrokerAddress, control: Path, ledger: Path) -> Piece:
    """Return one simulated gate; `control` is its socket, `ledger` the file of what it did."""
    argv = [
        *("--relay", wiring.relay, "--lane", str(wiring.lane), "--drive", str(wiring.drive)),
        *("--host", address.host, "--port", str(address.port), "--username", address.username),
        *("--control", str(control), "--ledger", str(ledger)),
    ]
    hidden = {sim_command.KEY: wiring.key.hex(), sim_command.PASSWORD: address.password}
    return Piece(wiring.relay, _simulate, (argv, hidden), lambda: _obeys(control))


def lamps(spec: PanelSpec, settings: Settings, address: BrokerAddress, room: Path) -> Piece:
    """Return the simulated panel with its lamps and sockets; its files are in `room`."""
    control = room / f"{spec.name}.sock"
    return Piece(spec.name, _shine, (spec, settings, address, room), lambda: _listens(control))


def centre(front: Front, database: Path) -> Piece:
    """Return a centre on loopback, or where real phones find it."""
    environment = {
        "KUAHU_CENTRE_DATABASE": f"sqlite:///{database}",
        "KUAHU_CENTRE_URL": front.url,
        "KUAHU_CENTRE_CERTIFICATE": str(front.certificate or ""),
        "KUAHU_CENTRE_KEY": str(front.key or ""),
    }
    return Piece("centre", _centre, (front.host, front.port, environment), lambda: _healthy(front))


def free_port(wanted: int = 0) -> int:
    """Return `wanted` when nobody listens there on loopback, else a port that is free now.

    It lies below those that outgoing connections are given, one of which could take it at once.
    Raises Fault when there is none.
    """
    drawn = (_PORTS.start + secrets.randbelow(len(_PORTS)) for _ in range(_TRIES))
    for port in ([wanted] if wanted else []) + list(drawn):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return port
    message = "no port is free on loopback"
    raise Fault(message, part="network", advice="end some other program")


def _alone(name: str, run: Callable[..., object], arguments: tuple[object, ...]) -> None:
    """Run a piece in its own session, so that a key pressed in the terminal does not reach it."""
    os.setsid()
    configure_logging(name)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def orphaned() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=orphaned, name="parent", daemon=True).start()
    # What a piece says on stdout is for whoever starts it by hand; the demo's stdout is its own.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        run(*arguments)


def _serve(settings: embedded.EmbeddedSettings, ready: Event) -> None:
    embedded.run(settings, ready.set)


def _simulate(argv: list[str], hidden: Mapping[str, str]) -> None:
    os.environ.update(hidden)
    sys.exit(sim_command.run(argv))


def _shine(spec: PanelSpec, settings: Settings, address: BrokerAddress, room: Path) -> None:
    stop = threading.Event()
    set_on_signal(stop, signal.SIGTERM)
    with living(settings, spec, address, room):
        stop.wait()


def _listens(control: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire, suppress(OSError):
        wire.connect(str(control))
        return True
    return False


def _centre(host: str, port: int, environment: Mapping[str, str]) -> None:
    """Run the centre as the program that it is: the edge knows its address, not its insides."""
    os.environ.update(environment)
    sys.argv = ["central", host, str(port)]
    runpy.run_module("central", run_name="__main__")


def _obeys(control: Path) -> bool:
    try:
        state = sim_control.poke(control, "state").state
    except (OSError, ValueError):
        return False
    return state is not None and state.connected


def _healthy(front: Front) -> bool:
    trust = (
        None if front.certificate is None else ssl.create_default_context(cafile=front.certificate)
    )
    try:
        with urllib.request.urlopen(f"{front.url}/v1/health", timeout=2.0, context=trust) as answer:  # noqa: S310 - our own address
            return bool(answer.status == HTTPStatus.OK)
    except (urllib.error.URLError, OSError):
        return False
