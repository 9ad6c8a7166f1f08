"""The people of a home: who they are, who joins them."""

import secrets
from datetime import date
from typing import Annotated, Final

from fastapi import Form
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from central.callers import Caller
from central.database import reading, writing
from central.house import Asking, Here, House
from central.languages import Words
from central.resident.asking import Acting, Mine, seen, words_of
from central.resident.faces import face_states
from central.resident.household import CHOSEN, Household
from central.resident.times import Clock
from central.resident.wishes import wish
from models.feed import Member
from models.registry import ResidentKind

MOST: Final = 20
"""People of one home who can be brought on the register from a phone."""
LONGEST_NAME: Final = 40


class NewPerson(BaseModel):
    """Whom somebody adds; `child` is not empty for whoever is under 14."""

    name: str = Field(default="", max_length=200)
    kind: str = Field(default="", max_length=20)
    until: str = Field(default="", max_length=20)
    child: str = Field(default="", max_length=4)


def listed(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return everyone of the home whom the asker may see."""
    return house.pages.page(
        caller,
        "resident/people.html",
        mine=mine,
        apart=mine.neighbours if mine.me.kind is ResidentKind.OWNER else (),
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, house.now()),
        full=len(mine.everyone) >= MOST,
    )


def person(house: Here, caller: Asking, mine: Mine, resident: str) -> Response:
    """Return one of the household, with their ways of entry."""
    one = mine.person(resident)
    with reading(house.engine) as connection:
        faces = face_states(connection, mine, house.now())
    return house.pages.page(
        caller,
        "resident/person.html",
        mine=mine,
        person=one,
        ways=CHOSEN,
        faces=faces,
        mayest=one.guardian in {None, mine.me.resident_id},
        words=words_of(house, caller),
        clock=Clock(caller.language, mine.site.zone, house.now()),
    )


def add_page(house: Here, caller: Asking, mine: Mine) -> Response:
    """Return the form that brings somebody on the register."""
    return _form(house, caller, mine, NewPerson())


def add(house: Here, caller: Asking, mine: Acting, form: Annotated[NewPerson, Form()]) -> Response:
    """Ask the gates to take somebody on, or say what is wrong."""
    words = words_of(house, caller)
    name = " ".join(form.name.split())
    today = mine.site.today(house.now())
    problem = _unfit(words, mine, name, form.kind)
    last: date | None = None
    if not problem:
        try:
            last = date.fromisoformat(form.until) if form.until else None
        except ValueError:
            problem = words.text("Please choose the last day again.")
        if last is not None and last < today:
            problem = words.text("The last day is over already.")
    if problem:
        return _form(house, caller, mine, form, problem)
    if mine.me.until is not None:
        # Nobody brings in somebody who may stay longer.
        last = min(last or mine.me.until, mine.me.until)
    me = mine.me.resident_id
    guardian = me if form.child else None
    kind = ResidentKind(form.kind)
    member = Member(secrets.token_hex(8), name, mine.home, kind, me, last, guardian)
    with writing(house.engine) as connection:
        wish(connection, mine, member, house.now())
    return seen(f"/home/people/{member.resident_id}")


def _unfit(words: Words, mine: Household, name: str, kind: str) -> str:
    if not mine.may_add():
        raise HTTPException(403)
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        return words.text("Please give a name of 1 to 40 letters.")
    if kind not in mine.may_add():
        return words.text("Please choose who this is to the home.")
    if len(mine.everyone) >= MOST:
        return words.text("This home has as many people as can be added here. Ask the desk.")
    return ""


def _form(
    house: House, caller: Caller, mine: Household, given: NewPerson, problem: str = ""
) -> Response:
    return house.pages.page(
        caller,
        "resident/add.html",
        400 if problem else 200,
        mine=mine,
        problem=problem,
        given=given,
        words=words_of(house, caller),
        today=mine.site.today(house.now()).isoformat(),
    )
