"""The centre's pages on a free port of loopback, for the phones of visitors."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import uvicorn
from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from central import clock
from central.database import reading, writing
from central.front import front
from central.passes.making import MadePass, make_pass, revoke_pass
from central.passes.order import Order
from central.passes.record import Record, find_pass
from central.passes.ring import Ring, keys_of
from central.passes.token import Code, code_of
from gate.passes import read
from gate.rotation import Rotation
from models.moment import Moment
from models.visit import Claims, CodeFault
from tests.fakes.centre_passes import COMPOUND, HOME, HOST, SECRET, centre


class VisitorSite:
    """A centre that keeps real time; `asked` are the paths that browsers asked it for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.url = ""
        self.asked: list[str] = []

    def now(self) -> datetime:
        return clock.now()

    def make(self, order: Order) -> MadePass:
        with writing(self.engine) as connection:
            return make_pass(connection, SECRET, HOST, order, self.now())

    def revoke(self, made: MadePass) -> None:
        with writing(self.engine) as connection:
            revoke_pass(connection, COMPOUND, HOME, made.pass_id, self.now())

    def code(self, made: MadePass) -> Code:
        """Return what the pass's code must hold."""
        return code_of(SECRET, self.record(made), 0)

    def record(self, made: MadePass) -> Record:
        with reading(self.engine) as connection:
            record = find_pass(connection, COMPOUND, HOME, made.pass_id)
        assert record is not None
        return record

    def at_the_gate(self, text: str, made: MadePass, utc: datetime) -> Claims | CodeFault:
        """Return what a gate of the compound reads at a time."""
        kid = self.record(made).kid
        keys = keys_of(SECRET, Ring(COMPOUND, kid, 0))
        rotation = Rotation(keys.rotation, Moment(utc, 0.0))
        return read(text, {kid: keys.private.public_key()}, rotation)

    def counting(self, app: ASGIApp) -> ASGIApp:
        async def counted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                self.asked.append(scope["path"])
            await app(scope, receive, send)

        return counted


@contextmanager
def visitor_site(folder: Path) -> Iterator[VisitorSite]:
    """Yield a centre that answers; it has stopped when the block is left."""
    engine = centre(f"sqlite:///{folder}/centre.db")
    site = VisitorSite(engine)
    app = site.counting(front(engine, "", site.now, SECRET))
    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    site.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    thread = threading.Thread(target=server.run, args=([listener],), name="visitors")
    thread.start()
    try:
        yield site
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        engine.dispose()
