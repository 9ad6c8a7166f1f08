"""Turns for what can wait: one at a time, and half of the time at most."""

import asyncio


class Turns:
    """Lets one piece of work in at a time; after each comes a rest as long as the work was.

    Whatever needs no turn meets at most one piece of such work, and none half of the time.
    """

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(1)
        self._begun = 0.0

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        await self._free.acquire()
        self._begun = asyncio.get_running_loop().time()

    async def __aexit__(self, *_: object) -> None:
        """End the turn; the next begins after the rest."""
        loop = asyncio.get_running_loop()
        loop.call_later(loop.time() - self._begun, self._free.release)
