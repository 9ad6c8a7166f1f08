"""The gatekeeper of the pages: nothing passes without a row in the table.

It finds the route, the caller and what the caller counts as, reads the body within its limit, and
asks of every POST that it comes from one of our own pages. It adds the headers that bind the
browser.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from hmac import compare_digest
from urllib.parse import parse_qs, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.admission import Admission, Admissions, Audience
from central.callers import Caller, Door
from central.house import CALLER, House
from models.errors import CentreFault

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
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
_MOST_FIELDS = 100
_BODY_WITHIN = 30.0
"""Seconds in which a body must have arrived: a photo from a phone with a weak signal."""


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
        scope[CALLER] = caller
        try:
            caller, answer, receive = await self._judge(request, caller, receive)
            scope[CALLER] = caller
            await (answer or self._app)(scope, receive, send)
        except CentreFault:
            # Raised by us alone: the routes' own are answered inside the application.
            await self._house.pages.problem(request, caller, 503)(scope, receive, send)

    async def _judge(
        self, request: Request, caller: Caller, receive: Receive
    ) -> tuple[Caller, Response | None, Receive]:
        """Return the caller, the answer where it is given here, and what the route reads from."""
        pages = self._house.pages
        admission = _row(request.scope, self._house.admissions)
        if admission is None:
            return caller, pages.problem(request, caller, 404), receive
        if Audience.ANYONE not in admission.who:
            caller = await self._known(request, caller, admission)
            counted = caller.holder.audiences if caller.holder else frozenset[Audience]()
            if not counted & admission.who:
                return caller, self._refusal(request, caller, admission), receive
        if request.method != "POST":
            return caller, None, receive
        body = await _body(receive, admission.body)
        if body is None:
            return caller, pages.problem(request, caller, 413), receive
        return caller, self._odd(request, caller, body), _again(body, receive)

    async def _known(self, request: Request, caller: Caller, admission: Admission) -> Caller:
        for door in self._doors(admission):
            secret = self._house.cookies.value(request, door.cookie)
            if secret:
                holder = await run_in_threadpool(
                    door.find, self._house.engine, secret, self._house.now()
                )
                if holder is not None:
                    return replace(caller, holder=holder)
        return caller

    def _doors(self, admission: Admission) -> tuple[Door, ...]:
        return tuple(door for door in self._house.doors if door.audiences & admission.who)

    def _refusal(self, request: Request, caller: Caller, admission: Admission) -> Response:
        doors = self._doors(admission)
        if caller.holder is None and request.method == "GET" and doors:
            if "text/html" in request.headers.get("accept", ""):
                return RedirectResponse(doors[0].entrance, 303)
            return self._house.pages.problem(request, caller, 401)
        return self._house.pages.problem(request, caller, 403 if caller.holder else 401)

    def _odd(self, request: Request, caller: Caller, body: bytes) -> Response | None:
        """Return the answer to a POST that did not come from one of our own pages, or None."""
        origin = request.headers.get("origin")
        if origin is not None and not _ours(origin, request.headers.get("host", "")):
            return self._house.pages.problem(request, caller, 403, "origin")
        token = request.headers.get("x-csrf", "")
        kind = request.headers.get("content-type", "")
        if not token and kind.startswith("application/x-www-form-urlencoded"):
            try:
                fields = parse_qs(body.decode("latin-1"), max_num_fields=_MOST_FIELDS)
            except ValueError:
                return self._house.pages.problem(request, caller, 400)
            token = fields.get("csrf", [""])[0]
        if not same(token, caller.token):
            return self._house.pages.problem(request, caller, 403, "token")
        return None

    def _binding(self, send: Send) -> Send:
        secure = self._house.cookies.secure

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


def _row(scope: Scope, admissions: Admissions) -> Admission | None:
    """Return the row of the route that `scope` asks for."""
    for route in scope["app"].routes:
        match, _ = route.matches(scope)
        if match is Match.FULL:
            return admissions.get((scope["method"], route.path))
    return None


def _ours(origin: str, host: str) -> bool:
    """Return whether `origin` is the host that was asked; `null` and what is none are not."""
    try:
        return bool(host) and urlsplit(origin).netloc == host
    except ValueError:
        return False


def same(one: str, other: str) -> bool:
    """Return whether two secrets are equal, in time that tells nothing."""
    return compare_digest(one.encode(), other.encode())


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
