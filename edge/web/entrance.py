"""The entrance: the first account, logging in and out, the language, and whether we are well."""

import math
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from edge.channel import ChannelFault, Refused
from edge.web.house import Asking, Here, House
from edge.web.passwords import LONGEST, SHORTEST
from edge.web.words import Language, Words

LONGEST_NAME = 32

Text = Annotated[str, Form(max_length=256)]


class ClaimForm(BaseModel):
    """Whoever holds the claim code makes the first account."""

    code: str = Field(max_length=256)
    name: str = Field(max_length=256)
    password: str = Field(max_length=256)
    again: str = Field(max_length=256)


async def health(house: Here) -> JSONResponse:
    """Return whether core answers; whoever wants to know more logs in."""
    ok = house.board.up
    return JSONResponse({"ok": ok}, 200 if ok else 503)


async def claim_page(house: Here, caller: Asking, code: str = "") -> Response:
    """Return the page that makes the first account."""
    if house.board.site is not None and not house.board.unclaimed:
        return RedirectResponse("/login", 303)
    return house.pages.page(caller, "claim.html", code=code[:256], name="", problem="")


async def claim(
    request: Request, house: Here, caller: Asking, form: Annotated[ClaimForm, Form()]
) -> Response:
    """Make the first account; no password is hashed for a site that has one or is not known."""
    address = _address(request)
    words = house.pages.words[caller.language]
    wait = house.attempts.wait("", address, house.mono())
    if house.board.site is None or not house.board.up:
        status, problem = 503, words.of("problem", "core_away")
    elif not house.board.unclaimed:
        status, problem = 403, _no_claim(words)
    elif wait > 0:
        status, problem = 429, _patience(house, caller, wait)
    elif unfit := _unfit(words, form):
        status, problem = 400, unfit
    else:
        # Counted before it is hashed, so that many at once are not one.
        house.attempts.tried("", address, house.mono())
        try:
            await house.accounts.claim(form.code.strip(), form.name.strip(), form.password)
        except Refused:
            status, problem = 403, _no_claim(words)
        except ChannelFault:
            house.attempts.passed("", address)
            status, problem = 503, words.of("problem", "core_away")
        else:
            house.attempts.passed("", address)
            house.board.claim()
            return RedirectResponse("/login?welcome=1", 303)
    return house.pages.page(
        caller, "claim.html", status, code=form.code, name=form.name, problem=problem
    )


async def login_page(house: Here, caller: Asking, welcome: str = "") -> Response:
    """Return the page that logs in."""
    if house.board.unclaimed:
        return RedirectResponse("/claim", 303)
    return house.pages.page(caller, "login.html", name="", problem="", welcome=welcome == "1")


async def login(
    request: Request, house: Here, caller: Asking, name: Text, password: Text
) -> Response:
    """Log in, or say why not; every mistake looks the same and takes as long."""
    address, account = _address(request), name.strip()
    words = house.pages.words[caller.language]
    wait = house.attempts.wait(account, address, house.mono())
    if wait > 0:
        status, problem = 429, _patience(house, caller, wait)
    else:
        # Counted before it is checked, so that many at once are not one.
        house.attempts.tried(account, address, house.mono())
        try:
            user = await house.accounts.check(account, password)
        except (ChannelFault, Refused):
            house.attempts.passed(account, address)
            status, problem = 503, words.of("problem", "core_away")
        else:
            if user is not None:
                house.attempts.passed(account, address)
                response = RedirectResponse("/", 303)
                house.cookies.log_in(response, user)
                return response
            status, problem = 401, words.text("Name or password is wrong.")
    return house.pages.page(
        caller, "login.html", status, name=account, problem=problem, welcome=False
    )


async def logout(house: Here) -> Response:
    """Log out."""
    response = RedirectResponse("/login", 303)
    house.cookies.log_out(response)
    return response


async def choose_language(
    house: Here, language: Annotated[Language, Form()], back: Annotated[str, Form()] = "/"
) -> Response:
    """Serve this browser in another language, and go back to where it was."""
    response = RedirectResponse(back if _ours(back) else "/", 303)
    house.cookies.remember_language(response, language)
    return response


def _ours(back: str) -> bool:
    """Return whether `back` is the path of a page of ours."""
    try:
        parts = urlsplit(back)
    except ValueError:
        return False
    local = not parts.scheme and not parts.netloc and back.startswith("/")
    # A backslash is a slash to some browsers, and would lead out of the house.
    return local and "\\" not in back


def _unfit(words: Words, form: ClaimForm) -> str:
    """Return why this name and password will not do; empty when they will."""
    name = form.name.strip()
    if not 0 < len(name) <= LONGEST_NAME or not name.isprintable():
        return words.text("The name must have 1 to 32 characters.")
    if not SHORTEST <= len(form.password) <= LONGEST:
        return words.text("The password must have 10 to 128 characters.")
    if form.password != form.again:
        return words.text("The two passwords differ.")
    return ""


def _no_claim(words: Words) -> str:
    return words.text("This claim code is not valid, or an account exists already.")


def _address(request: Request) -> str:
    """Return where a request comes from; headers that anyone can write do not count."""
    return request.client.host if request.client else ""


def _patience(house: House, caller: Asking, wait: float) -> str:
    text = house.pages.words[caller.language].text("Too many attempts. Try again in %(seconds)s s.")
    return text % {"seconds": math.ceil(wait)}
