"""P13: the time of a decision while the centre is away, against while it is there.

Three sites of real core processes take turns, one decision each: one whose centre answers, one
whose centre refuses every connection, one whose centre takes connections and never answers. Timed
is an expired pass from the guard's desk to its recorded refusal.
"""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from edge.demo import equipment
from edge.demo.lan import Front
from edge.jobs import CORE
from edge.store.folder import load_keys, prepare
from tests.bench._blocks import BLOCKS, alternate, disk_folder, show
from tests.bench._product import Product, product
from tests.bench._row import About, Goal, Row
from tests.fakes.centre_edges import admit
from tests.fakes.running_site import CLOSED_PORT

DECISIONS = 60
REST = 0.01
GOAL = Goal("<=", 1.05)


def main() -> None:
    """Print P13 for a centre that is gone, and for one that hangs."""
    with ExitStack() as stack:
        folder = stack.enter_context(disk_folder())
        port = equipment.free_port()
        centre = equipment.centre(Front("127.0.0.1", port), folder / "centre.db")
        centre.begin()
        stack.callback(centre.pull)
        centre.wait_ready(threading.Event())
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        ports = {"there": port, "away": CLOSED_PORT, "hanging": silent.getsockname()[1]}
        sites = {}
        for name, number in ports.items():
            keys = load_keys(prepare(folder / name))
            admit(f"sqlite:///{folder}/centre.db", keys.edge, public=keys.public)
            told = {"url": f"http://127.0.0.1:{number}"}
            sites[name] = stack.enter_context(product(folder / name, (CORE,), centre=told))
        contenders = {name: rested(site) for name, site in sites.items()}
        for once in contenders.values():
            once()
        taken = alternate(contenders, DECISIONS)
    for_all = "pass to recorded answer, p50, away / there", "ms", BLOCKS * DECISIONS
    show(
        *(
            Row(
                About(name, "the same site with its centre there", *for_all),
                GOAL,
                tuple(taken[which]),
                tuple(taken["there"]),
            )
            for name, which in (("P13", "away"), ("P13_hanging", "hanging"))
        )
    )


def rested(site: Product) -> Callable[[], float]:
    """Return what measures one decision after a short rest, in milliseconds."""

    def once() -> float:
        time.sleep(REST)
        return site.check()

    return once
