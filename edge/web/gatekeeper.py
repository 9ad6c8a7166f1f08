"""The gatekeeper: every request passes here first, and nothing passes without a row in the table.

It finds the route, the caller and the caller's roles, reads the body within its limit, and asks of
every POST that it comes from one of our own pages. It adds the headers that bind the browser.
"""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.web.admission import ADMISSIONS, Admission, Who
from edge.web.callers import Caller
from edge.web.house import CALLER, House
from edge.web.metrics import is_machine
from edge.web.seal import same

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}
_DIGITS = 2
_MOST_FIELDS = 20
_BODY_WITHIN = 10.0
"""Seconds in which a body must have arrived."""


class Gatekeeper:
    """Lets a request through to its route, or answers it here."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self._app = app
        self._house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection; there are no web sockets here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, self._binding(send))
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        caller = self._house.cookies.caller(request)
        if caller.session and not await self._house.accounts.stands(caller.session):
            caller = Caller(caller.nonce, caller.language, None, caller.screens)
        scope[CALLER] = caller
        admission, lane = _row(scope)
        roles = caller.roles(lane)
        if is_machine(request, self._house.metrics_token):
            roles |= {Who.MACHINE}
        if admission is None:
            answer: Response | None = self._house.pages.problem(request, caller, 404)
        elif not roles & admission.who:
            answer = self._refusal(request, caller, admission)
        elif request.method == "POST":
            body = await _body(receive, admission.body)
            answer = await self._odd(request, caller, body)
            if body is not None:
                receive = _again(body, receive)
        else:
            answer = None
        await (answer or self._app)(scope, receive, send)

    def _refusal(self, request: Request, caller: Caller, admission: Admission) -> Response:
        if Who.LANE in admission.who:
            return self._house.pages.problem(request, caller, 403, "no_key")
        if caller.session is not None:
            return self._house.pages.problem(request, caller, 403)
        login = "/claim" if self._house.board.unclaimed else "/login"
        if "hx-request" in request.headers:
            return Response(status_code=401, headers={"hx-redirect": login})
        if request.method == "GET" and request.url.path == "/":
            return RedirectResponse(login, 303)
        return self._house.pages.problem(request, caller, 401)

    async def _odd(self, request: Request, caller: Caller, body: bytes | None) -> Response | None:
        """Return the answer to a POST that none of our pages sent, or None."""
        if body is None:
            return self._house.pages.problem(request, caller, 413)
        origin = request.headers.get("origin")
        if origin is not None and not _ours(origin, request.headers.get("host", "")):
            return self._house.pages.problem(request, caller, 403, "origin")
        token = request.headers.get("x-csrf", "") or await _token(request, body)
        if token is None:
            return self._house.pages.problem(request, caller, 400)
        if not same(token, self._house.seal.token(caller.nonce)):
            return self._house.pages.problem(request, caller, 403, "token")
        return None

    def _binding(self, send: Send) -> Send:
        secure = self._house.secure

        async def bound(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                if secure:
                    headers["strict-transport-security"] = "max-age=31536000"
            await send(message)

        return bound


def _row(scope: Scope) -> tuple[Admission | None, int | None]:
    """Return the row of the route that `scope` asks for, and the lane that it concerns."""
    method = scope["method"]
    for route in scope["app"].routes:
        match, child = route.matches(scope)
        if match is Match.FULL:
            number = child.get("path_params", {}).get("number")
            return ADMISSIONS.get((method, route.path)), _lane(number)
    return None, None


def _lane(number: object) -> int | None:
    text = str(number)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else None


def _ours(origin: str, host: str) -> bool:
    """Return whether `origin` is the host that was asked; `null` and what is none are not."""
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False


async def _body(receive: Receive, most: int) -> bytes | None:
    """Return the whole body, or None when it is over `most` bytes or does not arrive."""
    body = bytearray()
    try:
        async with asyncio.timeout(_BODY_WITHIN):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    return None
                body += message.get("body", b"")
                if len(body) > most:
                    return None
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        return None


async def _token(request: Request, body: bytes) -> str | None:
    """Return the form token in a body, empty where it has none; None for a broken form."""
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/x-www-form-urlencoded"):
        try:
            fields = parse_qs(body.decode("latin-1"), max_num_fields=_MOST_FIELDS)
        except ValueError:
            return None
        return fields.get("csrf", [""])[0]
    if not kind.startswith("multipart/form-data"):
        return ""
    whole = Request(request.scope, _again(body, _nothing_more))
    try:
        # No form of ours is over a mebibyte, so that none of it is put down on a disk.
        async with whole.form(max_files=1, max_fields=_MOST_FIELDS) as form:
            token = form.get("csrf", "")
    except (HTTPException, MultiPartException, ValueError, KeyError):
        return None
    return token if isinstance(token, str) else None


async def _nothing_more() -> Message:
    return {"type": "http.disconnect"}


def _again(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that gives `body` once more, then what follows."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
