"""Requests and answers of the API: bodies within their limits, JSON, and what failed in words."""

import asyncio
import logging
from typing import Final, TypeVar

import msgspec
from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from central.batch import TooMuch
from central.claims import ClaimRefusedError
from central.sessions import StrangerError
from models.errors import CentreFault, InputError

Made = TypeVar("Made")

_log = logging.getLogger(__name__)

_PATIENCE: Final = 30.0
"""Seconds that a request may take to arrive."""
_RETRY: Final = "5"
"""Seconds after which an edge may ask again when the database fails."""


async def body_of(request: Request, most: int) -> bytes:
    """Return the request's body; raises TooMuch past `most` bytes and 408 past the patience."""
    kept = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE):
            async for piece in request.stream():
                kept += piece
                if len(kept) > most:
                    message = f"the request is longer than {most} bytes; send less at a time"
                    raise TooMuch(message)
    except TimeoutError as error:
        raise HTTPException(408, "the request took too long to arrive") from error
    return bytes(kept)


def read_as(kind: type[Made], raw: bytes) -> Made:
    """Return the `kind` that `raw` is; raises InputError, which repeats nothing of it."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        message = "this is not what docs/centre.md asks for here"
        raise InputError(message) from error


def json_answer(
    value: object, status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    """Return `value` as JSON."""
    return Response(msgspec.json.encode(value), status, headers, "application/json")


def say_what_failed(app: FastAPI) -> None:
    """Let `app` answer each failure with `{"error": "a sentence"}` and the status that fits."""

    @app.exception_handler(TooMuch)
    async def too_much(_request: Request, error: TooMuch) -> Response:
        return json_answer({"error": str(error)}, 413)

    @app.exception_handler(StrangerError)
    async def stranger(_request: Request, error: StrangerError) -> Response:
        return json_answer({"error": str(error)}, 401, {"WWW-Authenticate": "Bearer"})

    @app.exception_handler(ClaimRefusedError)
    async def not_granted(_request: Request, error: ClaimRefusedError) -> Response:
        return json_answer({"error": str(error)}, 403)

    @app.exception_handler(InputError)
    async def unusable(_request: Request, error: InputError) -> Response:
        return json_answer({"error": str(error)}, 400)

    @app.exception_handler(RequestValidationError)
    async def wrong_question(_request: Request, error: RequestValidationError) -> Response:
        said = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
        return json_answer({"error": said}, 400)

    @app.exception_handler(StarletteHTTPException)
    async def refused(_request: Request, error: StarletteHTTPException) -> Response:
        return json_answer({"error": error.detail}, error.status_code, dict(error.headers or {}))

    @app.exception_handler(CentreFault)
    async def failed(_request: Request, error: CentreFault) -> Response:
        # The sentence names the sort of failure only: rows of people never reach a log.
        _log.error("%s", error)
        return json_answer({"error": f"{error}"}, 503, {"Retry-After": _RETRY})
