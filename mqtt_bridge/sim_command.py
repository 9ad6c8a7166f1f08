"""The simulator's command line: one process, one gate."""

import argparse
import os
import signal
import sys
from pathlib import Path
from threading import Event
from types import FrameType

import msgspec

from models.lane import Drive
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.sim_control import Control, obey
from mqtt_bridge.sim_gate import Timing
from mqtt_bridge.simulator import GateSimulator

PASSWORD = "KUAHU_BROKER_PASSWORD"  # noqa: S105 - the name of a variable
KEY = "KUAHU_RELAY_KEY"


def parser() -> argparse.ArgumentParser:
    """Return the command's arguments."""
    command = argparse.ArgumentParser(
        prog="python -m mqtt_bridge.simulator",
        description="A relay, barrier, loop, beam and fire input that exist only in numbers. "
        f"Secrets come by environment: {KEY} (64 hex digits) and {PASSWORD}.",
    )
    command.add_argument("--host", default="127.0.0.1", help="the broker's host")
    command.add_argument("--port", type=int, default=1883, help="the broker's port")
    command.add_argument("--username", default="", help="the relay's login at the broker")
    command.add_argument("--ca", type=Path, help="the broker's certificate authority; turns TLS on")
    command.add_argument("--relay", required=True, help="the relay's name, such as gate-1")
    command.add_argument("--lane", type=int, required=True, help="the lane's number")
    command.add_argument("--drive", type=Drive, default=Drive.PULSE, choices=list(Drive))
    command.add_argument("--ledger", type=Path, required=True, help="file of what was really done")
    command.add_argument("--control", type=Path, help="Unix socket to poke the gate with")
    command.add_argument("--travel", type=float, default=Timing().travel, help="seconds to open")
    command.add_argument("--stay", type=float, default=Timing().stay, help="seconds to stand open")
    command.add_argument(
        "--no-position", action="store_true", help="no position wire: the state is unknown"
    )
    return command


def run(argv: list[str] | None = None) -> int:
    """Run one simulated gate until SIGTERM or SIGINT; `ready {json}` on stdout when it is up."""
    asked = parser().parse_args(argv)
    try:
        key = RelayKey.parse(os.environ.get(KEY, ""))
        wiring = Wiring(asked.relay, asked.lane, asked.drive, key, position=not asked.no_position)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 78
    address = BrokerAddress(
        asked.host,
        asked.port,
        asked.username,
        os.environ.get(PASSWORD, ""),
        tls=asked.ca is not None,
        ca=asked.ca,
    )
    gate = GateSimulator(address, wiring, asked.ledger, Timing(asked.travel, asked.stay))
    path = asked.control
    control = Control(path, lambda line: obey(gate, line)) if path else None
    stop = Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    gate.start()
    if control:
        control.start()
    ready = {"relay": asked.relay, "control": str(asked.control or ""), "pid": os.getpid()}
    sys.stdout.write(f"ready {msgspec.json.encode(ready).decode()}\n")
    sys.stdout.flush()
    stop.wait()
    if control:
        control.stop()
    gate.stop()
    return 0
