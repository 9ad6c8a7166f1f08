"""The bell of the feeds: who waits for news of a compound is woken when there is some."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi.concurrency import run_in_threadpool

from models.errors import CentreFault

PAUSE: Final = 0.2
"""Seconds between looks at the database; one look serves everyone who waits in this process."""


@dataclass(frozen=True, slots=True, eq=False)
class _Waiter:
    compound: str
    after: int
    woken: asyncio.Future[None]


class Bell:
    """Rings for those who wait in this process, whichever process told something.

    `newest` returns the newest number of each compound and is called in a thread, only while
    somebody waits. Once `stopping` says so, everyone is woken at once.
    """

    def __init__(
        self, newest: Callable[[], Mapping[str, int]], stopping: Callable[[], bool]
    ) -> None:
        self._newest = newest
        self._stopping = stopping
        self._waiters: set[_Waiter] = set()
        self._looking: asyncio.Task[None] | None = None

    async def wait(self, compound: str, after: int, seconds: float) -> None:
        """Return when `compound` was told something after number `after`, or `seconds` are over.

        Raises CentreFault where the database fails meanwhile.
        """
        waiter = _Waiter(compound, after, asyncio.get_running_loop().create_future())
        self._waiters.add(waiter)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await waiter.woken
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(waiter)

    async def _look(self) -> None:
        try:
            while self._waiters:
                try:
                    self._ring(await run_in_threadpool(self._newest))
                except CentreFault as fault:
                    self._fail(fault)
                await asyncio.sleep(PAUSE)
        finally:
            self._looking = None

    def _ring(self, newest: Mapping[str, int]) -> None:
        for waiter in tuple(self._waiters):
            told = newest.get(waiter.compound, 0) > waiter.after
            if (told or self._stopping()) and not waiter.woken.done():
                waiter.woken.set_result(None)

    def _fail(self, fault: CentreFault) -> None:
        for waiter in tuple(self._waiters):
            if not waiter.woken.done():
                waiter.woken.set_exception(fault)
