"""The residents' page on a free port of loopback, for a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from tests.fakes.centre_home import HomeCentre, home_centre


@contextmanager
def resident_site(folder: Path) -> Iterator[tuple[HomeCentre, str]]:
    """Yield a centre and its URL; it has stopped when the block is left."""
    centre = home_centre(f"sqlite:///{folder}/centre.db")
    config = uvicorn.Config(centre.app, port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    thread = threading.Thread(target=server.run, args=([listener],), name="residents")
    thread.start()
    try:
        yield centre, f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        centre.engine.dispose()
