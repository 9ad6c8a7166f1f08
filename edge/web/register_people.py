"""One person's page: corrections, cards, passes, the face, and erasing with its receipt."""

from typing import Annotated

from fastapi import Form
from fastapi.responses import RedirectResponse, Response

from edge import wire
from edge.core.pass_desk import KINDS
from edge.qr_image import address_svg
from edge.web.callers import Caller
from edge.web.house import Asking, Here, House
from edge.web.register import last_change, local
from edge.web.register_forms import (
    CardForm,
    Make,
    PersonForm,
    Problem,
    ResidentPath,
    day,
    known,
    met,
    told,
)
from edge.web.register_passes import LASTING, data_picture
from models.registry import ResidentKind


async def page(house: Here, caller: Asking, resident: ResidentPath, said: str = "") -> Response:
    """Return one person with all that a desk may do for them."""
    try:
        return await person_page(house, caller, resident, said=known(said))
    except Problem as problem:
        return told(house, caller, problem)


async def change(
    house: Here,
    caller: Asking,
    resident: ResidentPath,
    form: Annotated[PersonForm, Form()],
) -> Response:
    """Correct a person's name, kind and last day."""
    return await _changed(
        house,
        caller,
        resident,
        lambda ref: wire.ChangeResident(
            ref, resident, form.name, form.kind, day(form.until), caller.guard
        ),
        "changed",
    )


async def give_card(
    house: Here,
    caller: Asking,
    resident: ResidentPath,
    form: Annotated[CardForm, Form()],
) -> Response:
    """Give a person a card, whose number is kept nowhere."""
    return await _changed(
        house,
        caller,
        resident,
        lambda ref: wire.AddCard(
            ref, form.number, resident, form.label, day(form.until), caller.guard
        ),
        "added",
    )


async def withdraw(house: Here, caller: Asking, resident: ResidentPath) -> Response:
    """End the use of a person's face at once."""
    return await _changed(
        house,
        caller,
        resident,
        lambda ref: wire.WithdrawFace(ref, resident, caller.guard),
        "withdrawn",
    )


async def claim(house: Here, caller: Asking, resident: ResidentPath) -> Response:
    """Make a code with which the resident takes the home on the phone, and show it: this once."""
    try:
        person = await _person(house, caller, resident)
        made = await met(
            house,
            caller,
            lambda ref: wire.NewHomeClaim(ref, resident, caller.guard),
            wire.HomeClaimIs,
        )
    except Problem as problem:
        return await again(house, caller, resident, problem)
    centre = house.settings.centre
    code = f"{made.code[:5]}-{made.code[5:]}"
    # Behind the #: no server on the way, and no log, gets to see the code.
    address = f"{centre.url.rstrip('/')}/home/claim" if centre else ""
    return house.pages.page(
        caller,
        "home_claim.html",
        row=person.row,
        code=code,
        address=address,
        picture=data_picture(address_svg(f"{address}#code={code}")) if address else "",
        expires=local(house, made.expires),
    )


async def erase(
    house: Here,
    caller: Asking,
    resident: ResidentPath,
    sure: Annotated[str, Form(pattern="^yes$")],
) -> Response:
    """Erase a person, and show the receipt."""
    del sure
    try:
        person = await _person(house, caller, resident)
        receipt = await met(
            house,
            caller,
            lambda ref: wire.RemoveResident(ref, resident, caller.guard),
            wire.Receipt,
            within=30.0,
        )
    except Problem as problem:
        return told(house, caller, problem)
    return house.pages.page(
        caller,
        "receipt.html",
        home=person.row.home,
        receipt=receipt,
        at=local(house, receipt.at),
    )


async def person_page(
    house: House,
    caller: Caller,
    resident: str,
    *,
    said: str = "",
    problem: Problem | None = None,
) -> Response:
    """Return the page of one person; raises Problem where core does not say what it has."""
    person = await _person(house, caller, resident)
    return house.pages.page(
        caller,
        "person.html",
        200 if problem is None else problem.status,
        person=person,
        row=person.row,
        given=local(house, person.given) if person.given else "",
        kinds=tuple(ResidentKind),
        pass_kinds=KINDS,
        lasting=LASTING,
        lanes=[(lane.number, house.place(lane.number)) for lane in house.settings.lane],
        claims=house.settings.centre is not None,
        last=await last_change(house, caller),
        said=said,
        problem="" if problem is None else problem.text,
    )


async def _changed(house: House, caller: Caller, resident: str, make: Make, said: str) -> Response:
    """Ask core for a change, and lead to the person that it is of, or say why there is none."""
    try:
        await met(house, caller, make, wire.Done)
    except Problem as problem:
        return await again(house, caller, resident, problem)
    return RedirectResponse(f"/people/{resident}?said={said}", 303)


async def again(house: House, caller: Caller, resident: str, problem: Problem) -> Response:
    """Return the person's page with what is wrong; that alone where core is away."""
    try:
        return await person_page(house, caller, resident, problem=problem)
    except Problem:
        return told(house, caller, problem)


async def _person(house: House, caller: Caller, resident: str) -> wire.PersonIs:
    return await met(house, caller, lambda ref: wire.Person(ref, resident), wire.PersonIs)
