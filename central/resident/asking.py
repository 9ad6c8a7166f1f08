"""The household that a request comes from, as the routes of the residents' page take it."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import RedirectResponse, Response

from central.absence import Absent
from central.callers import Caller
from central.house import CALLER, House
from central.languages import Words
from central.resident.household import Household


def _household(request: Request) -> Household:
    caller: Caller = request.scope[CALLER]
    if not isinstance(caller.holder, Household):
        message = "nobody has claimed a home here"
        raise Absent(message)
    return caller.holder


Mine = Annotated[Household, Depends(_household)]


def words_of(house: House, caller: Caller) -> Words:
    """Return the words of the caller's language."""
    return house.pages.words[caller.language]


def seen(path: str) -> Response:
    """Lead the browser to the page that shows what a form has done."""
    return RedirectResponse(path, 303)
