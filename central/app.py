"""The centre over HTTP: the routes of edges and the pages, put together and served."""

import socket
import ssl
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from fastapi import FastAPI

from central import clock
from central.api import Counter, add_routes
from central.asked import say_what_failed
from central.bell import Bell
from central.database import migrate, open_database
from central.described import PATH, describe
from central.feed import newest_numbers
from central.forgetting import forget
from central.front import front
from central.letters import Forget
from central.passes.secret import open_secret
from central.resident.forgetting import forget as forget_in_homes
from central.settings import Settings
from central.turns import Turns
from models.errors import ConfigError

_CONNECTIONS: Final = 1024
"""Each edge holds one while it waits for news."""
_FORGET: Final[tuple[Forget, ...]] = (forget, forget_in_homes)
"""How each part of the centre takes out a person whom the gates have erased."""


def create(settings: Settings, stopping: Callable[[], bool] = lambda: False) -> FastAPI:
    """Return the application on a migrated database; `stopping` ends what waits for news.

    Raises ConfigError for unusable settings and CentreFault where the database cannot be reached.
    """
    engine = open_database(settings.database_url)
    migrate(engine)

    @asynccontextmanager
    async def open_while_serving(_app: FastAPI) -> AsyncIterator[None]:
        yield
        engine.dispose()

    # No pages of the framework's own: they load scripts from elsewhere. Its JSON loads nothing.
    app = FastAPI(
        title="Kuahu centre",
        docs_url=None,
        redoc_url=None,
        openapi_url=PATH,
        lifespan=open_while_serving,
    )
    describe(app)
    say_what_failed(app)
    bell = Bell(lambda: newest_numbers(engine), stopping)
    add_routes(app, Counter(engine, bell, clock.now, _FORGET, Turns()))
    secret = open_secret(engine, settings.secret_file)
    app.mount("/", front(engine, settings.public_url, clock.now, secret))
    return app


def serve(
    settings: Settings,
    host: str,
    port: int,
    ready: Callable[[str], None] | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Run a centre until SIGINT, SIGTERM or `stop`; `ready` is told its URL once it answers.

    Port 0 takes a free one. Raises ConfigError, CentreFault, and OSError where the port is taken.
    """
    server: uvicorn.Server | None = None

    def stopping() -> bool:
        return server is not None and server.should_exit

    _try_certificate(settings)
    app = create(settings, stopping)
    with _listen(host, port) as listener:
        shown = f"[{host}]" if ":" in host else host
        scheme = "http" if settings.certificate is None else "https"
        if ready is not None:
            ready(f"{scheme}://{shown}:{listener.getsockname()[1]}")
        config = uvicorn.Config(
            app,
            ssl_certfile=settings.certificate,
            ssl_keyfile=settings.key,
            access_log=False,
            log_config=None,
            limit_concurrency=_CONNECTIONS,
            server_header=False,
            timeout_graceful_shutdown=5,
        )
        server = uvicorn.Server(config)
        _run(server, listener, stop)


def _try_certificate(settings: Settings) -> None:
    if settings.certificate is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.certificate, settings.key)
    except OSError as error:
        message = (
            f"{settings.certificate} and {settings.key} cannot serve the centre "
            f"({type(error).__name__}); give a certificate and its key as PEM files"
        )
        raise ConfigError(message) from error


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
