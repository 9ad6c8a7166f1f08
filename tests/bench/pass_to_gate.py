"""pass_to_gate: from a pass made on the residents' page to the gate that knows it.

A real centre on SQLite and a site's real core process; the resident's phone is played over HTTP.
Timed is the page's own request, until core answers with the pass on its list; each block's figure
is its p95, against the two seconds that are promised.
"""

import statistics
import threading
import time
from contextlib import ExitStack

from edge import wire
from edge.demo import equipment
from edge.demo.lan import Front
from edge.demo.phone import Phone
from edge.jobs import CORE
from edge.store.folder import load_keys, prepare
from recognition.zxing_codes import ZxingCodes
from tests.bench._blocks import BLOCKS, disk_folder, show
from tests.bench._product import Product, product
from tests.bench._row import About, Goal, Row
from tests.fakes.centre_edges import admit

PASSES = 12
PROMISED = 2000.0
"""Milliseconds."""
LOOKS = 0.004
GOAL = Goal("<=", 1.0)


def main() -> None:
    """Print the row."""
    with ExitStack() as stack:
        folder = stack.enter_context(disk_folder())
        front = Front("127.0.0.1", equipment.free_port())
        centre = equipment.centre(front, folder / "centre.db")
        centre.begin()
        stack.callback(centre.pull)
        centre.wait_ready(threading.Event())
        keys = load_keys(prepare(folder / "site"))
        admit(f"sqlite:///{folder}/centre.db", keys.edge, public=keys.public)
        told = {"url": front.url}
        site = stack.enter_context(product(folder / "site", (CORE,), centre=told))
        phone = Phone(front, ZxingCodes())
        stack.callback(phone.close)
        move_in(site, phone)
        block(site, phone)
        taken = tuple(block(site, phone) for _ in range(BLOCKS))
    about = About(
        "pass_to_gate",
        "the promise of two seconds",
        "p95 from the page's request to the pass on the gate's list / promise",
        "ms",
        BLOCKS * PASSES,
    )
    show(Row(about, GOAL, taken, (PROMISED,) * BLOCKS))


def move_in(site: Product, phone: Phone) -> None:
    """Put a resident on the register and take the home on the phone."""
    client = site.site.client
    added = wire.AddResident(
        client.ref(), "住户", "3-1-502", "owner", None, (), None, "bench", None
    )
    client.ask(added, wire.Message, 20.0)
    rows = client.ask(wire.Residents(client.ref()), wire.ResidentsAre, 20.0).rows
    code = client.ask(
        wire.NewHomeClaim(client.ref(), rows[0].id, "bench"), wire.HomeClaimIs, 20.0
    ).code
    # The code is a letter that goes up by itself.
    time.sleep(3)
    phone.claim(code)


def block(site: Product, phone: Phone) -> float:
    """Return the p95 of some passes, in milliseconds; they are taken back afterwards."""
    taken, made = [], []
    for _ in range(PASSES):
        before = time.perf_counter()
        made.append(phone.make_pass("bench"))
        wanted = made[-1].rpartition("/")[2]
        while wanted not in known(site):
            time.sleep(LOOKS)
        taken.append((time.perf_counter() - before) * 1000)
    for one in made:
        phone.revoke(one)
    return statistics.quantiles(taken, n=20, method="inclusive")[-1]


def known(site: Product) -> set[str]:
    """Return the ids of the passes that the gate lists."""
    client = site.site.client
    answer = client.ask(wire.Passes(client.ref()), wire.PassesAre, 20.0)
    return {row.id for row in answer.rows}
