"""`kuahu centre`: run the far end, or make oneself known to one that runs elsewhere."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.clock import monotonic
from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.store.folder import Keys, load_keys, prepare
from edge.sync.plan import Refused
from edge.sync.road import Address, Road
from edge.sync.session import Identity, claim
from models.errors import CentreFault

app = typer.Typer(
    help="The server that compounds tell what happened: run one, or claim this compound there.",
    invoke_without_command=True,
)
_Host = Annotated[str, typer.Option(help="Address to listen at.")]
_Port = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")]
_HOST, _PORT = "127.0.0.1", 8090


@app.callback()
def centre(context: typer.Context, host: _Host = _HOST, port: _Port = _PORT) -> None:
    """Run a centre, where no other word follows."""
    if context.invoked_subcommand is None:
        _become_centre(host, port)


@app.command()
def run(host: _Host = _HOST, port: _Port = _PORT) -> None:
    """Run a centre; its database comes from the environment (docs/centre.md)."""
    _become_centre(host, port)


@app.command("claim")
def claim_(
    url: Annotated[str, typer.Argument(help="Where the centre is, such as https://c.example.org")],
    code: Annotated[str, typer.Argument(help="The one-time code from the centre's operator.")],
    ca: Annotated[
        Path | None, typer.Option(help="The certificate (PEM) of an authority of one's own.")
    ] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Make this compound's gates known to a centre, with a code that its operator made."""
    site = open_site(config).settings
    known = site.centre
    authority = ca or (known.ca if known is not None and known.url == url else None)
    keys = load_keys(prepare(site.site.state))
    with Road(Address(url, keys.edge, authority), monotonic) as road:
        refused = claim(road, code.strip(), _identity(keys, site.site.compound))
    if refused is not None:
        raise _turned_away(refused)
    typer.echo(f"the centre knows this compound now, as edge {keys.edge}")
    if known is None or known.url != url or known.ca != authority:
        typer.echo(f"write this into {config}, then start Kuahu again:\n\n{_table(url, authority)}")


def _identity(keys: Keys, compound: str) -> Identity:
    return Identity(keys.edge, keys.public.hex(), compound)


def _turned_away(refused: Refused) -> CentreFault:
    if refused.status == _FORBIDDEN:
        message = (
            "the centre does not take this code: it is wrong, was used by another gate, or is over"
        )
        return CentreFault(message, part="centre", advice="ask the centre's operator for a new one")
    return CentreFault(refused.why, part="centre", advice="try again in a while")


_FORBIDDEN = 403


def _table(url: str, authority: Path | None) -> str:
    lines = ["[centre]", f'url = "{url}"']
    if authority is not None:
        lines.append(f'ca = "{authority}"')
    return "\n".join(lines)


def _become_centre(host: str, port: int) -> None:
    # A program of its own: the edge and the centre never import each other.
    command = [sys.executable, "-m", "central", host, str(port)]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter and module
