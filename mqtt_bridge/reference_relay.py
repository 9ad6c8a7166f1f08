"""The reference relay: a Raspberry Pi's pins behind the same brain as the simulator.

`kuahu relay serve FILE` calls `main`. It is a Pi, not a safety device: loops, edges and fire
release act in the gate's own hardware and are only mirrored here.
"""

import argparse
import signal
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from time import monotonic
from types import FrameType
from typing import Any

import msgspec

from models.errors import ConfigError
from models.lane import Drive
from models.sensor import Input
from mqtt_bridge.access import relay_login
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.gpio_pins import PiBody, Pins
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.relay_side import RelaySide
from mqtt_bridge.seal import RelayKey


@dataclass(frozen=True, slots=True)
class RelaySettings:
    """All that one reference relay needs to know."""

    address: BrokerAddress
    wiring: Wiring
    pins: Pins


def run(settings: RelaySettings, stop: Event | None = None, factory: object = None) -> None:
    """Serve one relay until SIGTERM, SIGINT or `stop`; `factory` replaces the pins in tests.

    Raises ConfigError when the pins cannot be used.
    """
    ended = stop or Event()
    if stop is None:

        def end(_signal: int, _frame: FrameType | None) -> None:
            ended.set()

        signal.signal(signal.SIGTERM, end)
        signal.signal(signal.SIGINT, end)
    body = PiBody(settings.wiring, settings.pins, monotonic, factory)
    side = RelaySide(settings.address, settings.wiring, body, monotonic)
    side.start()
    ended.wait()
    side.stop()
    body.close()


def main(argv: list[str] | None = None) -> int:
    """Serve the relay that a TOML file describes; return 0 once stopped, 78 when it is wrong."""
    command = argparse.ArgumentParser(
        prog="kuahu relay serve", description="Be the reference relay on a Raspberry Pi's pins."
    )
    command.add_argument("file", type=Path, help="the relay's own TOML file (docs/mqtt.md)")
    asked = command.parse_args(argv)
    try:
        run(load(asked.file))
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 78
    return 0


class _Broker(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password_file: str = ""
    tls: bool = False
    ca: str = ""
    cert: str = ""
    key: str = ""


class _Pins(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    open: int
    close: int | None = None
    loop: int | None = None
    radar: int | None = None
    beam: int | None = None
    edge: int | None = None
    fire: int | None = None
    contact: int | None = None
    pulse: float = 0.5
    release: float = 5.0
    travel: float = 4.0
    opens_when_active: frozenset[Input] = frozenset({Input.LOOP, Input.BEAM, Input.FIRE})


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    lane: int
    drive: Drive
    key_file: str
    pins: _Pins
    broker: _Broker = _Broker()


def load(path: Path) -> RelaySettings:
    """Return the settings in a relay's TOML file; an input is wired where it has a pin.

    Raises ConfigError naming the file and what is wrong in it.
    """
    try:
        with path.open("rb") as file:
            asked = msgspec.convert(tomllib.load(file), _File)
        return _settings(asked, path.parent)
    except (OSError, ValueError) as error:
        message = f"{path}: {error}"
        raise ConfigError(message) from error


def _settings(asked: _File, folder: Path) -> RelaySettings:
    wired: dict[Input, int] = {
        which: pin for which in Input if (pin := getattr(asked.pins, which)) is not None
    }
    key = RelayKey.parse((folder / asked.key_file).read_text())
    presence = frozenset({Input.LOOP, Input.BEAM, Input.EDGE} & set(wired))
    wiring = Wiring(
        asked.name,
        asked.lane,
        asked.drive,
        key,
        presence,
        Input.FIRE in wired,
        Input.CONTACT in wired,
    )
    pins = Pins(
        asked.pins.open,
        asked.pins.close,
        wired,
        asked.pins.opens_when_active,
        asked.pins.pulse,
        asked.pins.release,
        asked.pins.travel,
    )
    return RelaySettings(_address(asked, folder), wiring, pins)


def _address(asked: _File, folder: Path) -> BrokerAddress:
    broker = asked.broker
    files: dict[str, Any] = {
        name: folder / text
        for name, text in (("ca", broker.ca), ("cert", broker.cert), ("key", broker.key))
        if text
    }
    password = (folder / broker.password_file).read_text().strip() if broker.password_file else ""
    username = broker.username or (relay_login(asked.name) if password else "")
    return BrokerAddress(broker.host, broker.port, username, password, broker.tls, **files)
