"""The residents' entrance: claiming a home, leaving this device, installing the page."""

import math
from typing import Annotated, Final

from fastapi import Form, Request
from fastapi.responses import JSONResponse, Response

from central import attempts
from central.database import writing
from central.house import Asking, Here, House
from central.passes.ring import ring_of
from central.resident import sessions
from central.resident.asking import Mine, seen, words_of
from central.resident.claiming import take

_WHAT: Final = "home"
_LONGEST: Final = 64

Code = Annotated[str, Form(max_length=_LONGEST)]
Yes = Annotated[str, Form(max_length=4)]


def claim_page(house: Here, caller: Asking) -> Response:
    """Return the page that takes the desk's code."""
    return house.pages.page(caller, "resident/claim.html", problem="")


def claim(
    request: Request, house: Here, caller: Asking, code: Code = "", only: Yes = ""
) -> Response:
    """Make this browser a resident's, or say that the code does not work, never why."""
    now, words = house.now(), words_of(house, caller)
    keys = attempts.by_address(_WHAT, request.client.host if request.client else "")
    wait = attempts.admit(house.engine, keys, now)
    if wait > 0:
        said = words.text("Too many tries. Please wait %(seconds)s seconds.")
        problem = said % {"seconds": math.ceil(wait)}
        return house.pages.page(caller, "resident/claim.html", 429, problem=problem)
    agent = request.headers.get("user-agent", "")
    with writing(house.engine) as connection:
        whose = take(connection, code, now)
        if whose is not None:
            if only:
                sessions.end_all(connection, *whose)
            secret = sessions.begin(connection, *whose, agent, now)
            # The gates know the key well before the first pass, should their line be down then.
            ring_of(connection, house.secret, whose[0], now)
    if whose is None:
        problem = words.text(
            "This code does not work. It may be mistyped, used already or too old: codes work "
            "once and for a few days. Please check it, or ask the desk for a new one."
        )
        return house.pages.page(caller, "resident/claim.html", 403, problem=problem)
    attempts.passed(house.engine, keys, now)
    response = seen("/home")
    _keep(house, response, secret)
    return response


def leave(house: Here, mine: Mine) -> Response:
    """Log this device out."""
    with writing(house.engine) as connection:
        sessions.end(connection, mine, mine.session[:16])
    response = seen("/home/claim")
    house.cookies.forget(response, sessions.COOKIE)
    return response


def manifest(house: Here, caller: Asking) -> Response:
    """Return what a phone needs to put the page on its home screen."""
    words = words_of(house, caller)
    return JSONResponse(
        {
            "name": words.text("Kuahu: my home"),
            "short_name": words.text("Kuahu"),
            "lang": "zh-CN" if caller.language == "zh" else "en",
            "start_url": "/home",
            "scope": "/",
            "display": "standalone",
            "background_color": "#f4f6f8",
            "theme_color": "#1d5f7a",
            "icons": [
                {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
                {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png"},
                {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png"},
            ],
        },
        media_type="application/manifest+json",
    )


def _keep(house: House, response: Response, secret: str) -> None:
    house.cookies.keep(response, sessions.COOKIE, secret, int(sessions.LIFE.total_seconds()))
