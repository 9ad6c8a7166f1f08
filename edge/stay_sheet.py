"""The stay ledger as rows for people: how long, who stays too long, what never moves; CSV."""

import csv
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import StringIO

from edge import wire
from models.stay import Guest

COLUMNS = (
    "zone",
    "plate",
    "guest",
    "home",
    "since",
    "until",
    "days",
    "overstays",
    "ended",
    "at",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a cell may not begin with, in either width: spreadsheets would run it."""


@dataclass(frozen=True, slots=True)
class StayRules:
    """From when on a stay is reported."""

    visitor_hours: float
    zombie_days: int


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One stay as people read it; `days` is how long it has lasted, in whole days."""

    zone: str
    key: str
    guest: str
    home: str
    since: datetime | None
    until: datetime | None
    days: int
    overstays: bool
    still: bool
    """Whether it has not moved for as long as the site calls too long."""
    ended: str
    at: datetime | None

    @property
    def plate(self) -> str:
        """The plate, or the credential and the beginning of its id."""
        kind, colon, rest = self.key.partition(":")
        return f"{kind} {rest[:8]}" if colon else self.key


def sheet_row(line: wire.StayLine, rules: StayRules, now: datetime) -> SheetRow:
    """Return one stay as it is at `now`."""
    since, until, at = (_time(text) for text in (line.since, line.until, line.at))
    over = at or now
    lasted = timedelta() if since is None else max(timedelta(), over - since)
    days = lasted.days
    here = not line.ended
    end = until or (since + timedelta(hours=rules.visitor_hours) if since else None)
    late = here and line.guest == Guest.VISITOR and end is not None and now > end
    still = here and days >= rules.zombie_days
    return SheetRow(
        line.zone,
        line.key,
        line.guest,
        line.home,
        since,
        until,
        days,
        late,
        still,
        line.ended,
        at,
    )


def sheet(
    rows: Iterable[SheetRow], said: Callable[[str, str], str], local: Callable[[datetime], str]
) -> str:
    """Return the rows as CSV with a heading, for Excel as well: UTF-8 with a mark, CRLF.

    `said` gives the screen's word for a vocabulary's word, `local` the site's time. No cell can be
    run as a formula: what looks like one gets an apostrophe in front.
    """
    out = StringIO()
    out.write("\ufeff")
    writer = csv.writer(out)
    writer.writerow([_cell(said("stay_column", name)) for name in COLUMNS])
    for row in rows:
        cells = (
            row.zone,
            row.plate,
            said("guest", row.guest),
            row.home,
            *("" if one is None else local(one) for one in (row.since, row.until)),
            str(row.days),
            said("yes_no", "yes" if row.overstays else "no"),
            said("stay_ended", row.ended) if row.ended else "",
            "" if row.at is None else local(row.at),
        )
        writer.writerow([_cell(cell) for cell in cells])
    return out.getvalue()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None
