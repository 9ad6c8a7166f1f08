"""`kuahu resident import`, `export` and the same of `kuahu vehicle`: the register as a table."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from edge import wire
from edge.commands.site import DEFAULT, ConfigOption, by_whom, open_site
from edge.line import Line
from edge.places import PRIVATE_FILE
from edge.register_sheet import MOST_BYTES, written
from edge.sheet_rules import SENTENCES, Rule, SheetKind
from models.errors import InputError

_PART = 120 * 1024
FileArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, help="A CSV file, as Excel saves it.")
]
DryOption = Annotated[bool, typer.Option("--dry-run", help="Look only; change nothing.")]
OutArgument = Annotated[Path, typer.Argument(dir_okay=False, help="Where the CSV file goes.")]
LanguageOption = Annotated[str, typer.Option(help="Of the headings: zh or en.")]


def add_to(app: typer.Typer, kind: SheetKind) -> None:
    """Give a group of commands `import` and `export` of its own table."""

    def bring(
        file: FileArgument, *, dry_run: DryOption = False, config: ConfigOption = DEFAULT
    ) -> None:
        _bring(config, kind, file, dry_run=dry_run)

    def take(
        out: OutArgument, language: LanguageOption = "zh", config: ConfigOption = DEFAULT
    ) -> None:
        _take(config, kind, out, language)

    bring.__doc__ = f"Put a table of {kind} on the register: all of it, or nothing at a mistake."
    take.__doc__ = f"Write the {kind} of the register as a table."
    app.command("import")(bring)
    app.command("export")(take)


def _bring(config: Path, kind: SheetKind, file: Path, *, dry_run: bool) -> None:
    if file.stat().st_size > MOST_BYTES:
        raise InputError(SENTENCES[Rule.TOO_LARGE])
    content = file.read_bytes()
    parts = [content[at : at + _PART] for at in range(0, len(content), _PART)] or [b""]
    name, by = secrets.token_hex(16), by_whom()
    with Line(open_site(config).settings) as line:
        said = wire.SheetIs(0, name)
        for number, part in enumerate(parts):
            order = wire.PutSheet(line.ref(), name, kind, number, len(parts), part, by)
            said = line.ask(order, wire.SheetIs)
        if not said.wrong and not dry_run:
            said = line.ask(wire.ApplySheet(line.ref(), name, by), wire.SheetIs)
    for one in said.mistakes:
        where = f"line {one.line}" + (f", {one.column}" if one.column else "")
        what = f" {one.value!r}" if one.value else ""
        typer.echo(f"{where}:{what} {SENTENCES[Rule(one.rule)]}", err=True)
    if said.wrong:
        message = f"{file.name} has mistakes: {said.wrong}; nothing was imported"
        raise InputError(message)
    done = "imported" if said.applied else "would be imported"
    typer.echo(f"{said.new} new, {said.changed} changed, {said.same} the same: {done}")


def _take(config: Path, kind: SheetKind, out: Path, language: str) -> None:
    if language not in {"zh", "en"}:
        message = f"{language!r} is no language of the headings; give zh or en"
        raise InputError(message)
    with Line(open_site(config).settings) as line:
        people = _residents(line)
        rows: list[Sequence[str]] = [
            (one.home, one.name, one.kind, one.until or "") for one in people
        ]
        if kind is SheetKind.VEHICLES:
            names = {one.id: one.name for one in people}
            rows = [
                (one.home, one.plate, names.get(one.resident or "", ""), one.until or "", one.label)
                for one in _vehicles(line)
            ]
    # The register's names are nobody else's business on this machine.
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(written(kind, rows, language, {}))
    typer.echo(f"{len(rows)} {kind} in {out}")


def _residents(line: Line) -> list[wire.ResidentRow]:
    rows: list[wire.ResidentRow] = []
    while page := line.ask(wire.Residents(line.ref(), len(rows)), wire.ResidentsAre).rows:
        rows += page
    return rows


def _vehicles(line: Line) -> list[wire.VehicleRow]:
    rows: list[wire.VehicleRow] = []
    while page := line.ask(wire.Vehicles(line.ref(), len(rows)), wire.VehiclesAre).rows:
        rows += page
    return rows
