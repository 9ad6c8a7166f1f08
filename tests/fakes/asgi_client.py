"""Requests to an application in this process, without a socket: one event loop on a thread."""

import asyncio
import threading
from collections.abc import Iterable, MutableMapping
from concurrent.futures import Future
from typing import Any, Self

import httpx
from starlette.types import ASGIApp

_WITHIN = 240.0
_STREAM = b"text/event-stream"


class AsgiClient:
    """Serves `app` while entered, its lifespan included; safe for one caller at a time.

    An error that the application lets out is raised here. Of a stream that has no end the first
    piece is read, and then the caller hangs up.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="asgi", daemon=True)
        self._ended: asyncio.Event | None = None
        self._lifespan: Future[None] | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        ready = threading.Event()
        self._lifespan = asyncio.run_coroutine_threadsafe(self._live(ready), self._loop)
        assert ready.wait(_WITHIN)
        if self._lifespan.done():
            self._lifespan.result()
        return self

    def __exit__(self, *_: object) -> None:
        assert self._ended is not None
        assert self._lifespan is not None
        self._loop.call_soon_threadsafe(self._ended.set)
        self._lifespan.result(_WITHIN)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_WITHIN)
        self._loop.close()

    def ask(
        self,
        method: str,
        path: str,
        headers: Iterable[tuple[str, str]] = (),
        body: bytes = b"",
    ) -> httpx.Response:
        """Return the answer to one request; `path` is as it stands in the request line."""
        request = httpx.Request(method, "http://127.0.0.1" + path, content=body)
        raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers]
        given = {name for name, _ in raw}
        raw += [(k.lower(), v) for k, v in request.headers.raw if k.lower() not in given]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": request.url.path,
            "raw_path": request.url.raw_path.partition(b"?")[0],
            "query_string": request.url.query,
            "root_path": "",
            "headers": raw,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 80),
        }
        asked = asyncio.run_coroutine_threadsafe(self._serve(scope, body), self._loop)
        status, answered, said = asked.result(_WITHIN)
        return httpx.Response(status, headers=answered, content=said, request=request)

    async def _serve(
        self, scope: MutableMapping[str, Any], body: bytes
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        said, began = bytearray(), asyncio.Event()
        start: dict[str, Any] = {}
        sent = False

        async def receive() -> dict[str, Any]:
            nonlocal sent
            if not sent:
                sent = True
                return {"type": "http.request", "body": body, "more_body": False}
            await began.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                said.extend(message.get("body", b""))
                began.set()

        work = asyncio.ensure_future(self._app(scope, receive, send))
        first = asyncio.ensure_future(began.wait())
        await asyncio.wait({work, first}, return_when=asyncio.FIRST_COMPLETED)
        if _STREAM in dict(start.get("headers", ())).get(b"content-type", b"") and not work.done():
            work.cancel()
            await asyncio.wait({work})
        else:
            await work
        first.cancel()
        return start["status"], list(start["headers"]), bytes(said)

    async def _live(self, ready: threading.Event) -> None:
        self._ended = asyncio.Event()
        began = asyncio.Event()
        told = False

        async def receive() -> dict[str, Any]:
            nonlocal told
            if not told:
                told = True
                return {"type": "lifespan.startup"}
            assert self._ended is not None
            await self._ended.wait()
            return {"type": "lifespan.shutdown"}

        async def send(message: MutableMapping[str, Any]) -> None:
            assert not message["type"].endswith(".failed"), message
            began.set()
            ready.set()

        try:
            await self._app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
        finally:
            ready.set()
