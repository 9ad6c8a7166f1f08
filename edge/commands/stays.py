"""`kuahu stays`: who is inside, as the journal knows; made again from it; as a table."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from config.settings import Settings
from edge import wire
from edge.clock import SystemClock
from edge.commands.site import DEFAULT, ConfigOption, by_whom, open_site
from edge.line import Line
from edge.stay_sheet import SheetRow, StayRules, sheet, sheet_row

app = typer.Typer(help="Who is inside.", no_args_is_help=True)
_Past = Annotated[
    int, typer.Option(min=0, max=90, help="Instead, the stays that ended in so many days.")
]


@app.command("list")
def list_(past: _Past = 0, config: ConfigOption = DEFAULT) -> None:
    """Show how full each zone is, and every stay with a name, the longest first."""
    settings = open_site(config).settings
    zone = ZoneInfo(settings.site.timezone)
    with Line(settings) as line:
        rooms, rows = _read(line, settings, past)
    for one in rooms:
        spaces = "" if one.spaces is None else f" of {one.spaces}"
        nameless = f", {one.strangers} without a name" if one.strangers else ""
        typer.echo(f"{one.zone}\t{one.inside}{spaces} {one.counts}{nameless}")
    for row in rows:
        since = "-" if row.since is None else row.since.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        marks = [word for word, on in (("overstays", row.overstays), ("still", row.still)) if on]
        typer.echo(
            f"{row.zone}\t{row.plate}\t{row.guest}\t{row.home or '-'}\t{since}\t{row.days} d\t"
            f"{row.ended or ' '.join(marks) or '-'}"
        )


@app.command()
def export(
    out: Annotated[Path, typer.Argument(help="The .csv file to write.")],
    *,
    past: _Past = 0,
    config: ConfigOption = DEFAULT,
) -> None:
    """Write the stays into a CSV file; no cell of it can be run as a formula."""
    settings = open_site(config).settings
    zone = ZoneInfo(settings.site.timezone)
    with Line(settings) as line:
        _, rows = _read(line, settings, past)
    text = sheet(
        rows,
        lambda _, word: word,
        lambda at: at.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
    )
    out.write_text(text, encoding="utf-8", newline="")
    typer.echo(f"{len(rows)} stays in {out}")


@app.command()
def rebuild(config: ConfigOption = DEFAULT) -> None:
    """Make the stay ledger again from the whole journal."""
    with Line(open_site(config).settings) as line:
        done = line.ask(wire.RebuildStays(line.ref(), by_whom()), wire.Done)
    typer.echo(done.text)


def _read(
    line: Line, settings: Settings, past: int
) -> tuple[tuple[wire.RoomLine, ...], list[SheetRow]]:
    now = SystemClock().now().utc
    rules = StayRules(settings.stays.visitor_hours, settings.stays.zombie_days)
    lines: list[wire.StayLine] = []
    while True:
        page = line.ask(wire.Stays(line.ref(), len(lines), past), wire.StaysAre)
        lines += page.stays
        if not page.more:
            return page.rooms, [sheet_row(one, rules, now) for one in lines]
