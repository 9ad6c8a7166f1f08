"""Home Assistant MQTT discovery for lamps, sockets and their inputs: to be looked at. Pure.

Lamps and sockets are binary sensors, not lights and switches: those need a command topic, and a
charger must not be armed from there.
"""

from models.panel import Panel
from mqtt_bridge import discovery, topics
from mqtt_bridge.broker import Message
from mqtt_bridge.discovery import BIRTH, Whose, config, retained_json
from mqtt_bridge.panel_track import PanelSpec

__all__ = ["BIRTH", "mirror", "panel", "presence"]

_SEES = {"smoke": "smoke", "pir": "motion", "loop": "occupancy", "lux": "light"}


def panel(site: str, spec: PanelSpec) -> tuple[Message, ...]:
    """Return what makes a panel's lamps and sockets appear."""
    lamps = tuple(_output(site, spec, one, "Lamps", "light") for one in sorted(spec.lamps))
    sockets = tuple(_output(site, spec, one, "Socket", "power") for one in sorted(spec.sockets))
    return (*lamps, *sockets)


def presence(name: str, *, there: bool) -> Message:
    """Return what says whether one panel is there."""
    return discovery.presence(name, there=there)


def mirror(site: str, spec: PanelSpec, said: Panel) -> tuple[Message, ...]:
    """Return what shows one report: a sensor for each input and meter that was read, the state."""
    inputs = tuple(_input(site, spec, one) for one in sorted(said.inputs))
    meters = tuple(_meter(site, spec, one) for one in sorted(said.watts))
    state: dict[str, object] = {
        "levels": dict(sorted(said.levels.items())),
        "inputs": dict(sorted(said.inputs.items())),
        "watts": {name: round(value) for name, value in sorted(said.watts.items())},
    }
    return (*inputs, *meters, retained_json(topics.mirror(spec.name), state))


def _output(site: str, spec: PanelSpec, output: str, title: str, shown_as: str) -> Message:
    body: dict[str, object] = {
        "name": f"{title} {output}",
        "device_class": shown_as,
        "state_topic": topics.mirror(spec.name),
        "value_template": f"{{{{ 'ON' if value_json.levels.get('{output}', 0) > 0 else 'OFF' }}}}",
    }
    return config("binary_sensor", Whose(site, spec.name), f"out_{output}", body)


def _input(site: str, spec: PanelSpec, which: str) -> Message:
    shown_as = next((kind for word, kind in _SEES.items() if word in which), "motion")
    body: dict[str, object] = {
        "name": which,
        "device_class": shown_as,
        "state_topic": topics.mirror(spec.name),
        "value_template": "{{ {true: 'ON', false: 'OFF'}"
        f".get(value_json.inputs.get('{which}'), 'None') }}}}",
    }
    return config("binary_sensor", Whose(site, spec.name), f"in_{which}", body)


def _meter(site: str, spec: PanelSpec, output: str) -> Message:
    body: dict[str, object] = {
        "name": f"Power {output}",
        "device_class": "power",
        "state_class": "measurement",
        "unit_of_measurement": "W",
        "state_topic": topics.mirror(spec.name),
        "value_template": f"{{{{ value_json.watts.get('{output}') }}}}",
    }
    return config("sensor", Whose(site, spec.name), f"watts_{output}", body)
