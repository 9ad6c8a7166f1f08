"""The operator's pages on a free port of loopback, for a real browser, and edges with a past."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import uvicorn
from sqlalchemy import Engine

from central.batch import read_batch
from central.claims import Claiming, claim_edge, make_edge_code
from central.compounds import add_compound
from central.database import migrate, open_database, writing
from central.feed import acknowledge, tell
from central.front import front
from central.ledger import take_in
from central.letters import take_letters
from central.operator import accounts
from central.operator.accounts import Role
from central.post import Posted, read_letters
from central.sessions import Speaker, revoke
from models.feed import PassKey
from models.letter import Said, SiteNow
from tests.fakes.centre_edges import Gate
from tests.fakes.centre_events import chain, wire
from tests.fakes.centre_home import HUSBAND, LANES, OWNER, SECRET, Clock

COMPOUND = "6b756168"
NAME = "跨湖嘉园"
WELL = "0badf00d"
BARE = "0ddba11a"
PASSWORD = "a long password"


@dataclass
class OperatorSite:
    """A centre that has no account yet, and what can come to pass there."""

    engine: Engine
    url: str
    clock: Clock = field(default_factory=Clock)

    def first_code(self) -> str:
        """Return the code that the terminal shows."""
        code = accounts.first_code(self.engine, self.clock())
        assert code is not None
        return code

    def account(self, name: str, role: Role) -> None:
        """Make an account."""
        with writing(self.engine) as connection:
            accounts.add(connection, name, PASSWORD, role, self.clock())

    def edge_code(self, compound: str, name: str) -> str:
        """Take a compound in; return a code for an edge of it."""
        with writing(self.engine) as connection:
            add_compound(connection, compound, name, self.clock())
            return make_edge_code(connection, compound, "tests", self.clock())

    def claimed(self, code: str, name: str, compound: str = COMPOUND) -> Gate:
        """Let an edge claim by a code, tell of its register and ask for all of its feed."""
        gate = Gate(name, compound)
        claiming = Claiming(code, gate.edge, gate.public.hex(), compound)
        claim_edge(self.engine, claiming, self.clock())
        site = SiteNow(NAME, "Asia/Shanghai", LANES, "04" * 65, "0" * 16)
        said: tuple[Said, ...] = (site, OWNER, HUSBAND)
        letters = [Posted(n, "said", f"{n:064x}", each) for n, each in enumerate(said, 1)]
        take_letters(self.engine, Speaker(gate.edge, compound), letters, self.clock(), ())
        self.asks(gate, self.told(compound))
        return gate

    def told(self, compound: str = COMPOUND) -> int:
        """Tell the compound one more thing; return its number."""
        with writing(self.engine) as connection:
            return tell(connection, compound, PassKey(1, "00" * 32))

    def asks(self, gate: Gate, after: int) -> None:
        """Let an edge ask for its feed, and so prove what it holds of it."""
        acknowledge(self.engine, gate.edge, gate.compound, after, self.clock())

    def hands_in(self, gate: Gate) -> None:
        """Let an edge hand in events with a hole, a fork, a row that is none, and no letter."""
        rows = [wire(row) for row in (*chain(2), *chain(1, first=5), *chain(1, salt="fork"))]
        batch = read_batch(msgspec.json.encode({"edge": gate.edge, "events": [*rows, {}]}))
        take_in(self.engine, batch, self.clock())
        post = read_letters(msgspec.json.encode({"letters": [{}]}))
        take_letters(self.engine, Speaker(gate.edge, gate.compound), post, self.clock(), ())

    def furnish(self) -> None:
        """Have a past: one compound whose edge is behind and odd, one that is well, one bare."""
        for role in Role:
            self.account(f"the-{role}", role)
        odd = self.claimed(self.edge_code(COMPOUND, NAME), "odd")
        self.hands_in(odd)
        for _ in range(2):
            self.told()
        old = self.claimed(self.edge_code(COMPOUND, NAME), "old")
        with writing(self.engine) as connection:
            revoke(connection, old.edge, self.clock())
        self.clock.forward(hours=3)
        well = self.claimed(self.edge_code(WELL, "湖畔一号"), "well", WELL)
        rows = [wire(row) for row in chain(40)]
        batch = read_batch(msgspec.json.encode({"edge": well.edge, "events": rows}))
        take_in(self.engine, batch, self.clock())
        self.edge_code(BARE, "新小区")


@contextmanager
def operator_site(folder: Path) -> Iterator[OperatorSite]:
    """Yield a centre without accounts; it has stopped when the block is left."""
    engine = open_database(f"sqlite:///{folder}/centre.db")
    migrate(engine)
    clock = Clock()
    app = front(engine, "", clock, SECRET)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None, access_log=False))
    listener = server.config.bind_socket()
    thread = threading.Thread(target=server.run, args=([listener],), name="operators")
    thread.start()
    try:
        yield OperatorSite(engine, f"http://127.0.0.1:{listener.getsockname()[1]}", clock)
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
        engine.dispose()
