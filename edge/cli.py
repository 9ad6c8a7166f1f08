"""The command line: `kuahu`."""

import sys
from typing import NoReturn

import typer

from edge.commands import (
    card,
    check,
    demo,
    journal,
    relay,
    resident,
    run,
    simulate,
    stays,
    user,
    uses,
    vehicle,
    visit,
)
from edge.commands import centre as centre_command
from edge.commands import eval as eval_command
from models.errors import ConfigError, KuahuError

EX_CONFIG = 78
"""sysexits.h: something was found in an unconfigured or misconfigured state."""

app = typer.Typer(
    name="kuahu",
    help="Access control that a residential compound runs itself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(run.run)
app.command()(demo.demo)
app.command("check-config")(check.check_config)
app.command()(check.doctor)
app.add_typer(resident.app, name="resident")
app.add_typer(vehicle.app, name="vehicle")
app.add_typer(card.app, name="card")
app.add_typer(stays.app, name="stays")
app.add_typer(user.app, name="user")
app.add_typer(visit.app, name="pass")
app.add_typer(relay.app, name="relay")
app.add_typer(uses.app, name="uses")
app.add_typer(eval_command.app, name="eval")
app.command()(simulate.simulate)
app.command()(journal.events)
app.command()(journal.replay)
app.command()(journal.verify)
app.add_typer(centre_command.app, name="centre")


def main() -> NoReturn:
    """Run one command; what goes wrong is said in words, on stderr, with its own status."""
    try:
        app()
    except ConfigError as error:
        typer.echo(str(error), err=True)
        sys.exit(EX_CONFIG)
    except (KuahuError, OSError) as error:
        advice = getattr(error, "advice", "")
        typer.echo(f"{error}" + (f"; {advice}" if advice else ""), err=True)
        sys.exit(1)
    sys.exit(0)
