"""`kuahu vehicle`: cars on the register, and cars that are kept out."""

from datetime import datetime
from typing import Annotated

import typer

from edge import wire
from edge.commands.sheet import add_to
from edge.commands.site import DEFAULT, ConfigOption, by_whom, open_site
from edge.line import Line
from edge.sheet_rules import SheetKind

app = typer.Typer(help="Cars on the register, and cars kept out.", no_args_is_help=True)
add_to(app, SheetKind.VEHICLES)
_DAY = ["%Y-%m-%d"]
Plate = Annotated[str, typer.Argument(help="As it stands on the car, such as 京A12345.")]
Id = Annotated[str, typer.Argument(help="The id that `vehicle blocked` shows.")]


@app.command()
def add(
    plate: Plate,
    *,
    home: Annotated[str, typer.Option(help="Building-unit-room, such as 3-1-502.")],
    until: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, help="Last day of the right of entry; none if left out."),
    ] = None,
    resident: Annotated[
        str | None, typer.Option(help="Whose it is, by `resident list`: erased together.")
    ] = None,
    label: Annotated[str, typer.Option(help="What the guard reads beside the plate.")] = "",
    config: ConfigOption = DEFAULT,
) -> None:
    """Put a car on the register: it is let in by its plate."""
    last = until.date().isoformat() if until else None
    with Line(open_site(config).settings) as line:
        done = line.ask(
            wire.AddVehicle(line.ref(), plate, home, last, by_whom(), resident, label), wire.Done
        )
    typer.echo(f"{done.text} may come in" + (f" until {last}" if last else ""))


@app.command("list")
def list_(config: ConfigOption = DEFAULT) -> None:
    """List the cars: plate, home, last day, resident, label."""
    rows: list[wire.VehicleRow] = []
    with Line(open_site(config).settings) as line:
        while page := line.ask(wire.Vehicles(line.ref(), len(rows)), wire.VehiclesAre).rows:
            rows += page
    for row in rows:
        typer.echo(
            f"{row.plate}\t{row.home}\t{row.until or '-'}\t{row.resident or '-'}\t{row.label}"
        )


@app.command()
def remove(plate: Plate, config: ConfigOption = DEFAULT) -> None:
    """Erase a car: its row, where it was, and the plate in the journal."""
    with Line(open_site(config).settings) as line:
        done = line.ask(wire.RemoveVehicle(line.ref(), plate, by_whom()), wire.Done)
    typer.echo(done.text)


@app.command()
def block(
    plate: Plate,
    *,
    basis: Annotated[str, typer.Option(help="Why this is lawful, in words.")],
    by: Annotated[str, typer.Option(help="Who asks for it: an account of this site.")],
    until: Annotated[datetime, typer.Option(formats=_DAY, help="The last day of it.")],
    lane: Annotated[
        list[int] | None, typer.Option(help="Only at this lane; may be given again.")
    ] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Ask for a car to be kept out; in force once a second person has approved it."""
    with Line(open_site(config).settings) as line:
        done = line.ask(
            wire.Restrict(
                line.ref(), plate, basis, by, until.date().isoformat(), tuple(lane or ())
            ),
            wire.Done,
        )
    typer.echo(f"{done.text} waits: `kuahu vehicle approve {done.text} --by ANOTHER`")


@app.command()
def approve(
    restriction: Id,
    by: Annotated[str, typer.Option(help="Who approves it: another account of this site.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """Approve what another person asked for: from now on the guard decides about that car."""
    with Line(open_site(config).settings) as line:
        line.ask(wire.ApproveRestriction(line.ref(), restriction, by), wire.Done)
    typer.echo(f"{restriction} is in force")


@app.command()
def unblock(
    restriction: Id,
    by: Annotated[str, typer.Option(help="Who ends it.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """Keep a car out no longer."""
    with Line(open_site(config).settings) as line:
        line.ask(wire.EndRestriction(line.ref(), restriction, by), wire.Done)
    typer.echo(f"{restriction} has ended")


@app.command()
def blocked(config: ConfigOption = DEFAULT) -> None:
    """List the cars kept out: id, plate, state, last day, lanes, who asked, who approved, why."""
    rows: list[wire.RestrictionRow] = []
    with Line(open_site(config).settings) as line:
        while page := line.ask(wire.Restrictions(line.ref(), len(rows)), wire.RestrictionsAre).rows:
            rows += page
    for row in rows:
        state = "in force" if row.second else "waits"
        lanes = ",".join(map(str, row.lanes)) or "all"
        people = f"{row.by}\t{row.second or '-'}"
        typer.echo(f"{row.id}\t{row.plate}\t{state}\t{row.until}\t{lanes}\t{people}\t{row.basis}")
