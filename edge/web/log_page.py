"""Older rows of the log, a page at a time; what comes by now is on the guard's page."""

from dataclasses import replace
from typing import Annotated

from fastapi import Query, Request
from fastapi.responses import Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web.board import IN_THE_LOG
from edge.web.guard import row_of
from edge.web.house import Asking, Here
from edge.web.numbers import Seq

ROWS = 100
"""Journal rows of a page; reports and passages among them are part of other rows."""


async def page(
    request: Request, house: Here, caller: Asking, before: Annotated[Seq | None, Query()] = None
) -> Response:
    """Return the rows below `before`, newest first, with the way to those before them."""
    try:
        answer = await house.core.ask(
            lambda ref: wire.Rows(ref, limit=ROWS, newest=True, before=before), wire.RowsAre
        )
    except (ChannelFault, Refused):
        return house.pages.problem(request, caller, 503, "core_away")
    events = answer.rows[::-1]
    # Nothing here can be opened: whoever is in an old row is gone.
    rows = tuple(
        replace(row_of(house, caller, each), opens=False, chimes=False)
        for each in events
        if each.kind in IN_THE_LOG
    )
    older = events[-1].seq if len(events) == ROWS and events[-1].seq > 1 else 0
    return house.pages.page(caller, "log.html", rows=rows, older=older)
