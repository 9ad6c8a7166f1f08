"""The routes of a pass's page (docs/visitor-page.md)."""

import math
from datetime import datetime, timedelta
from pathlib import Path as File
from typing import Annotated, Final

import msgspec
from fastapi import Path, Request
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response

from central.admission import Admission, Admissions, Audience
from central.callers import Caller
from central.house import Asking, Here, House
from central.languages import Language
from central.moments import EPOCH
from central.passes.link import link_digest, link_path
from central.passes.qr import QUIET, path, squares
from central.passes.sheet import sheet
from central.passes.wording import spaced, wording
from central.visitor.finding import Found, Lost, find
from central.visitor.picture import picture

Token = Annotated[str, Path(max_length=64)]

_PRIVATE: Final = {"cache-control": "private, no-cache"}
_MILLISECOND: Final = timedelta(milliseconds=1)
_WORKER: Final = File(__file__).parents[1] / "static" / "built" / "visitor_worker.js"


def pass_page(request: Request, house: Here, caller: Asking, token: Token) -> Response:
    """Return the page of a pass."""
    now = house.now()
    found = _find(request, house, token, now)
    if isinstance(found, Lost):
        return _lost(house, caller, found)
    said = wording(found.record, found.site, house.pages.words[caller.language], now)
    values = _values(found, now) | {"wording": said, "path": link_path(token)}
    return HTMLResponse(house.pages.fill(caller.language, "visitor.html", **values), 200, _PRIVATE)


def pass_state(request: Request, house: Here, token: Token) -> Response:
    """Return the server's time and how the pass stands, for a page that is open."""
    now = house.now()
    found = _find(request, house, token, now)
    if isinstance(found, Lost):
        return JSONResponse({}, _status(found), _headers(found))
    said = {"now": _milliseconds(now), "standing": str(found.standing)}
    return JSONResponse(said, 200, _PRIVATE)


def pass_picture(request: Request, house: Here, caller: Asking, token: Token) -> Response:
    """Return the picture of a pass whose code stands still, for a phone's photos."""
    now = house.now()
    found = _find(request, house, token, now)
    if isinstance(found, Lost) or not found.keeps_still:
        return _lost(house, caller, found if isinstance(found, Lost) else Lost())
    words = house.pages.words[caller.language]
    said = wording(found.record, found.site, words, now)
    number = spaced(said.pin or "")
    line = words.text("Numeric code %(number)s") % {"number": number} if number else ""
    return Response(picture(said, found.code.text, line), 200, _PRIVATE, "image/png")


def pass_sheet(request: Request, house: Here, caller: Asking, token: Token) -> Response:
    """Return the sheet of paper of a pass whose code stands still, in both languages."""
    now = house.now()
    found = _find(request, house, token, now)
    if isinstance(found, Lost) or not found.keeps_still:
        return _lost(house, caller, found if isinstance(found, Lost) else Lost())
    both = tuple(
        (wording(found.record, found.site, words, now), words)
        for words in house.pages.words.values()
    )
    return Response(sheet(both, found.code.text), 200, _PRIVATE, "application/pdf")


def choose_language(house: Here, token: Token, language: Language) -> Response:
    """Serve this browser in another language, and go back to the pass."""
    known = link_digest(token) is not None
    response = RedirectResponse(link_path(token) if known else "/", 303, _PRIVATE)
    house.cookies.keep(response, "language", str(language))
    return response


def worker() -> Response:
    """Return the program that keeps an opened pass on the phone; it lives under /p/."""
    return FileResponse(_WORKER, headers={"cache-control": "no-cache"})


def _find(request: Request, house: House, token: str, now: datetime) -> Found | Lost:
    address = request.client.host if request.client else ""
    return find(house.engine, house.secret, token, address, now)


def _values(found: Found, now: datetime) -> dict[str, object]:
    """Return what the page is drawn from, and what it goes on with on its own."""
    record, code = found.record, found.code
    drawn = squares(code.at(now)) if found.standing.shows_code else ()
    side = len(drawn) + 2 * QUIET
    rotating = bool(drawn) and code.inner is not None
    return {
        "shown": str(found.standing),
        "now": _milliseconds(now),
        "from": _milliseconds(record.not_before),
        "to": _milliseconds(record.expires),
        "zone": str(found.site.zone),
        "week": msgspec.json.encode(record.weekly).decode() if record.weekly else "",
        "drawn": path(drawn),
        "box": f"{-QUIET} {-QUIET} {side} {side}",
        "untagged": code.text if rotating else "",
        "inner": code.inner.hex() if rotating and code.inner else "",
        "number": spaced(record.pin or "") if drawn else "",
    }


def _lost(house: House, caller: Caller, lost: Lost) -> Response:
    words = house.pages.words[caller.language]
    text = (
        words.text("Too many wrong links came from here. Wait %(minutes)d minutes and try again.")
        % {"minutes": math.ceil(lost.wait / 60)}
        if lost.wait
        else words.text("This link leads to no pass, or to one that is long over.")
    )
    page = house.pages.fill(caller.language, "visitor_lost.html", text=text)
    return HTMLResponse(page, _status(lost), _headers(lost))


def _status(lost: Lost) -> int:
    return 429 if lost.wait else 404


def _headers(lost: Lost) -> dict[str, str]:
    return {"retry-after": str(math.ceil(lost.wait))} if lost.wait else {}


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // _MILLISECOND


_ANYONE: Final = Admission(frozenset({Audience.ANYONE}))
# The worker's name is no link, so its route stands before those of links.
ROUTES: Final = (
    ("GET", "/p/worker.js", worker),
    ("GET", "/p/{token}", pass_page),
    ("GET", "/p/{token}/state", pass_state),
    ("GET", "/p/{token}/pass.png", pass_picture),
    ("GET", "/p/{token}/sheet.pdf", pass_sheet),
    ("GET", "/p/{token}/language/{language}", choose_language),
)
ADMISSIONS: Final[Admissions] = {(method, where): _ANYONE for method, where, _ in ROUTES}
