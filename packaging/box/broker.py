#!/usr/bin/env python3
"""Writes mosquitto's configuration, logins and rights for the site of a site file."""

import argparse
import os
import sys
from pathlib import Path

from config.load import load, secret
from config.settings import Settings
from edge.broker_process import broker_passwords
from edge.panel_table import panel_specs
from edge.places import Places, keep_secret, make_private
from edge.relay_table import reader_specs, relay_specs
from models.errors import ConfigError
from mqtt_bridge.access import SITE, logins
from mqtt_bridge.mosquitto import Listener, render_acl, render_config, write_passwords

EX_CONFIG = 78


def write(settings: Settings, out: Path, listener: Listener) -> None:
    """Write mosquitto.conf, acl and passwords into `out`, each file whole or not at all.

    Passwords are those of the state folder's `broker/`, made where there are none; the site's own
    is the site file's where that names one. Raises ConfigError when they do not fit together.
    """
    broker = settings.broker
    if broker.embedded:
        message = "[broker] embedded = true: this site runs its own broker and needs no mosquitto"
        raise ConfigError(message)
    if broker.username != SITE:
        message = f"[broker] username is {broker.username!r}; the shipped broker knows {SITE!r}"
        raise ConfigError(message)
    places = Places(settings.site.state)
    passwords = broker_passwords(settings, places)
    given = secret(broker.password, broker.password_file)
    if given is None:
        message = (
            "[broker] names no password; write "
            f'password_file = "{places.broker / SITE}", where it is kept now'
        )
        raise ConfigError(message)
    passwords[SITE] = given
    relays, panels = relay_specs(settings, places), panel_specs(settings, places)
    known = logins(relays, passwords, panels=panels, readers=reader_specs(settings))
    make_private(out)
    fresh = out / ".passwords"
    write_passwords(fresh, known)
    fresh.replace(out / "passwords")
    keep_secret(out / "acl", render_acl(known))
    config = render_config(listener, out / "passwords", out / "acl", _user())
    keep_secret(out / "mosquitto.conf", config)


def _user() -> str:
    """Return whom mosquitto must stay: started by root, it would otherwise become another."""
    return "root" if os.geteuid() == 0 else ""


def main() -> int:
    """Return the status to end with: 78 when the site file cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(os.environ.get("KUAHU_CONFIG", "/etc/kuahu/site.toml"))
    parser.add_argument("--config", type=Path, default=default, help="the site file")
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--listen", help="address; the site file's broker host when left out")
    parser.add_argument("--cert", type=Path, help="the broker's certificate, for other machines")
    parser.add_argument("--key", type=Path, help="its key")
    parser.add_argument("--ca", type=Path, help="ask every client for a certificate of this CA")
    asked = parser.parse_args()
    try:
        settings = load(asked.config)
        host = asked.listen or settings.broker.host
        listener = Listener(host, settings.broker.port, asked.cert, asked.key, asked.ca)
        write(settings, asked.out.resolve(), listener)
    except (ConfigError, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command's answer
        return EX_CONFIG
    return 0


if __name__ == "__main__":
    sys.exit(main())
