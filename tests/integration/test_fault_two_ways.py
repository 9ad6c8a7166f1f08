"""Core and centre are killed at any moment; what either was told of by the other is there once."""

import os
import random
import signal
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from sqlalchemy import select

from central.database import open_database, reading, writing
from central.feed import tell
from central.register_tables import NOT_APPLIED, RESIDENTS
from edge import wire
from edge.channel import ChannelFault, Client, connect
from models.feed import PassKey, Revoked
from tests.fakes.free_port import free_port
from tests.fakes.mosquitto import needs_mosquitto
from tests.fakes.running_site import wait_until
from tests.integration.test_fault_herd import centre_process
from tests.nemesis.site import COMPOUND, Site, nemesis_site, say


class Sides:
    """A core and a centre, real processes both, and what each of them was told."""

    def __init__(self, root: Path, site: Site, port: int) -> None:
        self.database = root / "centre.db"
        self.engine = open_database(f"sqlite:///{self.database}")
        self.site = site
        self.port = port
        self.revoked: set[str] = set()
        self.odd: set[int] = set()
        self.added: set[str] = set()
        """Names whose addition core has acknowledged."""

    def tell(self, number: int) -> None:
        name = f"{number:032x}"
        with writing(self.engine) as connection:
            tell(connection, COMPOUND, Revoked(name))
            if not number % 3:
                self.odd.add(tell(connection, COMPOUND, PassKey(300, None)))
        self.revoked.add(name)

    def add(self, number: int) -> None:
        """Let the desk add somebody; an answer that never came is no promise."""
        try:
            client = Client(connect(self.site.places.core_socket, "cli"), lambda _message: None)
        except ChannelFault:
            return
        try:
            name = f"Li {number}"
            asked = wire.AddResident(
                client.ref(), name, "3-1-502", "owner", None, (), None, "t", None
            )
            if isinstance(client.ask(asked, wire.Done), wire.Done):
                self.added.add(name)
        except ChannelFault:
            pass
        finally:
            client.close()

    def names_there(self) -> set[str]:
        with reading(self.engine) as connection:
            return set(connection.execute(select(RESIDENTS.c.name)).scalars())

    def refused_there(self) -> set[int]:
        with reading(self.engine) as connection:
            return set(connection.execute(select(NOT_APPLIED.c.number)).scalars())

    def here(self, question: str) -> set[str]:
        register = self.site.places.root / "register.db"
        with closing(sqlite3.connect(f"file:{register}?mode=ro", uri=True)) as raw:
            return {row[0] for row in raw.execute(question)}


def killed(rng: random.Random, work: Callable[[], None], *sides: subprocess.Popen[bytes]) -> None:
    """Let things happen for a while, then kill some of the sides."""
    for _ in range(rng.randint(1, 6)):
        work()
    for side in rng.sample(sides, rng.randint(1, len(sides))):
        os.kill(side.pid, signal.SIGKILL)


@needs_mosquitto
@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.fault("F13", "F14", "F15")
def test_either_side_may_be_killed_at_any_moment(tmp_path: Path) -> None:
    seed, rounds = 61, 12
    say(f"seed {seed}")
    rng, port = random.Random(seed), free_port()
    number = iter(range(1, 10_000))
    url = f"http://127.0.0.1:{port}"
    database = f"sqlite:///{tmp_path / 'centre.db'}"
    with nemesis_site(tmp_path, 1, centre=(url, database)) as site:
        sides = Sides(tmp_path, site, port)

        def happen() -> None:
            sides.tell(next(number))
            sides.add(next(number))

        for _ in range(rounds):
            with ExitStack() as up:
                far = up.enter_context(centre_process(sides.database, port))
                core = up.enter_context(site.core())
                killed(rng, happen, core, far)  # type: ignore[arg-type]
        with centre_process(sides.database, port), site.core() as core:
            wait_until(lambda: sides.added <= sides.names_there(), 120, "everybody at the centre")
            wait_until(lambda: sides.odd <= sides.refused_there(), 120, "every refusal there")
            wait_until(
                lambda: sides.revoked <= sides.here("SELECT pass_id FROM revoked"),
                120,
                "every revocation here",
            )
            assert core.poll() is None
        assert sides.names_there() == sides.here("SELECT name FROM resident")
        assert sides.here("SELECT pass_id FROM revoked") == sides.revoked
        assert sides.refused_there() == sides.odd
        assert sides.here("SELECT number FROM told") == set()
        sides.engine.dispose()
