"""`kuahu resident`: people on the register."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from edge import wire
from edge.commands.sheet import add_to
from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.line import Line
from edge.sheet_rules import SheetKind
from models.registry import ResidentKind

app = typer.Typer(help="People on the register.", no_args_is_help=True)
add_to(app, SheetKind.RESIDENTS)
_DAY = ["%Y-%m-%d"]

ResidentArgument = Annotated[str, typer.Argument(help="The id that `resident list` shows.")]
ConsentOption = Annotated[str, typer.Option(help="Version of the consent text agreed to.")]
TakerOption = Annotated[str, typer.Option("--by", help="Who took the consent.")]
WithdrawalOption = Annotated[str, typer.Option("--by", help="Who takes the withdrawal.")]
GuardianOption = Annotated[str | None, typer.Option(help="Who consents for a person under 14.")]
ChildOption = Annotated[
    bool, typer.Option("--under-14", help="The person is a child: needs --guardian.")
]


@app.command()
def add(  # noqa: PLR0913 - the options of one command
    name: Annotated[str, typer.Argument(help="The person's name.")],
    *,
    home: Annotated[str, typer.Option(help="Building-unit-room, such as 3-1-502.")],
    kind: Annotated[ResidentKind, typer.Option(help="What ties the person to the home.")],
    until: Annotated[
        datetime | None,
        typer.Option(formats=_DAY, help="Last day of the right of entry, such as 2027-06-30."),
    ] = None,
    photo: Annotated[
        list[Path] | None,
        typer.Option(exists=True, dir_okay=False, help="A face photo; may be given again."),
    ] = None,
    consent: Annotated[
        str | None,
        typer.Option(help="Version of the consent text that the person agreed to."),
    ] = None,
    by: TakerOption = "",
    guardian: GuardianOption = None,
    child: ChildOption = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Put a person on the register; a photo needs --consent and --by."""
    _check_guardian(child=child, guardian=guardian)
    if photo and not (consent and by):
        message = "a photo needs the person's consent: add --consent VERSION and --by WHO"
        raise typer.BadParameter(message)
    photos = tuple(str(one.resolve()) for one in photo or ())
    until_day = until.date().isoformat() if until else None
    with Line(open_site(config).settings) as line:
        done = line.ask(
            wire.AddResident(
                line.ref(), name, home, kind, until_day, photos, consent, by, guardian
            ),
            wire.Done,
        )
    typer.echo(done.text)
    if done.note:
        typer.echo(done.note, err=True)


@app.command("list")
def list_(config: ConfigOption = DEFAULT) -> None:
    """List the register: id, home, kind, name, last day, ways of entry."""
    rows: list[wire.ResidentRow] = []
    with Line(open_site(config).settings) as line:
        while page := line.ask(wire.Residents(line.ref(), len(rows)), wire.ResidentsAre).rows:
            rows += page
    for row in sorted(rows, key=lambda row: (row.home, row.name)):
        marks = (("learning", row.learns), ("second-factor", row.second_factor))
        ways = ",".join((*row.allowed, *(mark for mark, on in marks if on))) or "-"
        typer.echo(f"{row.id}\t{row.home}\t{row.kind}\t{row.name}\t{row.until or '-'}\t{ways}")


@app.command()
def enrol(  # noqa: PLR0913 - the options of one command
    resident: ResidentArgument,
    *,
    photo: Annotated[
        list[Path],
        typer.Option(exists=True, dir_okay=False, help="A face photo; may be given again."),
    ],
    consent: ConsentOption,
    by: TakerOption,
    guardian: GuardianOption = None,
    child: ChildOption = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Give a person a face, in place of any from before."""
    _check_guardian(child=child, guardian=guardian)
    photos = tuple(str(one.resolve()) for one in photo)
    with Line(open_site(config).settings) as line:
        done = line.ask(
            wire.EnrolFace(line.ref(), resident, photos, consent, by, guardian), wire.Done
        )
    typer.echo(f"{resident} is known by face")
    if done.note:
        typer.echo(done.note, err=True)


@app.command()
def withdraw(
    resident: ResidentArgument,
    by: WithdrawalOption,
    config: ConfigOption = DEFAULT,
) -> None:
    """End the use of a person's face at once; every other way stays."""
    with Line(open_site(config).settings) as line:
        line.ask(wire.WithdrawFace(line.ref(), resident, by), wire.Done)
    typer.echo(f"the face of {resident} is forgotten")


@app.command()
def learn(
    resident: ResidentArgument,
    *,
    consent: ConsentOption,
    by: TakerOption,
    guardian: GuardianOption = None,
    child: ChildOption = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Let passages that a guard confirms teach the gate a person's face; a consent of its own."""
    _check_guardian(child=child, guardian=guardian)
    with Line(open_site(config).settings) as line:
        line.ask(wire.AllowLearning(line.ref(), resident, consent, by, guardian), wire.Done)
    typer.echo(f"confirmed passages of {resident} are learnt from")


@app.command()
def unlearn(
    resident: ResidentArgument,
    by: WithdrawalOption,
    config: ConfigOption = DEFAULT,
) -> None:
    """End that, and forget at once what was learnt; the face of the photo stays."""
    with Line(open_site(config).settings) as line:
        line.ask(wire.EndLearning(line.ref(), resident, by), wire.Done)
    typer.echo(f"what passages taught about {resident} is forgotten")


def _check_guardian(*, child: bool, guardian: str | None) -> None:
    if child and not guardian:
        message = "for a child under 14 a guardian consents: add --guardian NAME"
        raise typer.BadParameter(message)


@app.command("second-factor")
def second_factor(
    resident: ResidentArgument,
    by: Annotated[str, typer.Option(help="Who decides it.")],
    *,
    on: Annotated[
        bool, typer.Option("--on/--off", help="--off asks the person for a movement again.")
    ] = True,
    config: ConfigOption = DEFAULT,
) -> None:
    """Never ask a person for a movement; where one is wanted, another way must come too."""
    with Line(open_site(config).settings) as line:
        line.ask(wire.SecondFactor(line.ref(), resident, on, by), wire.Done)
    said = "is never asked to move, and needs a second factor where others are"
    typer.echo(f"{resident} {said if on else 'is asked to move like everybody'}")


@app.command()
def remove(
    resident: ResidentArgument,
    by: Annotated[str, typer.Option(help="Who erases the person.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """Erase a person: templates, names in the journal, evidence; prints the receipt."""
    with Line(open_site(config).settings) as line:
        done = line.ask(wire.RemoveResident(line.ref(), resident, by), wire.Done)
    typer.echo(done.text)
