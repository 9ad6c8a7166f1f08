"""`kuahu events`, `replay` and `verify`: reading the journal and holding it to its word."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer

from edge import wire
from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.core.office import MOST_ROWS
from edge.line import Line
from edge.store.replay import replay as replay_journal
from edge.store.verify import verify as verify_journal
from gate.access import POLICY, decide
from models.event import Event, EventKind

_PAGE = 200
_LANE_KINDS = (EventKind.DECISION, EventKind.LATE)


def rows(line: Line, since: int) -> Iterator[Event]:
    """Return every row after `since`, a page at a time."""
    while True:
        page = line.ask(wire.Rows(line.ref(), since, _PAGE), wire.RowsAre).rows
        yield from page
        if len(page) < _PAGE:
            return
        since = page[-1].seq


def events(
    since: Annotated[
        str,
        typer.Option(help="Only rows after this number, or from this time (2026-11-21T08:00)."),
    ] = "0",
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, for other programs.")
    ] = False,
    every: Annotated[
        bool, typer.Option("--all", help="Also faults, calls, moves and changes.")
    ] = False,
    config: ConfigOption = DEFAULT,
) -> None:
    """Show the entry log."""
    site = open_site(config)
    zone = ZoneInfo(site.settings.site.timezone)
    after, start = _since(since, zone)
    with Line(site.settings) as line:
        for row in rows(line, after):
            if row.at >= start and (row.kind in _LANE_KINDS or every):
                typer.echo(_json(row) if as_json else _text(row, zone))


def _since(text: str, zone: ZoneInfo) -> tuple[int, datetime]:
    """Return the number after which, and the time from which, rows are wanted."""
    if text.isdecimal() and text.isascii():
        return min(int(text), MOST_ROWS), datetime.min.replace(tzinfo=UTC)
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is neither a row's number nor a time such as 2026-11-21T08:00"
        raise typer.BadParameter(message, param_hint="--since") from error
    return 0, at if at.tzinfo is not None else at.replace(tzinfo=zone)


def _json(row: Event) -> str:
    return msgspec.json.encode(
        {
            "journal": row.journal,
            "seq": row.seq,
            "at": row.at.isoformat(),
            "kind": row.kind,
            "lane": row.lane,
            "direction": row.direction,
            "credential": row.credential,
            "answer": row.answer,
            "reason": row.reason,
            "outcome": row.outcome,
            "ms": row.ms,
        }
    ).decode()


def _text(row: Event, zone: ZoneInfo) -> str:
    at: datetime = row.at.astimezone(zone)
    cells = (
        str(row.seq),
        f"{at:%Y-%m-%d %H:%M:%S}",
        f"lane {row.lane}" if row.lane else "-",
        row.credential or row.kind,
        row.answer,
        row.reason,
        row.outcome or "-",
        row.who or "-",
        row.home or "-",
        f"{row.ms} ms" if row.ms is not None else "-",
    )
    return "\t".join(cells)


def replay(config: ConfigOption = DEFAULT) -> None:
    """Decide the whole journal again; exit 0 only if every answer is the same."""
    result = replay_journal(open_site(config).places.root, decide, POLICY)
    for one in result.differ:
        typer.echo(f"event {one.seq}: recorded {one.recorded}, again {one.again}")
    typer.echo(
        f"agreed {result.agreed}, differ {len(result.differ)}, erased {result.erased}, "
        f"other-policy {result.other_policy}"
    )
    sys.exit(1 if result.differ else 0)


def verify(config: ConfigOption = DEFAULT) -> None:
    """Walk the journal's hash chain; exit 0 only if it holds."""
    result = verify_journal(open_site(config).places.root)
    typer.echo(
        f"ok {result.ok}, erased {result.erased}, broken {result.broken}, "
        f"signed heads {result.heads}"
    )
    if result.broken:
        typer.echo(f"the first bad event is {result.first_bad}: {result.why}")
    sys.exit(1 if result.broken else 0)
