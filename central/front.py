"""The front of the centre: every page in one application of its own, behind the gatekeeper.

A part of the centre that has pages hands in a `Part`; its routes, its rows of the table and the
door by which its people are known stand in its own folder.
"""

import mimetypes
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from central import porch
from central.absence import Absent
from central.admission import Admission, Admissions, Audience
from central.callers import Cookies, Door
from central.gatekeeper import Gatekeeper
from central.house import CALLER, House
from central.languages import read_words
from central.operator import part as operator
from central.pages import Pages
from central.passes.secret import Secret
from central.resident import part as resident
from central.visitor import pages as visitor
from models.errors import CentreFault, ConfigError, InputError

STATIC: Final = Path(__file__).with_name("static") / "built"

Route = tuple[str, str, Callable[..., object]]
"""Method, path and handler."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part's pages."""

    routes: tuple[Route, ...]
    admissions: Admissions
    doors: tuple[Door, ...] = field(default=())


PARTS: Final[tuple[Part, ...]] = (
    Part(porch.ROUTES, porch.ADMISSIONS),
    Part(resident.ROUTES, resident.ADMISSIONS, (resident.DOOR,)),
    Part(visitor.ROUTES, visitor.ADMISSIONS),
    Part(operator.ROUTES, operator.ADMISSIONS, (operator.DOOR,)),
)


def front(engine: Engine, public_url: str, now: Callable[[], datetime], secret: Secret) -> FastAPI:
    """Return the application of all pages, to be mounted behind the centre's other routes.

    `secret` is what passes are made with. Cookies are bound to HTTPS where `public_url` says
    https. Raises ConfigError when the browser pages are not built.
    """
    if not (STATIC / "centre.css").exists():
        message = f"the browser pages are not built: {STATIC} has no centre.css; run `./setup`"
        raise ConfigError(message)
    cookies = Cookies(secure=public_url.startswith("https://"))
    house = House(
        engine=engine,
        pages=Pages(read_words(), cookies),
        cookies=cookies,
        now=now,
        doors=tuple(door for part in PARTS for door in part.doors),
        admissions=_table(PARTS),
        public_url=public_url.rstrip("/"),
        secret=secret,
    )
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.state.house = house
    for method, path, handler in (route for part in PARTS for route in part.routes):
        app.add_api_route(path, handler, methods=[method], response_model=None)
    mimetypes.add_type("text/javascript", ".js")
    mimetypes.add_type("application/manifest+json", ".webmanifest")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Gatekeeper, house=house)
    _say_what_failed(app)
    return app


def _table(parts: tuple[Part, ...]) -> Admissions:
    table: Admissions = {("GET", "/static"): Admission(frozenset({Audience.ANYONE}))}
    for part in parts:
        table |= part.admissions
    return table


def _say_what_failed(app: FastAPI) -> None:
    def answered(status: int) -> Callable[[Request, Exception], Response]:
        def answer(request: Request, error: Exception) -> Response:
            house: House = request.app.state.house
            code = error.status_code if isinstance(error, HTTPException) else status
            return house.pages.problem(request, request.scope[CALLER], code)

        return answer

    app.add_exception_handler(RequestValidationError, answered(400))
    app.add_exception_handler(Absent, answered(404))
    app.add_exception_handler(InputError, answered(400))
    app.add_exception_handler(HTTPException, answered(404))
    app.add_exception_handler(CentreFault, answered(503))
