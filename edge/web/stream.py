"""A server-sent event stream (HTML Living Standard, 9.2) that lets go of a browser that stalls."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

STALLED_AFTER = 10.0
"""Seconds that one piece may take to leave before the browser is let go."""


def event(name: str, data: str) -> bytes:
    """Return one event as it goes over the wire."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n".encode()


class EventStream(Response):
    """Sends pieces as they come, until they end, the browser leaves, or it stops reading."""

    media_type = "text/event-stream"

    def __init__(
        self, pieces: AsyncGenerator[bytes, None], stalled_after: float = STALLED_AFTER
    ) -> None:
        super().__init__(headers={"cache-control": "no-store"})
        del self.headers["content-length"]
        self._pieces = pieces
        self._stalled_after = stalled_after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        del scope
        await send(
            {"type": "http.response.start", "status": 200, "headers": list(self.raw_headers)}
        )
        pump = asyncio.create_task(self._pump(send))
        left = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait({pump, left}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pump.cancel()
            left.cancel()
            await asyncio.gather(pump, left, return_exceptions=True)

    async def _pump(self, send: Send) -> None:
        async with aclosing(self._pieces) as pieces:
            try:
                async for piece in pieces:
                    async with asyncio.timeout(self._stalled_after):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
                async with asyncio.timeout(self._stalled_after):
                    await send({"type": "http.response.body", "body": b""})
            except TimeoutError:
                return


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
