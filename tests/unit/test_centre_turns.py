"""Turns: one at a time, with a rest after each that nobody is kept from."""

import asyncio

from central.turns import Turns


def test_one_works_at_a_time_and_each_gets_a_turn() -> None:
    inside, most, done = 0, 0, 0

    async def work(turns: Turns) -> None:
        nonlocal inside, most, done
        async with turns:
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1
            done += 1

    async def all_of_them() -> None:
        turns = Turns()
        await asyncio.gather(*(work(turns) for _ in range(20)))

    asyncio.run(all_of_them())
    assert (most, done) == (1, 20)


def test_the_next_turn_begins_after_a_rest_as_long_as_the_work() -> None:
    async def story() -> tuple[float, float]:
        turns, loop = Turns(), asyncio.get_running_loop()
        begun = loop.time()
        async with turns:
            await asyncio.sleep(0.05)
        worked = loop.time() - begun
        async with turns:
            return worked, loop.time() - begun - worked

    worked, rested = asyncio.run(story())
    assert rested >= 0.9 * worked


def test_work_that_fails_gives_its_turn_back() -> None:
    async def fail(turns: Turns) -> None:
        async with turns:
            raise RuntimeError

    async def story() -> list[BaseException | None]:
        turns = Turns()
        return await asyncio.gather(fail(turns), fail(turns), return_exceptions=True)

    assert [type(one) for one in asyncio.run(story())] == [RuntimeError, RuntimeError]
