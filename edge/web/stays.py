"""The guard's page of who is inside: free spaces, the list, its CSV, and corrections by hand."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.clock import SystemClock
from edge.stay_sheet import SheetRow, StayRules, sheet, sheet_row
from edge.web.house import Asking, Here, House

MOST_SHOWN = 300
LONGEST_KEY = 64
MOST = 100_000
_MOST_PAGES = 200
_Zone = Annotated[str, Form(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
_Key = Annotated[str, Form(min_length=1, max_length=LONGEST_KEY)]
_Number = Annotated[int, Form(ge=0, le=MOST)]
_Days = Annotated[int | None, Query(ge=1, le=90)]
_Past = Annotated[int, Query(ge=0, le=90)]


async def page(request: Request, house: Here, caller: Asking, days: _Days = None) -> Response:
    """Return who is inside: the longest first, at most a few hundred.

    With `days` only those who have been there for so long.
    """
    try:
        rooms, every = await _every(house, 0)
    except (ChannelFault, Refused):
        return house.pages.problem(request, caller, 503, "core_away")
    rows = [one for one in every if days is None or one.days >= days]
    return house.pages.page(
        caller,
        "stays.html",
        rooms=rooms,
        rows=rows[:MOST_SHOWN],
        more=max(0, len(rows) - MOST_SHOWN),
        overstaying=sum(one.overstays for one in every),
        still=sum(one.still for one in every),
        days=days or house.settings.stays.zombie_days,
        chosen=days,
        local=lambda at: _local(house, at),
    )


async def table(request: Request, house: Here, caller: Asking, past: _Past = 0) -> Response:
    """Return the stays as CSV; with `past` those that ended in the last so many days."""
    words = house.pages.words[caller.language]
    try:
        _, rows = await _every(house, past)
    except (ChannelFault, Refused):
        return house.pages.problem(request, caller, 503, "core_away")
    text = sheet(rows, words.of, lambda at: _local(house, at))
    return Response(
        text.encode(),
        media_type="text/csv",
        headers={"content-disposition": 'attachment; filename="stays.csv"'},
    )


async def gone(request: Request, house: Here, caller: Asking, zone: _Zone, key: _Key) -> Response:
    """Note in the guard's name that one is not there any more, and show the page again."""
    return await _corrected(
        request, house, caller, lambda ref: wire.SeenGone(ref, zone, key, caller.guard)
    )


async def counted(
    request: Request, house: Here, caller: Asking, zone: _Zone, number: _Number
) -> Response:
    """Note in the guard's name how many are inside a zone, and show the page again."""
    return await _corrected(
        request, house, caller, lambda ref: wire.CountedInside(ref, zone, number, caller.guard)
    )


async def _corrected(
    request: Request, house: House, caller: Asking, make: Callable[[int], wire.AnyMessage]
) -> Response:
    try:
        await house.core.ask(make, wire.Done)
    except Refused:
        return house.pages.problem(request, caller, 409, "no_stay")
    except ChannelFault:
        return house.pages.problem(request, caller, 503, "core_away")
    return RedirectResponse("/stays", 303)


async def _every(house: House, past: int) -> tuple[tuple[wire.RoomLine, ...], list[SheetRow]]:
    stays = house.settings.stays
    rules, now = StayRules(stays.visitor_hours, stays.zombie_days), SystemClock().now().utc
    lines: list[wire.StayLine] = []
    rooms: tuple[wire.RoomLine, ...] = ()
    for _ in range(_MOST_PAGES):
        answer = await house.core.ask(_page(len(lines), past), wire.StaysAre)
        rooms = answer.rooms
        lines += answer.stays
        if not answer.more:
            break
    return rooms, [sheet_row(one, rules, now) for one in lines]


def _page(skip: int, past: int) -> Callable[[int], wire.Stays]:
    return lambda ref: wire.Stays(ref, skip, past)


def _local(house: House, at: datetime) -> str:
    return at.astimezone(house.zone).strftime("%Y-%m-%d %H:%M")
