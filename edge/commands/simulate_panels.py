"""The lamps, sockets and their sensors of a site in numbers, for `kuahu simulate`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from config.settings import Settings
from edge.commands.site import Site
from edge.panel_table import panel_specs, split
from models.errors import InputError
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.panel_control import obey
from mqtt_bridge.panel_core import PanelWiring
from mqtt_bridge.panel_track import PanelSpec
from mqtt_bridge.sim_control import Control
from mqtt_bridge.sim_panel import PanelSimulator, SimBody


def simulated_panels(site: Site) -> tuple[PanelSpec, ...]:
    """Return the `kuahu/1` relays with lamps or sockets of a site.

    Raises ConfigError where one has no key.
    """
    return tuple(one for one in panel_specs(site.settings, site.places) if one.key is not None)


def body_of(settings: Settings, panel: str) -> SimBody:
    """Return what hangs on a panel as the site file says: nobody moves, nothing smokes."""
    lamps = {split(zone.lamps): zone.watts for zone in settings.zone}
    inputs = {one for zone in settings.zone for one in zone.inputs if ":" not in one}
    inputs |= {one for load in settings.load for one in load.smoke}
    return SimBody(
        lamps={output: watts for (name, output), watts in lamps.items() if name == panel},
        inputs={split(one)[1]: False for one in sorted(inputs) if split(one)[0] == panel},
    )


@contextmanager
def living(
    settings: Settings, spec: PanelSpec, address: BrokerAddress, room: Path
) -> Iterator[str]:
    """Be one panel until the block ends; yield the line that says where it answers."""
    assert spec.key is not None
    ledger, socket = room / f"{spec.name}.jsonl", room / f"{spec.name}.sock"
    wiring = PanelWiring(spec.name, spec.key, spec.lamps, spec.sockets)
    panel = PanelSimulator(address, wiring, body_of(settings, spec.name), ledger)
    try:
        control = Control(socket, lambda line: obey(panel, line))
    except OSError as error:
        message = f"the control socket {socket} cannot be made: {error}; name another --folder"
        raise InputError(message) from error
    panel.start()
    control.start()
    said = {"panel": spec.name, "control": str(socket), "ledger": str(ledger)}
    try:
        yield f"ready {msgspec.json.encode(said).decode()}"
    finally:
        control.stop()
        panel.stop()
