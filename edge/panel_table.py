"""The panels of a site file, its zones and its loads in the words of gate/ and mqtt_bridge/."""

from config.settings import Settings
from config.zones import LoadTable, ZoneTable, panels
from edge.places import Places
from edge.relay_table import relay_key
from gate.energy import Tariff
from gate.loads import LoadRule
from gate.schedules import window
from models.errors import ConfigError
from models.zone import ZoneRule
from mqtt_bridge.panel_track import Make, PanelSpec

MAKES = {"kuahu/1": Make.KUAHU, "tasmota": Make.TASMOTA, "shelly": Make.SHELLY}
_HOUR = 3600.0


def panel_specs(settings: Settings, places: Places) -> tuple[PanelSpec, ...]:
    """Return every relay that a zone or a load names.

    Raises ConfigError when one has no key, or names outputs that it cannot have.
    """
    wanted = panels(settings.zone, settings.load)
    lamps = [split(zone.lamps) for zone in settings.zone]
    sockets = [split(load.socket) for load in settings.load]
    specs = []
    for relay in settings.relay:
        if relay.name not in wanted:
            continue
        make = MAKES[relay.profile]
        key = relay_key(relay.name, places) if make is Make.KUAHU else None
        try:
            spec = PanelSpec(
                relay.name,
                make,
                key,
                relay.topic or "",
                frozenset(output for name, output in lamps if name == relay.name),
                frozenset(output for name, output in sockets if name == relay.name),
            )
        except ValueError as error:
            raise ConfigError(str(error)) from error
        specs.append(spec)
    return tuple(specs)


def split(wire: str) -> tuple[str, str]:
    """Return the relay and the output or input that `RELAY/WIRE` names."""
    relay, _, output = wire.partition("/")
    return relay, output


def zone_rule(table: ZoneTable) -> ZoneRule:
    """Return a zone in the house's words."""
    return ZoneRule(
        table.id,
        frozenset(table.inputs),
        table.next,
        table.lit_by,
        table.min_on,
        table.hold,
        table.dim,
        table.daylight != "none",
    )


def tariff(table: ZoneTable) -> Tariff:
    """Return what a zone's lamps draw and cost."""
    return Tariff(table.watts, table.baseline_hours, table.price)


def load_rule(table: LoadTable) -> LoadRule:
    """Return a load in the house's words."""
    return LoadRule(
        table.id,
        tuple(window(each) for each in table.hours),
        table.longest_hours * _HOUR,
        table.max_amps,
        frozenset(table.smoke),
    )
