"""Whether a site's settings can work on this machine, before any process is started."""

from pathlib import Path

from config.load import secret
from config.settings import Settings
from edge.channel import MAX_PATH
from edge.panel_table import panel_specs
from edge.places import Places
from edge.relay_table import broker_address, relay_specs
from models.errors import ConfigError
from mqtt_bridge.access import SITE


def check_site(settings: Settings, places: Places) -> None:
    """Return if nothing stands in the way.

    Raises ConfigError with the key and what to do about it.
    """
    relay_specs(settings, places)
    panel_specs(settings, places)
    broker = settings.broker
    if broker.embedded:
        if broker.username != SITE:
            message = f"[broker] username: the embedded broker knows this site as {SITE!r}"
            raise ConfigError(message)
        if broker.port == 0:
            message = "[broker] port: give the embedded broker a port of its own, such as 1883"
            raise ConfigError(message)
    else:
        broker_address(broker, places)
    for camera in settings.camera:
        secret(camera.password, camera.password_file)
    for key, path in _files(settings).items():
        if path is not None and not path.is_file():
            message = f"{key}: there is no file {path}"
            raise ConfigError(message)
    if len(str(places.vision_socket)) > MAX_PATH:
        message = (
            f"[site] state: {places.root} is too long a path for a socket; choose a shorter one"
        )
        raise ConfigError(message)


def _files(settings: Settings) -> dict[str, Path | None]:
    broker, web = settings.broker, settings.web
    return {
        "[broker] ca": broker.ca,
        "[broker] certificate": broker.certificate,
        "[broker] key": broker.key,
        "[web] certificate": web.certificate,
        "[web] key": web.key,
    }
