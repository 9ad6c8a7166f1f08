"""The embedded broker as one of our processes: loopback, a login for every client."""

import asyncio
import os
import secrets
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from threading import Event

from config.settings import Settings
from edge.panel_table import panel_specs
from edge.places import Places, keep_secret
from edge.relay_table import reader_specs, relay_specs
from mqtt_bridge.access import SITE, WATCH, logins, reader_login, relay_login
from mqtt_bridge.embedded import EmbeddedSettings
from mqtt_bridge.embedded import run as serve

_TURN = 0.5


def broker_passwords(settings: Settings, places: Places) -> dict[str, str]:
    """Return the password of every login of the embedded broker, made where there is none yet."""
    names = [SITE, WATCH, *(relay_login(relay.name) for relay in settings.relay)]
    names += [reader_login(reader.name) for reader in settings.reader]
    passwords = {}
    for name in names:
        path = places.broker / name
        if not path.exists():
            keep_secret(path, secrets.token_urlsafe(24))
        passwords[name] = path.read_text("utf-8").strip()
    return passwords


def run(settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """Serve until `stop`.

    Raises ConfigError when the port is taken.
    """
    places = Places(root)
    passwords = broker_passwords(settings, places)
    relays = relay_specs(settings, places)
    panels = panel_specs(settings, places)

    def end() -> None:
        stop.wait()
        os.kill(os.getpid(), signal.SIGTERM)

    def ready() -> None:
        loop = asyncio.get_running_loop()

        def turn() -> None:
            beat()
            loop.call_later(_TURN, turn)

        turn()

    threading.Thread(target=end, name="stop", daemon=True).start()
    known = logins(relays, passwords, panels=panels, readers=reader_specs(settings))
    serve(EmbeddedSettings(settings.broker.port, known), ready)
