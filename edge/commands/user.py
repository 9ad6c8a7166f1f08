"""`kuahu user`: accounts of the guards' page."""

from typing import Annotated

import typer

from edge import wire
from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.line import Line
from edge.web.passwords import LONGEST, SHORTEST, hash_password
from models.errors import InputError
from models.user import Role

app = typer.Typer(help="Accounts of the guards' page.", no_args_is_help=True)


def _asked() -> str:
    """Return a password from the terminal or stdin; one in the arguments would show in `ps`."""
    return _hashed(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _hashed(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        message = f"a password needs at least {SHORTEST} and at most {LONGEST} characters"
        raise typer.BadParameter(message)
    return hash_password(password)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The login name.")],
    role: Annotated[Role, typer.Option(help="What the account may do.")] = Role.GUARD,
    config: ConfigOption = DEFAULT,
) -> None:
    """Make an account."""
    with Line(open_site(config).settings) as line:
        if line.ask(wire.WhoIs(line.ref(), name), wire.UserIs).role:
            message = f"there is an account {name} already; use `kuahu user reset {name}`"
            raise InputError(message)
        line.ask(wire.PutUser(line.ref(), name, role, _asked()), wire.Done)
    typer.echo(f"{name} can log in")


@app.command()
def reset(
    name: Annotated[str, typer.Argument(help="The login name.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """Give an account another password."""
    with Line(open_site(config).settings) as line:
        found = line.ask(wire.WhoIs(line.ref(), name), wire.UserIs)
        if not found.role:
            message = f"there is no account {name}; see `kuahu user list`"
            raise InputError(message)
        line.ask(wire.PutUser(line.ref(), name, found.role, _asked()), wire.Done)
    typer.echo(f"{name} has the new password")


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The login name.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """End an account: whoever is logged in with it is logged out."""
    with Line(open_site(config).settings) as line:
        line.ask(wire.RemoveUser(line.ref(), name), wire.Done)
    typer.echo(f"{name} can no longer log in")


@app.command("list")
def list_(config: ConfigOption = DEFAULT) -> None:
    """List the accounts and their roles."""
    with Line(open_site(config).settings) as line:
        for name, role in line.ask(wire.Users(line.ref()), wire.UsersAre).users:
            typer.echo(f"{name}\t{role}")
