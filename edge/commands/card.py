"""`kuahu card`: cards that residents hold to a reader."""

from datetime import datetime
from typing import Annotated

import typer

from edge import wire
from edge.commands.site import DEFAULT, ConfigOption, by_whom, open_site
from edge.line import Line

app = typer.Typer(help="Cards that residents hold to a reader.", no_args_is_help=True)
_DAY = ["%Y-%m-%d"]


@app.command()
def add(
    resident: Annotated[str, typer.Argument(help="The id that `resident list` shows.")],
    *,
    number: Annotated[
        str,
        typer.Option(prompt="Card number", help="As the reader says it; asked for if left out."),
    ],
    label: Annotated[str, typer.Option(help="Which card it is, such as blue fob.")] = "",
    until: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, help="Its last day; the resident's own if left out."),
    ] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Give a resident who wants one a card; the number itself is kept nowhere."""
    last = until.date().isoformat() if until else None
    with Line(open_site(config).settings) as line:
        done = line.ask(
            wire.AddCard(line.ref(), number, resident, label, last, by_whom()), wire.Done
        )
    typer.echo(done.text)


@app.command("list")
def list_(config: ConfigOption = DEFAULT) -> None:
    """List the cards: id, resident, last day, label."""
    rows: list[wire.CardRow] = []
    with Line(open_site(config).settings) as line:
        while page := line.ask(wire.Cards(line.ref(), len(rows)), wire.CardsAre).rows:
            rows += page
    for row in rows:
        typer.echo(f"{row.id}\t{row.resident}\t{row.until or '-'}\t{row.label}")


@app.command()
def remove(
    card: Annotated[str, typer.Argument(help="The id that `card list` shows.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """Take a card back: it opens nothing from now on."""
    with Line(open_site(config).settings) as line:
        line.ask(wire.RemoveCard(line.ref(), card, by_whom()), wire.Done)
    typer.echo(f"card {card} opens nothing any more")
