"""The manager's page of residents: who is never asked for a movement."""

from typing import Annotated

from fastapi import Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from edge import wire
from edge.channel import ChannelFault, Refused
from edge.web.house import Asking, Here, House

MOST_SHOWN = 100
_MOST_PAGES = 100
_Wanted = Annotated[str, Query(max_length=60)]
_Resident = Annotated[str, Form(pattern=r"^[0-9a-f]{16}$")]


async def page(request: Request, house: Here, caller: Asking, find: _Wanted = "") -> Response:
    """Return the residents whose home or name holds `find`, the first hundred of them."""
    try:
        every = await _every(house)
    except (ChannelFault, Refused):
        return house.pages.problem(request, caller, 503, "core_away")
    wanted = find.strip().casefold()
    found = [one for one in every if wanted in f"{one.home} {one.name}".casefold()]
    return house.pages.page(
        caller,
        "residents.html",
        find=find.strip(),
        rows=found[:MOST_SHOWN],
        more=max(0, len(found) - MOST_SHOWN),
    )


async def second_factor(
    request: Request,
    house: Here,
    caller: Asking,
    resident: _Resident,
    on: Annotated[bool, Form()],
) -> Response:
    """Mark a resident in the manager's name, or take the mark back, and show the list again."""
    try:
        await house.core.ask(
            lambda ref: wire.SecondFactor(ref, resident, on, caller.guard), wire.Done
        )
    except Refused:
        return house.pages.problem(request, caller, 409, "no_resident")
    except ChannelFault:
        return house.pages.problem(request, caller, 503, "core_away")
    return RedirectResponse("/residents", 303)


async def _every(house: House) -> list[wire.ResidentRow]:
    rows: list[wire.ResidentRow] = []
    for _ in range(_MOST_PAGES):
        some = await _after(house, len(rows))
        if not some:
            break
        rows += some
    return rows


async def _after(house: House, skip: int) -> tuple[wire.ResidentRow, ...]:
    answer = await house.core.ask(lambda ref: wire.Residents(ref, skip), wire.ResidentsAre)
    return answer.rows
