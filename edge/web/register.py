"""The register by homes: the list, its search, one home, and the last change taken back."""

from datetime import datetime
from typing import Annotated

from fastapi import Form, Query
from fastapi.responses import RedirectResponse, Response

from edge import wire
from edge.core.register_desk import PAGE
from edge.web.callers import Caller
from edge.web.house import Asking, Here, House
from edge.web.register_forms import (
    CarChange,
    CardPath,
    CarForm,
    CarPath,
    HomeField,
    HomePath,
    Make,
    PassPath,
    PersonForm,
    Problem,
    day,
    is_home,
    known,
    may_edit,
    met,
    told,
)
from models.registry import ResidentKind
from models.visit import UNLIMITED

MOST = 1_000_000
_Skip = Annotated[int, Query(ge=0, le=MOST)]
_SkipField = Annotated[int, Form(ge=0, le=MOST)]
_BackHome = Annotated[str, Form(pattern=r"^(?:[1-9]\d{0,3}-\d{1,2}-\d{1,5})?$")]
_Find = Annotated[str, Form(max_length=60)]


async def homes(house: Here, caller: Asking, skip: _Skip = 0, said: str = "") -> Response:
    """Return the list of homes, a page at a time."""
    return await _list(house, caller, "", skip, known(said))


async def find(house: Here, caller: Asking, find: _Find = "", skip: _SkipField = 0) -> Response:
    """Return the homes that `find` finds; asked for by POST, for a name is nothing for an address.

    See `wire.Homes` for what it finds.
    """
    return await _list(house, caller, find.strip(), skip)


async def home(house: Here, caller: Asking, home: HomePath, said: str = "") -> Response:
    """Return one home: who lives there, its cars, cards and passes."""
    try:
        return await home_page(house, caller, home, said=known(said))
    except Problem as problem:
        return told(house, caller, problem)


async def add_person(
    house: Here,
    caller: Asking,
    home: HomePath,
    form: Annotated[PersonForm, Form()],
) -> Response:
    """Put a person on the register, and show the home again."""
    return await _changed(
        house,
        caller,
        home,
        lambda ref: wire.AddResident(
            ref, form.name, home, form.kind, day(form.until), (), None, caller.guard, None
        ),
        "added",
    )


async def add_car(
    house: Here,
    caller: Asking,
    home: HomePath,
    form: Annotated[CarForm, Form()],
) -> Response:
    """Put a vehicle on the register, and show the home again."""
    return await _changed(
        house,
        caller,
        home,
        lambda ref: wire.AddVehicle(
            ref, form.plate, home, day(form.until), caller.guard, form.resident or None, form.label
        ),
        "added",
    )


async def change_car(
    house: Here, caller: Asking, car: CarPath, form: Annotated[CarChange, Form()]
) -> Response:
    """Correct a vehicle's last day and label, and show its home again."""
    return await _changed(
        house,
        caller,
        form.home,
        lambda ref: wire.ChangeVehicle(ref, car, day(form.until), form.label, caller.guard),
        "changed",
    )


async def remove_car(house: Here, caller: Asking, car: CarPath, home: HomeField) -> Response:
    """Erase a vehicle, and show its home again."""
    try:
        plate = await _plate(house, caller, home, car)
        await met(
            house, caller, lambda ref: wire.RemoveVehicle(ref, plate, caller.guard), wire.Done
        )
    except Problem as problem:
        return await _again(house, caller, home, problem)
    return RedirectResponse(f"/homes/{home}?said=removed", 303)


async def take_card(house: Here, caller: Asking, card: CardPath, home: HomeField) -> Response:
    """Take a card back, and show the home again."""
    return await _changed(
        house, caller, home, lambda ref: wire.RemoveCard(ref, card, caller.guard), "taken"
    )


async def revoke(house: Here, caller: Asking, pass_id: PassPath, home: HomeField) -> Response:
    """End a pass at once, and show the home again."""
    return await _changed(
        house, caller, home, lambda ref: wire.RevokePass(ref, pass_id, caller.guard), "revoked"
    )


async def undo(house: Here, caller: Asking, home: _BackHome = "") -> Response:
    """Take back what the caller changed last, and show `home` or the list again."""
    try:
        done = await met(house, caller, lambda ref: wire.Undo(ref, caller.guard), wire.Done)
    except Problem as problem:
        return told(house, caller, problem)
    where = f"/homes/{home}" if home else "/homes"
    return RedirectResponse(f"{where}?said={known(done.note) or 'undone'}", 303)


async def last_change(house: House, caller: Caller) -> wire.LastChangeIs:
    """Return what the caller changed last, nothing for whoever may change nothing."""
    if not may_edit(caller):
        return wire.LastChangeIs(0)
    return await met(
        house, caller, lambda ref: wire.LastChange(ref, caller.guard), wire.LastChangeIs
    )


async def home_page(
    house: House,
    caller: Caller,
    home: str,
    *,
    said: str = "",
    problem: Problem | None = None,
) -> Response:
    """Return the page of one home; raises Problem where core does not say what it has."""
    household = await _household(house, caller, home)
    return house.pages.page(
        caller,
        "home.html",
        200 if problem is None else problem.status,
        home=household,
        names={one.id: one.name for one in household.people},
        kinds=tuple(ResidentKind),
        unlimited=UNLIMITED,
        edits=may_edit(caller),
        last=await last_change(house, caller),
        local=lambda text: local(house, text),
        said=said,
        problem="" if problem is None else problem.text,
    )


async def _changed(house: House, caller: Caller, home: str, make: Make, said: str) -> Response:
    """Ask core for a change, and lead to the home that it is of, or say why there is none."""
    try:
        await met(house, caller, make, wire.Done)
    except Problem as problem:
        return await _again(house, caller, home, problem)
    return RedirectResponse(f"/homes/{home}?said={said}", 303)


async def _again(house: House, caller: Caller, home: str, problem: Problem) -> Response:
    """Return the home's page with what is wrong; that alone where core is away."""
    try:
        return await home_page(house, caller, home, problem=problem)
    except Problem:
        return told(house, caller, problem)


async def _household(house: House, caller: Caller, home: str) -> wire.HouseholdIs:
    return await met(house, caller, lambda ref: wire.Household(ref, home), wire.HouseholdIs)


async def _plate(house: House, caller: Caller, home: str, car: str) -> str:
    """Return the plate of a home's vehicle; raises Problem where the home has no such one."""
    household = await _household(house, caller, home)
    plate = next((one.plate for one in household.cars if one.id == car), "")
    if not plate:
        raise Problem(409, house.pages.words[caller.language].of("refused", "no_car"))
    return plate


async def _list(house: House, caller: Caller, find: str, skip: int, said: str = "") -> Response:
    try:
        found = await met(house, caller, lambda ref: wire.Homes(ref, find, skip), wire.HomesAre)
        last = await last_change(house, caller)
    except Problem as problem:
        return told(house, caller, problem)
    return house.pages.page(
        caller,
        "homes.html",
        find=find,
        rows=found.rows,
        total=found.total,
        skip=skip,
        until=skip + len(found.rows),
        earlier=max(0, skip - PAGE) if skip else None,
        opens=find if is_home(find) and all(row.home != find for row in found.rows) else "",
        later=skip + PAGE if skip + len(found.rows) < found.total else None,
        edits=may_edit(caller),
        last=last,
        said=said,
    )


def local(house: House, text: str) -> str:
    """Return an ISO 8601 time as the site's clock shows it, to the minute."""
    return datetime.fromisoformat(text).astimezone(house.zone).strftime("%Y-%m-%d %H:%M")
