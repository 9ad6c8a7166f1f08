"""Small answers of the pages leave at once: Nagle would hold each back for 40 ms."""

import asyncio
import socket

from edge.clock import monotonic
from edge.web.porch import Doorway, Porch


class Ear(asyncio.Protocol):
    """Says whether its connection's packets wait for one another."""

    def __init__(self, heard: "asyncio.Future[int]") -> None:
        self._heard = heard

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        connection = transport.get_extra_info("socket")
        self._heard.set_result(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        transport.close()


async def delay_is_off() -> int:
    loop = asyncio.get_running_loop()
    heard: asyncio.Future[int] = loop.create_future()
    doorway = Doorway(Porch(monotonic), socket.AF_INET)
    doorway.bind(("127.0.0.1", 0))
    async with await loop.create_server(lambda: Ear(heard), sock=doorway):
        _, writer = await asyncio.open_connection(*doorway.getsockname())
        found = await asyncio.wait_for(heard, 20)
        writer.close()
        await writer.wait_closed()
    return found


def test_a_connection_through_the_doorway_has_nagle_off() -> None:
    assert asyncio.run(delay_is_off()) == 1
