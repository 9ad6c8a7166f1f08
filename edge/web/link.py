"""A link to another process of ours that comes back by itself after that process was away."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from edge import wire
from edge.channel import ChannelFault, Client, connect
from models.errors import Fault

Answer = TypeVar("Answer", bound=wire.Message)
Said = TypeVar("Said")
Heard = Callable[[wire.AnyMessage], None]
Changed = Callable[[bool], None]

BACK_OFF = (0.1, 0.2, 0.5, 1.0)
"""Seconds between attempts to connect; the last one repeats."""
_LOOK = 0.1


class Link:
    """One connection, remade whenever it breaks; asked from the event loop, carried by threads.

    `heard` gets what is pushed and `changed` whether the other end is there, both on the event
    loop. With `rows` the link watches, and `heard` gets that many of the newest rows first.
    """

    def __init__(self, path: Path, heard: Heard, changed: Changed, rows: int = 0) -> None:
        self._path = path
        self._heard = heard
        self._changed = changed
        self._rows = rows
        self._loop: asyncio.AbstractEventLoop | None = None
        self._client: Client | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"link-{path.stem}", daemon=True)
        self._asking = ThreadPoolExecutor(8, thread_name_prefix=f"ask-{path.stem}")
        # A guard's button never waits behind a page that is slow to fill.
        self._pressing = ThreadPoolExecutor(2, thread_name_prefix=f"press-{path.stem}")

    @property
    def up(self) -> bool:
        """Whether the other end is connected."""
        client = self._client
        return client is not None and not client.gone

    def start(self) -> None:
        """Begin to connect, for as long as it takes; called on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def stop(self) -> None:
        """Hang up for good."""
        self._stop.set()
        client = self._client
        if client is not None:
            client.close()
        self._thread.join(2.0)
        self._asking.shutdown(wait=False, cancel_futures=True)
        self._pressing.shutdown(wait=False, cancel_futures=True)

    def again(self) -> None:
        """Let `heard` get the newest rows once more, over a new connection if need be."""
        with suppress(RuntimeError):  # we are stopping
            self._asking.submit(self._ask_again)

    async def ask(
        self,
        make: Callable[[int], wire.AnyMessage],
        answer: type[Answer],
        *,
        within: float = 5.0,
        urgent: bool = False,
    ) -> Answer:
        """Return the answer to the request that `make` builds around a fresh ref.

        Raises ChannelFault when the other end is away or silent, Refused when it says no.
        """
        pool = self._pressing if urgent else self._asking
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(pool, self._ask, make, answer, within)

    async def tell(self, message: wire.AnyMessage) -> None:
        """Send `message`, which wants no answer.

        Raises ChannelFault when the other end is away.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._asking, self._tell, message)

    def _ask_again(self) -> None:
        client = self._client
        if client is None:
            return
        try:
            rows = client.ask(self._newest(client), wire.RowsAre)
        except Fault:
            client.close()
        else:
            self._soon(self._heard, rows)

    def _newest(self, client: Client) -> wire.Rows:
        return wire.Rows(client.ref(), limit=self._rows, newest=True)

    def _ask(
        self, make: Callable[[int], wire.AnyMessage], answer: type[Answer], within: float
    ) -> Answer:
        client = self._present()
        return client.ask(make(client.ref()), answer, within)

    def _tell(self, message: wire.AnyMessage) -> None:
        self._present().tell(message)

    def _present(self) -> Client:
        client = self._client
        if client is None or client.gone:
            text = f"nobody answers at {self._path.name}"
            raise ChannelFault(text)
        return client

    def _run(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                client = Client(connect(self._path, "web"), self._pushed)
            except Fault:
                self._stop.wait(BACK_OFF[min(failures, len(BACK_OFF) - 1)])
                failures += 1
                continue
            if self._greeted(client):
                failures = 0
                self._client = client
                self._soon(self._changed, True)  # noqa: FBT003 - the value is the news
                while not client.gone and not self._stop.is_set():
                    self._stop.wait(_LOOK)
                self._client = None
                self._soon(self._changed, False)  # noqa: FBT003 - the value is the news
            client.close()

    def _greeted(self, client: Client) -> bool:
        """Return whether the other end took us in."""
        if not self._rows:
            return True
        try:
            client.ask(wire.Watch(client.ref()), wire.Done)
            rows = client.ask(self._newest(client), wire.RowsAre)
        except Fault:
            self._stop.wait(BACK_OFF[-1])
            return False
        self._soon(self._heard, rows)
        return True

    def _pushed(self, message: wire.AnyMessage) -> None:
        self._soon(self._heard, message)

    def _soon(self, call: Callable[[Said], None], said: Said) -> None:
        loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # the loop is closed: we are stopping
                loop.call_soon_threadsafe(call, said)
