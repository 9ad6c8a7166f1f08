"""Home Assistant MQTT discovery: a site appears there by itself, to be looked at. Pure.

Every entity is read-only: a command needs a relay's key, and Home Assistant has none. What is
shown lies on plain mirror topics of its own, which may be retained; commands never are.
Format: the MQTT integration's discovery topics, `homeassistant/<component>/<node>/<object>/config`.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Final

from models.command import Position
from models.lane import Drive
from models.sensor import Input, Reading
from mqtt_bridge import topics
from mqtt_bridge.broker import Message
from mqtt_bridge.track import RelaySpec

BIRTH: Final = "homeassistant/status"
"""Where Home Assistant says `online` when it has started and wants to be told everything again."""

_SHOWN: Final = {
    Input.LOOP: ("Loop", "occupancy"),
    Input.RADAR: ("Radar", "occupancy"),
    Input.BEAM: ("Beam", "motion"),
    Input.EDGE: ("Safety edge", "safety"),
    Input.FIRE: ("Fire input", "smoke"),
    Input.CONTACT: ("Contact", "door"),
}


def offline() -> Message:
    """Return what says that the site's daemon is gone; also its last will."""
    return Message(topics.availability(), b"offline", retained=True)


def site(name: str, relays: tuple[RelaySpec, ...]) -> tuple[Message, ...]:
    """Return what makes a site's barriers and last events appear."""
    online = Message(topics.availability(), b"online", retained=True)
    barriers = tuple(_barrier(name, relay) for relay in relays)
    lanes = sorted({relay.lane for relay in relays})
    return (online, *barriers, *(_last_event_sensor(name, lane) for lane in lanes))


def presence(relay: str, *, there: bool) -> Message:
    """Return what says whether one relay is there."""
    return Message(_relay_availability(relay), b"online" if there else b"offline", retained=True)


def mirror(name: str, relay: RelaySpec, reading: Reading) -> tuple[Message, ...]:
    """Return what shows one reading: a sensor for each input that was read, then the state."""
    sensors = tuple(_input_sensor(name, relay, which) for which in sorted(reading.active))
    known = reading.position is not Position.UNKNOWN
    state: dict[str, object] = {
        "position": reading.position.value if known else "None",
        "inputs": {which.value: on for which, on in sorted(reading.active.items())},
    }
    return (*sensors, Message(topics.mirror(relay.name), _json(state), retained=True))


def last_event(lane: int, answer: str, reason: str, at: str) -> Message:
    """Return what shows a lane's last answer; `at` is ISO 8601 with an offset. Never a name."""
    body = _json({"answer": answer, "reason": reason, "at": at})
    return Message(topics.last_event(lane), body, retained=True)


def _barrier(name: str, relay: RelaySpec) -> Message:
    # A cover without a command topic is one that Home Assistant shows and cannot move.
    return _config(
        "cover",
        name,
        f"{relay.name}_barrier",
        {
            "name": "Barrier",
            "device_class": "door" if relay.drive is Drive.HOLD else "gate",
            "state_topic": topics.mirror(relay.name),
            "value_template": "{{ value_json.position }}",
            "state_open": "open",
            "state_opening": "opening",
            "state_closed": "closed",
            "state_closing": "closing",
            **_belongs(name, relay.name),
        },
    )


def _input_sensor(name: str, relay: RelaySpec, which: Input) -> Message:
    title, device_class = _SHOWN[which]
    return _config(
        "binary_sensor",
        name,
        f"{relay.name}_{which}",
        {
            "name": title,
            "device_class": device_class,
            "state_topic": topics.mirror(relay.name),
            # An input that is not read is unknown, never clear.
            "value_template": "{{ {true: 'ON', false: 'OFF'}"
            f".get(value_json.inputs.get('{which}'), 'None') }}}}",
            **_belongs(name, relay.name),
        },
    )


def _last_event_sensor(name: str, lane: int) -> Message:
    topic = topics.last_event(lane)
    return _config(
        "sensor",
        name,
        f"lane{lane}_event",
        {
            "name": f"Lane {lane} last event",
            "state_topic": topic,
            "value_template": "{{ value_json.answer }}",
            "json_attributes_topic": topic,
            "availability_topic": topics.availability(),
            "device": {"identifiers": [f"kuahu_{_slug(name)}"], "name": f"Kuahu {name}"},
        },
    )


@dataclass(frozen=True, slots=True)
class Whose:
    """The site and the relay that an entity belongs to."""

    site: str
    relay: str


def config(component: str, whose: Whose, what: str, body: dict[str, object]) -> Message:
    """Return what makes one entity of a relay appear; it is unavailable while the relay is away."""
    belongs = _belongs(whose.site, whose.relay)
    return _config(component, whose.site, f"{whose.relay}_{what}", body | belongs)


def retained_json(topic: str, body: dict[str, object]) -> Message:
    """Return a state for others to see, kept by the broker."""
    return Message(topic, _json(body), retained=True)


def _slug(name: str) -> str:
    """Return `name` as Home Assistant's topics allow it; two sites never share one."""
    plain = re.sub(r"[^a-zA-Z0-9_-]+", "_", name)
    if plain == name:
        return name
    return f"{plain.strip('_')}_{hashlib.sha256(name.encode()).hexdigest()[:8]}".lstrip("_")


def _belongs(name: str, relay: str) -> dict[str, object]:
    return {
        "availability": [
            {"topic": topics.availability()},
            {"topic": _relay_availability(relay)},
        ],
        "availability_mode": "all",
        "device": {
            "identifiers": [f"kuahu_{_slug(name)}_{relay}"],
            "name": f"Kuahu {relay}",
            "via_device": f"kuahu_{_slug(name)}",
        },
    }


def _relay_availability(relay: str) -> str:
    return f"{topics.mirror(relay)}/availability"


def _config(component: str, name: str, what: str, body: dict[str, object]) -> Message:
    topic = f"homeassistant/{component}/kuahu_{_slug(name)}/{what}/config"
    unique = {"unique_id": f"kuahu_{_slug(name)}_{what}", "origin": {"name": "Kuahu"}}
    return Message(topic, _json(body | unique), retained=True)


def _json(body: dict[str, object]) -> bytes:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
