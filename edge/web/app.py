"""The application: every route in one list, behind the gatekeeper."""

import mimetypes
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from config.settings import Settings
from edge import wire
from edge.web import (
    enrolment,
    entrance,
    faces,
    guard,
    lane_camera,
    lane_screen,
    lights,
    log_page,
    metrics,
    model_card,
    pictures,
    register,
    register_passes,
    register_people,
    register_sheets,
    residents,
    stays,
)
from edge.web.accounts import Accounts
from edge.web.attempts import Attempts
from edge.web.board import KEPT_ROWS, Board, erases
from edge.web.callers import Cookies
from edge.web.gatekeeper import Gatekeeper
from edge.web.house import CALLER, House
from edge.web.link import Link
from edge.web.pages import Pages
from edge.web.picture import Picture
from edge.web.screens import Screens
from edge.web.seal import Seal, open_secret
from edge.web.words import read_words
from models.errors import ConfigError

STATIC = Path(__file__).with_name("static") / "built"

_ROUTES: tuple[tuple[str, str, Callable[..., object]], ...] = (
    ("GET", "/healthz", entrance.health),
    ("GET", "/metrics", metrics.metrics),
    ("GET", "/claim", entrance.claim_page),
    ("POST", "/claim", entrance.claim),
    ("GET", "/login", entrance.login_page),
    ("POST", "/login", entrance.login),
    ("POST", "/logout", entrance.logout),
    ("POST", "/language", entrance.choose_language),
    ("GET", "/", guard.page),
    ("GET", "/events", guard.events),
    ("GET", "/log", log_page.page),
    ("GET", "/lights", lights.page),
    ("GET", "/lights/now", lights.now),
    ("POST", "/lights/arm", lights.arm),
    ("POST", "/open", guard.open_by_hand),
    ("POST", "/check", guard.check),
    ("POST", "/order", guard.order),
    ("POST", "/order/end", guard.end_order),
    ("POST", "/reset", guard.reset),
    ("POST", "/that-person", faces.that_person),
    ("POST", "/not-that-person", faces.not_that_person),
    ("GET", "/model-card", model_card.page),
    ("GET", "/stays", stays.page),
    ("GET", "/stays.csv", stays.table),
    ("POST", "/stays/gone", stays.gone),
    ("POST", "/stays/count", stays.counted),
    ("GET", "/residents", residents.page),
    ("POST", "/second-factor", residents.second_factor),
    ("GET", "/homes", register.homes),
    ("POST", "/homes", register.find),
    ("GET", "/homes/{home}", register.home),
    ("POST", "/homes/{home}/people", register.add_person),
    ("POST", "/homes/{home}/cars", register.add_car),
    ("POST", "/cars/{car}", register.change_car),
    ("POST", "/cars/{car}/remove", register.remove_car),
    ("POST", "/cards/{card}/take", register.take_card),
    ("POST", "/passes/{pass_id}/revoke", register.revoke),
    ("POST", "/undo", register.undo),
    ("GET", "/people/{resident}", register_people.page),
    ("POST", "/people/{resident}", register_people.change),
    ("POST", "/people/{resident}/cards", register_people.give_card),
    ("POST", "/people/{resident}/withdraw", register_people.withdraw),
    ("POST", "/people/{resident}/erase", register_people.erase),
    ("GET", "/people/{resident}/face", enrolment.page),
    ("POST", "/people/{resident}/face", enrolment.enrol),
    ("POST", "/face-check", enrolment.check),
    ("GET", "/sheets", register_sheets.page),
    ("GET", "/sheets/{kind}.csv", register_sheets.table),
    ("POST", "/sheets", register_sheets.check),
    ("POST", "/sheets/apply", register_sheets.apply),
    ("POST", "/people/{resident}/claim", register_people.claim),
    ("POST", "/people/{resident}/pass", register_passes.make),
    ("POST", "/pass.pdf", register_passes.pdf),
    ("POST", "/screen-key", guard.renew_screen_key),
    ("GET", "/lane-picture/{camera}.jpg", pictures.lane_picture),
    ("GET", "/evidence/{seq}.jpg", pictures.evidence),
    ("GET", "/lane/{number}", lane_screen.page),
    ("GET", "/lane/{number}/events", lane_screen.events),
    ("POST", "/lane/{number}/call", lane_screen.call),
    ("POST", "/lane/{number}/frame", lane_camera.frame),
)


def application(settings: Settings, state_folder: Path, mono: Callable[[], float]) -> FastAPI:
    """Return the web application of one site; `mono` tells seconds of CLOCK_MONOTONIC.

    Raises ConfigError when the browser pages are not built or a password file cannot be read,
    StoreFault when the secret is lost or the screens cannot be read.
    """
    if not (STATIC / "guard.js").exists():
        message = f"the browser pages are not built: {STATIC} has no guard.js; run `./setup`"
        raise ConfigError(message)
    house = _house(settings, state_folder, mono)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.house = house
    for method, path, handler in _ROUTES:
        app.add_api_route(path, handler, methods=[method], response_model=None)
    mimetypes.add_type("text/javascript", ".js")
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    app.add_middleware(Gatekeeper, house=house)
    app.add_exception_handler(RequestValidationError, _malformed)
    return app


def _house(settings: Settings, state_folder: Path, mono: Callable[[], float]) -> House:
    seal = Seal(open_secret(state_folder))
    secure = settings.web.certificate is not None
    lanes = frozenset(lane.number for lane in settings.lane)
    screens = Screens(state_folder)
    cookies = Cookies(seal, screens, lanes, mono, secure=secure)
    board = Board(mono)
    pictures: dict[str, Picture] = {}

    def heard(message: wire.AnyMessage) -> None:
        board.take(message)
        if erases(message):
            core.again()

    core = Link(state_folder / "core.sock", heard, board.core, rows=KEPT_ROWS)
    # A vision that starts again counts its pictures from one again.
    eye = Link(state_folder / "vision.sock", board.ignore, lambda _: pictures.clear())
    return House(
        settings=settings,
        seal=seal,
        screens=screens,
        cookies=cookies,
        core=core,
        eye=eye,
        board=board,
        accounts=Accounts(core, seal, mono),
        attempts=Attempts(),
        pages=Pages(read_words(), cookies, seal, settings.site.name),
        mono=mono,
        secure=secure,
        pictures=pictures,
        metrics_token=metrics.token_of(settings.web),
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    house: House = app.state.house
    house.core.start()
    house.eye.start()
    try:
        yield
    finally:
        house.core.stop()
        house.eye.stop()
        house.accounts.close()


async def _malformed(request: Request, error: Exception) -> Response:
    """Return the answer to a request that our pages do not send."""
    del error
    house: House = request.app.state.house
    return house.pages.problem(request, request.scope[CALLER], 400)
