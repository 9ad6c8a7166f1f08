"""The centre's pages on a free port of loopback, for the phones of visitors."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import uvicorn
from sqlalchemy import Engine, delete
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from central import clock
from central.database import reading, writing
from central.front import front
from central.passes.making import MadePass, make_pass, revoke_pass
from central.passes.order import Order
from central.passes.record import Record, find_pass
from central.passes.ring import Ring, keys_of
from central.passes.tables import PASSES
from central.passes.token import Code, code_of
from gate.passes import read
from gate.rotation import Rotation
from models.moment import Moment
from models.visit import Claims, CodeFault
from tests.fakes.centre_passes import COMPOUND, HOME, HOST, SECRET, centre


class VisitorSite:
    """A centre that keeps real time; nothing is to be had of it while it is `away`."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.url = ""
        self.away = False

    def now(self) -> datetime:
        return clock.now()

    def make(self, order: Order) -> MadePass:
        with writing(self.engine) as connection:
            return make_pass(connection, SECRET, HOST, order, self.now())

    def revoke(self, made: MadePass) -> None:
        with writing(self.engine) as connection:
            revoke_pass(connection, COMPOUND, HOME, made.pass_id, self.now())

    def drop(self, made: MadePass) -> None:
        """Let the pass be long over."""
        with writing(self.engine) as connection:
            connection.execute(delete(PASSES).where(PASSES.c.pass_id == made.pass_id))

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

    def before(self, app: ASGIApp) -> ASGIApp:
        """Return `app`, which answers nobody while the centre is away."""

        async def reached(scope: Scope, receive: Receive, send: Send) -> None:
            away = self.away and scope["type"] == "http"
            await (Response(status_code=503) if away else app)(scope, receive, send)

        return reached


@contextmanager
def visitor_site(folder: Path) -> Iterator[VisitorSite]:
    """Yield a centre that answers; it has stopped when the block is left."""
    engine = centre(f"sqlite:///{folder}/centre.db")
    site = VisitorSite(engine)
    app = site.before(front(engine, "", site.now, SECRET))
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
