"""`kuahu uses`: the key that a compound's gate machines share their uses with."""

import secrets
from typing import Annotated

import typer

from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.places import keep_secret
from models.errors import InputError
from mqtt_bridge.seal import KEY_BYTES, RelayKey

app = typer.Typer(help="Uses shared between gate machines: their key.", no_args_is_help=True)
AgainOption = Annotated[
    bool, typer.Option("--again", help="Put another key in the place of the one that is here.")
]


@app.command()
def key(*, again: AgainOption = False, config: ConfigOption = DEFAULT) -> None:
    """Make the key on the first gate machine, and show it once."""
    path = open_site(config).places.uses_key
    if path.exists() and not again:
        message = "this machine has a key already; --again makes another, for all machines anew"
        raise InputError(message)
    made = secrets.token_hex(KEY_BYTES)
    keep_secret(path, made + "\n")
    typer.echo(f"key of the compound's uses, shown this once: {made}")
    typer.echo("on each other gate machine: kuahu uses join")


@app.command()
def join(
    *,
    text: Annotated[
        str,
        typer.Option("--key", prompt="Key", hide_input=True, help="As the first machine said it."),
    ],
    again: AgainOption = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Take the key that was made on the first gate machine."""
    path = open_site(config).places.uses_key
    if path.exists() and not again:
        message = "this machine has a key already; --again puts another in its place"
        raise InputError(message)
    try:
        made = RelayKey.parse(text)
    except ValueError as error:
        message = "the key is 64 hex digits, as `kuahu uses key` showed them"
        raise InputError(message) from error
    keep_secret(path, made.hex() + "\n")
    typer.echo("joined; start Kuahu again to share uses")
