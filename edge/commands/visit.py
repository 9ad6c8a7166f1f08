"""`kuahu pass`: visitors' passes."""

import os
import re
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from edge import wire
from edge.clock import SystemClock
from edge.commands.site import DEFAULT, ConfigOption, Site, by_whom, open_site
from edge.issuer import desk
from edge.issuer.client import ask, ask_keys
from edge.issuer.order import Issued, Order
from edge.line import Line
from edge.places import PRIVATE_FILE, keep_secret
from edge.qr_image import png, svg, terminal
from edge.store.cars import checked
from models.errors import InputError
from models.visit import PassKind, Weekly

app = typer.Typer(help="Visitors' passes.", no_args_is_help=True)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEK = re.compile(
    r"(?P<days>[a-z]{3}(?:,[a-z]{3})*) "
    r"(?P<h>[0-2][0-9]):(?P<m>[0-5][0-9])-(?P<i>[0-2][0-9]):(?P<n>[0-5][0-9])"
)
_TIMES = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


@app.command()
def issue(  # noqa: PLR0913 - the options of one command
    label: Annotated[str, typer.Argument(help="For whom, as the guard will see it.")],
    *,
    hours: Annotated[float, typer.Option(min=0.1, max=24 * 366, help="How long it lasts.")] = 4.0,
    start: Annotated[
        datetime | None,
        typer.Option(formats=_TIMES, help="From when, at the site; now when left out."),
    ] = None,
    kind: Annotated[PassKind, typer.Option(help="What it is good for (docs/pass.md).")] = (
        PassKind.SINGLE
    ),
    uses: Annotated[
        int, typer.Option(min=1, max=1000, help="Ways in of a window, recurring or printed pass.")
    ] = 1,
    week: Annotated[
        str, typer.Option(help="A recurring pass's days and times: mon,wed,fri 09:00-18:00.")
    ] = "",
    lane: Annotated[
        list[int] | None, typer.Option(help="Only this lane; may be given again.")
    ] = None,
    plate: Annotated[
        str, typer.Option(help="The visitor's car: it is let in by its plate, too.")
    ] = "",
    out: Annotated[
        Path | None, typer.Option(help="Also write the code to this .png or .svg file.")
    ] = None,
    config: ConfigOption = DEFAULT,
) -> None:
    """Issue a pass and show its code."""
    if out is not None and out.suffix.lower() not in {".png", ".svg"}:
        message = f"{out} is neither .png nor .svg"
        raise InputError(message)
    site = open_site(config)
    zone = ZoneInfo(site.settings.site.timezone)
    begin = SystemClock().now().utc if start is None else start.replace(tzinfo=zone)
    begin = begin.astimezone(UTC).replace(microsecond=0)
    _check(site, kind, uses, frozenset(lane or ()))
    if begin + timedelta(hours=hours) <= SystemClock().now().utc:
        message = "this pass would be over before it is made; choose another --start or --hours"
        raise InputError(message)
    order = Order(
        host=secrets.token_hex(8),
        not_before=begin,
        expires=begin + timedelta(seconds=round(hours * 3600)),
        lanes=frozenset(lane or ()),
        uses=uses,
        kind=kind,
        weekly=_weekly(week) if week else None,
    )
    issued = issue_pass(site, order, label, by_whom(), plate and checked(plate))
    typer.echo(terminal(issued.token))
    typer.echo(issued.token)
    until = order.expires.astimezone(zone)
    if out is not None:
        _write(out, issued.token)
    typer.echo(f"pass {issued.pass_id} for {label}, until {until:%Y-%m-%d %H:%M} ({zone.key})")


def _check(site: Site, kind: PassKind, uses: int, lanes: frozenset[int]) -> None:
    if kind in (PassKind.SINGLE, PassKind.DELIVERY) and uses != 1:
        message = f"a {kind} pass is one visit; for more ways in add --kind window"
        raise InputError(message)
    unknown = sorted(lanes - {table.number for table in site.settings.lane})
    if unknown:
        message = f"there is no lane {', '.join(map(str, unknown))} at this site"
        raise InputError(message)


def _weekly(text: str) -> Weekly:
    """Return the days and times that `text` names; raises InputError in words for none."""
    found = _WEEK.fullmatch(text.strip().lower())
    if found is not None:
        start, end = (int(found[a]) * 60 + int(found[b]) for a, b in (("h", "m"), ("i", "n")))
        with suppress(ValueError):
            return Weekly(frozenset(map(_DAYS.index, found["days"].split(","))), start, end)
    message = f"{text!r} names no week; write days and times such as mon,wed,fri 09:00-18:00"
    raise InputError(message)


def issue_pass(site: Site, order: Order, label: str, by: str, plate: str = "") -> Issued:
    """Return a signed pass that core has noted; makes the site's desk key at first use.

    Raises InputError in words when the issuer or core refuses.
    """
    compound = site.settings.site.compound
    if not site.places.issuer.exists():
        desk.create(site.places.issuer, compound)
    keep_secret(site.places.pass_keys, ask_keys(site.places.issuer))
    issued = ask(site.places.issuer, order)
    with Line(site.settings) as line:
        line.ask(wire.NotePass(line.ref(), issued.token, label, by, plate), wire.Done)
    return issued


def _write(out: Path, token: str) -> None:
    match out.suffix.lower():
        case ".png":
            picture = png(token)
        case _:
            picture = svg(token).encode()
    # Whoever has the picture has the pass.
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE_FILE)
    with os.fdopen(handle, "wb") as file:
        file.write(picture)


@app.command()
def revoke(
    pass_id: Annotated[str, typer.Argument(help="The id that `pass list` shows.")],
    config: ConfigOption = DEFAULT,
) -> None:
    """End a pass at once."""
    with Line(open_site(config).settings) as line:
        done = line.ask(wire.RevokePass(line.ref(), pass_id, by_whom()), wire.Done)
    typer.echo(f"pass {pass_id} is revoked")
    if done.note:
        typer.echo(done.note, err=True)


@app.command("list")
def list_(config: ConfigOption = DEFAULT) -> None:
    """List the passes: id, kind, from, until, uses, state, label."""
    rows: list[wire.PassRow] = []
    with Line(open_site(config).settings) as line:
        while page := line.ask(wire.Passes(line.ref(), len(rows)), wire.PassesAre).rows:
            rows += page
    for row in rows:
        state = "revoked" if row.revoked else "good"
        times = f"{row.not_before}\t{row.expires}"
        typer.echo(f"{row.id}\t{row.kind}\t{times}\t{row.used}/{row.uses}\t{state}\t{row.label}")


@app.command("rotate-key")
def rotate_key(config: ConfigOption = DEFAULT) -> None:
    """Sign new passes with a new key; passes of the older keys stay good."""
    site = open_site(config)
    kid = desk.rotate(site.places.issuer)
    keep_secret(site.places.pass_keys, ask_keys(site.places.issuer))
    typer.echo(f"passes are signed with key {kid} from now on")
