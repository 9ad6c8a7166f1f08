"""The household that a request comes from, as the routes of the residents' page take it."""

from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from starlette.responses import RedirectResponse, Response

from central import attempts
from central.absence import Absent
from central.callers import Caller
from central.house import CALLER, Here, House
from central.languages import Words
from central.resident.household import Household

_OFTEN: Final = attempts.Limit(free=120, most=900.0)
"""Wishes of one home within an hour."""


def _household(request: Request) -> Household:
    caller: Caller = request.scope[CALLER]
    if not isinstance(caller.holder, Household):
        message = "nobody has claimed a home here"
        raise Absent(message)
    return caller.holder


Mine = Annotated[Household, Depends(_household)]


def _acting(house: Here, mine: Mine) -> Household:
    key = attempts.Key(f"wish\n{mine.compound}\n{mine.home}", _OFTEN)
    if attempts.admit(house.engine, (key,), house.now()) > 0:
        raise HTTPException(429)
    return mine


Acting = Annotated[Household, Depends(_acting)]
"""The same, where something is asked of the gates: not without end, for each is kept until they
have it. What takes a right away is never held up."""


def words_of(house: House, caller: Caller) -> Words:
    """Return the words of the caller's language."""
    return house.pages.words[caller.language]


def seen(path: str) -> Response:
    """Lead the browser to the page that shows what a form has done."""
    return RedirectResponse(path, 303)
