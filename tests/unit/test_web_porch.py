"""The porch: nobody who only connects is in the way of anybody who asks."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import pytest
from starlette.types import Message, Receive, Scope, Send

from edge.web.porch import FROM_HERE, FROM_ONE, HEAD_WITHIN, MOST, Porch


class Street:
    """Real connections, whose addresses are as the test says."""

    def __init__(self) -> None:
        self.now = 100.0
        self.porch = Porch(lambda: self.now)
        self._ends = contextlib.ExitStack()

    def comes(self, host: str, port: int) -> socket.socket | None:
        """Connect; return the far end, or None for who was turned away."""
        self.now += 0.001
        near, far = socket.socketpair()
        self._ends.callback(near.close)
        self._ends.callback(far.close)
        far.setblocking(False)
        return far if self.porch.admit(near, (host, port)) else None

    def asks(self, host: str, port: int) -> asyncio.Event:
        """Begin a request; it is answered once the event is set."""
        answered, begun = asyncio.Event(), asyncio.Event()

        async def app(_scope: Scope, _receive: Receive, _send: Send) -> None:
            begun.set()
            await answered.wait()

        async def nothing() -> Message:
            raise AssertionError

        async def nowhere(_: Message) -> None:
            raise AssertionError

        scope = {"type": "http", "client": (host, port)}
        self._task = asyncio.ensure_future(self.porch.before(app)(scope, nothing, nowhere))
        return answered

    async def settled(self) -> None:
        await self._task

    def close(self) -> None:
        self._ends.close()


@pytest.fixture
def street() -> Iterator[Street]:
    street = Street()
    yield street
    street.close()


def _open(far: socket.socket | None) -> bool:
    assert far is not None
    try:
        return far.recv(1) != b""
    except BlockingIOError:
        return True


@pytest.mark.parametrize(
    ("host", "most"),
    [
        ("10.0.0.7", FROM_ONE),
        ("fd00::7", FROM_ONE),
        ("fe80::1%2", FROM_ONE),
        ("::ffff:10.0.0.7", FROM_ONE),
        ("127.0.0.1", FROM_HERE),
        ("::1", FROM_HERE),
        ("::ffff:127.0.0.1", FROM_HERE),
    ],
)
def test_one_address_keeps_its_newest_connections_only(
    street: Street, host: str, most: int
) -> None:
    ends = [street.comes(host, port) for port in range(most + 5)]
    assert [_open(end) for end in ends] == [False] * 5 + [True] * most


def test_an_address_that_is_full_is_nobody_elses_loss(street: Street) -> None:
    guard = street.comes("10.0.0.1", 1)
    ends = [street.comes("10.0.0.9", port) for port in range(300)]
    assert _open(guard)
    assert sum(map(_open, ends)) == FROM_ONE


def test_many_addresses_cannot_fill_the_porch(street: Street) -> None:
    ends = [street.comes(f"10.1.{n // 200}.{n % 200}", 1) for n in range(MOST + 50)]
    assert sum(map(_open, ends)) == MOST
    assert _open(street.comes("10.0.0.1", 1))


def test_who_is_being_answered_never_has_to_go(street: Street) -> None:
    async def story() -> tuple[bool, bool]:
        stream = street.comes("10.0.0.9", 0)
        answered = street.asks("10.0.0.9", 0)
        await asyncio.sleep(0)
        for port in range(1, 100):
            street.comes("10.0.0.9", port)
        street.now += 10 * HEAD_WITHIN
        street.porch.sweep()
        during = _open(stream)
        answered.set()
        await street.settled()
        street.now += HEAD_WITHIN
        street.porch.sweep()
        return during, _open(stream)

    assert asyncio.run(story()) == (True, False)


def test_an_address_whose_connections_are_all_in_use_gets_no_more(street: Street) -> None:
    async def story() -> bool:
        events = []
        for port in range(FROM_ONE):
            street.comes("10.0.0.9", port)
            events.append(street.asks("10.0.0.9", port))
        await asyncio.sleep(0)
        more = street.comes("10.0.0.9", FROM_ONE)
        for event in events:
            event.set()
        await street.settled()
        return more is None

    assert asyncio.run(story())


def test_a_connection_that_says_nothing_is_closed_in_time(street: Street) -> None:
    old = street.comes("10.0.0.9", 1)
    street.now += HEAD_WITHIN / 2
    new = street.comes("10.0.0.9", 2)
    street.now += HEAD_WITHIN / 2
    street.porch.sweep()
    assert (_open(old), _open(new)) == (False, True)


def test_who_has_left_counts_no_more(street: Street) -> None:
    waiting = [street.comes("10.0.0.9", port) for port in range(FROM_ONE - 1)]
    near, far = socket.socketpair()
    assert street.porch.admit(near, ("10.0.0.9", FROM_ONE))
    near.close()
    far.close()
    assert _open(street.comes("10.0.0.9", FROM_ONE))
    assert all(map(_open, waiting))
