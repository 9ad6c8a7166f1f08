"""The web process: uvicorn on the site's address; a flood may slow it, and no door."""

import asyncio
import logging
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from config.settings import Settings, Web
from edge.clock import monotonic
from edge.web.app import application
from edge.web.house import House
from edge.web.porch import HEAD_WITHIN, Doorway, Porch
from models.errors import ConfigError

PORT_FILE = "web.port"
_TURN = 0.2
_GRACE = 2
"""Seconds that open requests get when we stop."""

_log = logging.getLogger("kuahu.web")


class Stop(Protocol):
    """An event of threading or of multiprocessing."""

    def is_set(self) -> bool:
        """Return whether to stop."""


def run(
    settings: Settings,
    state_folder: Path,
    stop: Stop,
    beat: Callable[[], None] | None = None,
    ready: Callable[[int], None] | None = None,
) -> None:
    """Serve the pages until `stop`; core and vision may come, go and come back meanwhile.

    The port in use is told to `ready` and written to `web.port` in the state folder; port 0 takes
    a free one. `beat` is called at every turn of the event loop. Raises ConfigError when the
    address cannot be listened on, StoreFault when the secret is lost.
    """
    if threading.current_thread() is threading.main_thread():
        # Ctrl-C reaches the whole group; whoever started us says when to stop.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    app = application(settings, state_folder, monotonic)
    porch = Porch(monotonic)
    listening = _listen(settings.web, porch)
    port: int = listening.getsockname()[1]
    server = uvicorn.Server(_config(porch.before(app), settings.web))

    def turn() -> None:
        porch.sweep()
        if beat is not None:
            beat()

    try:
        asyncio.run(
            _serve(server, listening, app, stop, turn, lambda: _tell(state_folder, port, ready))
        )
    finally:
        listening.close()
        (state_folder / PORT_FILE).unlink(missing_ok=True)


async def _serve(
    server: uvicorn.Server,
    listening: socket.socket,
    app: FastAPI,
    stop: Stop,
    turn: Callable[[], None],
    ready: Callable[[], None],
) -> None:
    house: House = app.state.house
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    told = False
    while not serving.done() and not stop.is_set():
        if server.started and not told:
            told = True
            ready()
        turn()
        await asyncio.wait({serving}, timeout=_TURN)
    house.board.close()
    server.should_exit = True
    await serving


def _config(app: ASGIApp, web: Web) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        log_level=logging.WARNING,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        ws="none",
        lifespan="on",
        # Sooner than the porch would: uvicorn knows best when a connection is idle.
        timeout_keep_alive=int(HEAD_WITHIN) // 2,
        timeout_graceful_shutdown=_GRACE,
        ssl_certfile=web.certificate,
        ssl_keyfile=web.key,
    )


def _listen(web: Web, porch: Porch) -> socket.socket:
    listening = Doorway(porch, socket.AF_INET6 if ":" in web.host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((web.host, web.port))
    except OSError as error:
        listening.close()
        message = (
            f"the pages cannot be served at {web.host} port {web.port}: {error}; "
            "another program may have the port: choose another one under [web]"
        )
        raise ConfigError(message) from error
    return listening


def _tell(state_folder: Path, port: int, ready: Callable[[int], None] | None) -> None:
    part = state_folder / f"{PORT_FILE}.part"
    part.write_text(f"{port}\n", encoding="ascii")
    part.replace(state_folder / PORT_FILE)
    _log.info("the pages are at port %d", port)
    if ready is not None:
        ready(port)
