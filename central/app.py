"""The centre over HTTP (docs/centre.md): events in, events out, what is missing, and health."""

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from hmac import compare_digest
from typing import Annotated, Final

import msgspec
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine, text
from starlette.exceptions import HTTPException as StarletteHTTPException

from central import clock
from central.batch import MAX_BYTES, MAX_SEQ, TooMuch, edge_name, read_batch
from central.database import migrate, open_database, reading
from central.front import front
from central.ledger import take_in
from central.reports import MAX_LISTED, events_after, gaps_of
from central.settings import Settings
from models.errors import CentreFault, InputError

_log = logging.getLogger(__name__)

_PATIENCE: Final = 30.0
"""Seconds that a request may take to arrive."""
_RETRY: Final = "5"
"""Seconds after which an edge may ask again when the database fails."""
_CONNECTIONS: Final = 256


def create(settings: Settings) -> FastAPI:
    """Return the application on a migrated database.

    Raises ConfigError for unusable settings and CentreFault where the database cannot be reached.
    """
    engine = open_database(settings.database_url)
    migrate(engine)

    @asynccontextmanager
    async def open_while_serving(_app: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    # No pages of the framework's own: they load scripts from elsewhere.
    app = FastAPI(
        title="Kuahu centre",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=open_while_serving,
    )
    _say_what_failed(app)
    _routes(app, engine, sha256(settings.token.encode()).digest())
    app.mount("/", front(engine, settings.public_url, clock.now))
    return app


def serve(
    host: str,
    port: int,
    database_url: str,
    token: str,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Run a centre until SIGINT, SIGTERM or `stop`; `ready` is told its URL once it answers.

    Port 0 takes a free one. Raises ConfigError, CentreFault, and OSError where the port is taken.
    """
    app = create(Settings(database_url, token))
    with _listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        if ready is not None:
            ready(f"http://{shown}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            app,
            access_log=False,
            log_config=None,
            limit_concurrency=_CONNECTIONS,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        _run(uvicorn.Server(config), listener, stop)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With TCP named, asyncio turns Nagle off: an answer's body never waits for its head's receipt.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listener.bind((host, port))
        listener.listen(512)
    except OSError:
        listener.close()
        raise
    return listener


def _run(server: uvicorn.Server, listener: socket.socket, stop: threading.Event | None) -> None:
    if stop is None:
        server.run(sockets=[listener])
        return

    def watch(asked: threading.Event) -> None:
        asked.wait()
        server.should_exit = True

    threading.Thread(target=watch, args=(stop,), name="centre-stop", daemon=True).start()
    server.run(sockets=[listener])


def _routes(app: FastAPI, engine: Engine, token: bytes) -> None:
    def known_edge(request: Request) -> None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        # Digests of one length: neither the token's length nor its start can be timed.
        same = compare_digest(sha256(given.strip().encode()).digest(), token)
        if scheme.lower() != "bearer" or not same:
            raise HTTPException(
                401, "give this centre's claim token", headers={"WWW-Authenticate": "Bearer"}
            )

    guarded = [Depends(known_edge)]
    edge_of = Annotated[str, Query(max_length=80)]

    @app.post("/v1/events", dependencies=guarded)
    async def post_events(request: Request) -> Response:
        batch = read_batch(await _body(request))
        return _json(await run_in_threadpool(take_in, engine, batch, clock.now()))

    @app.get("/v1/events", dependencies=guarded)
    def get_events(
        edge: edge_of,
        after: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 100,
    ) -> Response:
        rows = events_after(engine, edge_name(edge), after, limit)
        return _json({"events": rows, "next": rows[-1].arrival if rows else after})

    @app.get("/v1/gaps", dependencies=guarded)
    def get_gaps(edge: edge_of) -> Response:
        return _json(gaps_of(engine, edge_name(edge)))

    @app.get("/v1/health")
    def get_health() -> Response:
        with reading(engine) as connection:
            connection.execute(text("SELECT 1"))
        return _json({"ok": True})


def _say_what_failed(app: FastAPI) -> None:
    @app.exception_handler(TooMuch)
    async def too_much(_request: Request, error: TooMuch) -> Response:
        return _json({"error": str(error)}, 413)

    @app.exception_handler(InputError)
    async def unusable(_request: Request, error: InputError) -> Response:
        return _json({"error": str(error)}, 400)

    @app.exception_handler(RequestValidationError)
    async def wrong_question(_request: Request, error: RequestValidationError) -> Response:
        said = "; ".join(f"{one['loc'][-1]}: {one['msg']}" for one in error.errors())
        return _json({"error": said}, 400)

    @app.exception_handler(StarletteHTTPException)
    async def refused(_request: Request, error: StarletteHTTPException) -> Response:
        return _json({"error": error.detail}, error.status_code, dict(error.headers or {}))

    @app.exception_handler(CentreFault)
    async def failed(_request: Request, error: CentreFault) -> Response:
        # The sentence names the sort of failure only: rows of people never reach a log.
        _log.error("%s", error)
        return _json({"error": f"{error}"}, 503, {"Retry-After": _RETRY})


async def _body(request: Request) -> bytes:
    """Return the request's body; raises TooMuch past the limit and 408 past the patience."""
    kept = bytearray()
    try:
        async with asyncio.timeout(_PATIENCE):
            async for piece in request.stream():
                kept += piece
                if len(kept) > MAX_BYTES:
                    message = f"the request is longer than {MAX_BYTES} bytes; send fewer events"
                    raise TooMuch(message)
    except TimeoutError as error:
        raise HTTPException(408, "the request took too long to arrive") from error
    return bytes(kept)


def _json(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(value), status, headers, "application/json")
