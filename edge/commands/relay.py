"""`kuahu relay`: the relays' keys, and the reference relay itself."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from edge.broker_process import broker_passwords
from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.places import keep_secret
from models.errors import InputError
from mqtt_bridge.access import relay_login
from mqtt_bridge.topics import relay_name

app = typer.Typer(help="Relays: their keys, and the reference relay.", no_args_is_help=True)
_KEY_BYTES = 32


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The relay's name in the site file.")],
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Make a new key though there is one.")
    ] = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Make the key that a relay shares with this site, and show it once."""
    site = open_site(config)
    try:
        path = site.places.relay_key(relay_name(name))
    except ValueError as error:
        raise InputError(str(error)) from error
    if path.exists() and not again:
        message = f"relay {name} has a key already; --again makes another and ends the old one"
        raise InputError(message)
    key = secrets.token_hex(_KEY_BYTES)
    keep_secret(path, key + "\n")
    typer.echo(f"key of relay {name}, shown this once: {key}")
    if site.settings.broker.embedded:
        password = broker_passwords(site.settings, site.places).get(relay_login(name))
        if password:
            typer.echo(f"broker login {relay_login(name)}, password {password}")


@app.command()
def serve(
    settings: Annotated[Path, typer.Argument(help="The relay's own file (docs/mqtt.md).")],
) -> None:
    """Be the reference relay on a Raspberry Pi's GPIO pins."""
    from mqtt_bridge.reference_relay import main  # noqa: PLC0415 - gpiozero is an extra

    raise typer.Exit(main([str(settings)]))
