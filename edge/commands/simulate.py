"""`kuahu simulate`: the gates of a site in numbers, for trying it out before there is iron."""

import secrets
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from config.lanes import LaneTable
from edge.broker_process import broker_passwords
from edge.commands.simulate_panels import living, simulated_panels
from edge.commands.site import DEFAULT, ConfigOption, Site, open_site
from edge.places import keep_secret, make_private
from edge.relay_table import broker_address, relay_specs
from edge.supervisor import set_on_signal
from models.errors import InputError
from models.lane import MAX_LANE, LaneKind
from models.sensor import Input
from mqtt_bridge.access import relay_login
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.panel_track import PanelSpec
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.sim_control import Control, obey
from mqtt_bridge.sim_gate import Timing
from mqtt_bridge.simulator import GateSimulator
from mqtt_bridge.track import RelaySpec

_KEY_BYTES = 32
_PULSE_WIRES = frozenset({Input.LOOP, Input.BEAM})
_BARRIER = 'drive = "open_close"\npresence = ["loop", "beam", "edge"]\ncredentials = ["pass"]'
_KINDS = (
    ("人行", 'kind = "pedestrian"\ndrive = "pulse"'),
    ("车行", f'kind = "vehicle"\n{_BARRIER}'),
    ("非机动车", 'kind = "ebike"\ndrive = "pulse"'),
    ("车棚", 'kind = "shed"\ndrive = "hold"\ndirections = ["entry", "exit"]'),
)


def simulate(  # noqa: PLR0913 - the options of one command
    *,
    gates: Annotated[
        int | None,
        typer.Option(min=1, max=MAX_LANE, help="How many of the site's gates; all if left out."),
    ] = None,
    new: Annotated[
        bool, typer.Option("--new", help="First write a site file with that many lanes, and keys.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Where ledgers and control sockets go."),
    ] = None,
    passwords: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Broker passwords, a file a login."),
    ] = None,
    travel: Annotated[float, typer.Option(min=0.05, help="Seconds that an arm takes.")] = 0.6,
    stay: Annotated[float, typer.Option(min=0.1, help="Seconds that a gate stands open.")] = 3.0,
    config: ConfigOption = DEFAULT,
) -> None:
    """Be the relays, barriers and sensors of a site until told to stop (docs/mqtt.md)."""
    if new:
        write_site(config, gates or len(_KINDS))
    site = open_site(config)
    specs = chosen(site, gates)
    room = (folder or site.places.root / "simulated").resolve()
    make_private(room)
    stop = threading.Event()
    set_on_signal(stop, signal.SIGINT, signal.SIGTERM)
    with ExitStack() as running:
        for spec, address in zip(specs, addresses(site, specs, passwords), strict=True):
            table = next(lane for lane in site.settings.lane if lane.number == spec.lane)
            contact = table.kind in (LaneKind.PEDESTRIAN, LaneKind.SHED)
            gate = GateSimulator(
                address,
                wiring_of(table, spec),
                room / f"{spec.name}.jsonl",
                Timing(travel, stay),
                contact=contact,
            )
            running.enter_context(_answering(gate, room / f"{spec.name}.sock"))
            typer.echo(_line(spec, room))
        panels = simulated_panels(site) if gates is None else ()
        for panel, address in zip(panels, addresses(site, panels, passwords), strict=True):
            typer.echo(running.enter_context(living(site.settings, panel, address, room)))
        stop.wait()


def write_site(config: Path, lanes: int) -> None:
    """Write a site file with `lanes` lanes of several kinds, and make their relays' keys.

    Raises InputError where there is a file already.
    """
    if config.exists():
        message = f"{config} is there already; --new writes another one only where there is none"
        raise InputError(message)
    make_private(config.parent)
    config.write_text(_site_text(lanes), "utf-8")
    places = open_site(config).places
    for number in range(1, lanes + 1):
        keep_secret(places.relay_key(f"gate-{number}"), secrets.token_hex(_KEY_BYTES) + "\n")


def chosen(site: Site, gates: int | None) -> tuple[RelaySpec, ...]:
    """Return the relays to be simulated, in the order of the site file.

    Raises InputError where the site file has fewer, ConfigError where one has no key.
    """
    specs = [spec for spec in relay_specs(site.settings, site.places) if spec.key is not None]
    if gates is not None and gates > len(specs):
        message = (
            f"the site file has {len(specs)} gates with a kuahu/1 relay, not {gates}; ask for "
            "fewer, or let --new write a site file with that many"
        )
        raise InputError(message)
    return tuple(specs[:gates])


def wiring_of(table: LaneTable, spec: RelaySpec) -> Wiring:
    """Return how a lane's relay is wired: as the site file says, or with loop and beam."""
    assert spec.key is not None
    presence = table.presence or _PULSE_WIRES
    return Wiring(spec.name, spec.lane, spec.drive, spec.key, presence, felt=table.vehicle)


def addresses(
    site: Site, specs: Sequence[RelaySpec | PanelSpec], passwords: Path | None
) -> tuple[BrokerAddress, ...]:
    """Return how each relay is let in at the site's broker.

    A password is that of the site's own broker, or a file in the folder `passwords`. Raises
    InputError where a file is missing there.
    """
    settings, places = site.settings, site.places
    known = broker_passwords(settings, places) if settings.broker.embedded else {}
    # A relay never shows the site's own certificate.
    here = replace(broker_address(settings.broker, places), cert=None, key=None)
    found = []
    for spec in specs:
        login = relay_login(spec.name)
        password = known.get(login, "")
        if passwords is not None:
            password = _password(passwords / login)
        found.append(replace(here, username=login, password=password))
    return tuple(found)


@contextmanager
def _answering(gate: GateSimulator, socket: Path) -> Iterator[None]:
    try:
        control = Control(socket, lambda line: obey(gate, line))
    except OSError as error:
        message = f"the control socket {socket} cannot be made: {error}; name another --folder"
        raise InputError(message) from error
    gate.start()
    control.start()
    try:
        yield
    finally:
        control.stop()
        gate.stop()


def _password(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except OSError as error:
        message = f"{file} with a relay's broker password cannot be read: {error.strerror}"
        raise InputError(message) from error


def _line(spec: RelaySpec, room: Path) -> str:
    said = {
        "relay": spec.name,
        "lane": spec.lane,
        "control": str(room / f"{spec.name}.sock"),
        "ledger": str(room / f"{spec.name}.jsonl"),
    }
    return f"ready {msgspec.json.encode(said).decode()}"


def _site_text(lanes: int) -> str:
    tables = [
        "# A site to try out: `kuahu simulate` is its gates, `kuahu run` is the compound.",
        f'[site]\nname = "试用小区"\ncompound = "{secrets.token_hex(4)}"\nstate = "state"',
        "[broker]\nembedded = true\nport = 18830",
    ]
    for number in range(1, lanes + 1):
        name, shape = _KINDS[(number - 1) % len(_KINDS)]
        tables.append(f'[[relay]]\nname = "gate-{number}"')
        tables.append(
            f'[[lane]]\nnumber = {number}\nname = "{number}号{name}"\n'
            f'relay = "gate-{number}"\n{shape}'
        )
    return "\n\n".join(tables) + "\n"
