"""The relays of a site file in the bridge's words, with the keys kept in the state folder."""

from config.load import secret
from config.settings import Broker, Settings
from edge.places import Places
from models.errors import ConfigError
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.reader import ReaderSpec
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.track import Profile, RelaySpec

PROFILES = {"kuahu/1": Profile.KUAHU, "tasmota": Profile.TASMOTA}


def relay_specs(settings: Settings, places: Places) -> tuple[RelaySpec, ...]:
    """Return every relay that a lane uses.

    Raises ConfigError when a relay has no key, or cannot do what its lane asks.
    """
    lanes = {lane.relay: lane for lane in settings.lane}
    specs = []
    for relay in settings.relay:
        lane = lanes.get(relay.name)
        if lane is None:
            continue
        profile = PROFILES[relay.profile]
        key = relay_key(relay.name, places) if profile is Profile.KUAHU else None
        try:
            spec = RelaySpec(
                relay.name, lane.number, lane.drive, profile, key, device=relay.topic or ""
            )
        except ValueError as error:
            raise ConfigError(str(error)) from error
        specs.append(spec)
    return tuple(specs)


def reader_specs(settings: Settings) -> tuple[ReaderSpec, ...]:
    """Return the card readers of other makers."""
    return tuple(ReaderSpec(one.name, one.lane, one.direction) for one in settings.reader)


def relay_key(name: str, places: Places) -> RelayKey:
    """Return the key of a relay.

    Raises ConfigError when it has none.
    """
    path = places.relay_key(name)
    try:
        return RelayKey.parse(path.read_text("utf-8").strip())
    except OSError as error:
        message = f"relay {name} has no key yet; run `kuahu relay add {name}`"
        raise ConfigError(message) from error
    except ValueError as error:
        message = f"{path} does not hold a relay's key; make it again with `kuahu relay add {name}`"
        raise ConfigError(message) from error


def broker_address(broker: Broker, places: Places) -> BrokerAddress:
    """Return where the broker is and how this site is let in.

    Raises ConfigError when a secret cannot be read or the certificates do not fit.
    """
    password = secret(broker.password, broker.password_file)
    if broker.embedded:
        password = (places.broker / broker.username).read_text("utf-8").strip()
    try:
        return BrokerAddress(
            host=broker.host,
            port=broker.port,
            username=broker.username,
            password=password or "",
            tls=broker.tls,
            ca=broker.ca,
            cert=broker.certificate,
            key=broker.key,
        )
    except ValueError as error:
        message = f"[broker]: {error}"
        raise ConfigError(message) from error
