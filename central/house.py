"""The house: all that the centre's pages need, put together once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import Engine

from central.admission import Admissions
from central.callers import Caller, Cookies, Door
from central.pages import Pages
from central.passes.secret import Secret

CALLER = "kuahu.caller"


@dataclass(frozen=True, slots=True)
class House:
    """What the routes of the pages work with; `now` is the centre's clock."""

    engine: Engine
    pages: Pages
    cookies: Cookies
    now: Callable[[], datetime]
    doors: tuple[Door, ...]
    admissions: Admissions
    public_url: str
    """Where browsers find this centre, without a slash at the end; empty where nobody said."""
    secret: Secret
    """What passes are made with."""

    def address(self, request: Request) -> str:
        """Return where this centre is found, as links for other people need it."""
        return self.public_url or str(request.base_url).rstrip("/")


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


def _caller(request: Request) -> Caller:
    caller: Caller = request.scope[CALLER]
    return caller


Here = Annotated[House, Depends(_house)]
Asking = Annotated[Caller, Depends(_caller)]
