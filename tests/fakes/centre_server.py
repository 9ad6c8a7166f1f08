"""The real centre in a thread of the test, on a free port of loopback."""

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from central.app import serve
from central.settings import Settings
from tests.fakes.centre_edges import Speaking
from tests.fakes.centre_events import EDGE


@contextmanager
def running(database_url: str, port: int = 0) -> Iterator[str]:
    """Yield the URL of a centre that answers; it has stopped when the block is left."""
    told: queue.SimpleQueue[str | BaseException] = queue.SimpleQueue()
    stop = threading.Event()

    def run() -> None:
        try:
            serve(Settings(database_url), "127.0.0.1", port, told.put, stop)
        except BaseException as error:
            told.put(error)
            raise

    thread = threading.Thread(target=run, name="centre")
    thread.start()
    try:
        url = told.get(timeout=60)
        if isinstance(url, BaseException):
            raise url
        yield url
    finally:
        stop.set()
        thread.join()


@contextmanager
def client(database_url: str, *, known: bool = True) -> Iterator[httpx.Client]:
    """Yield a client of a centre of its own, which speaks as each edge that it names if `known`."""
    auth = Speaking(database_url, EDGE) if known else None
    with (
        running(database_url) as url,
        httpx.Client(base_url=url, auth=auth, trust_env=False, timeout=30) as http,
    ):
        yield http
