"""Edges that come back with a backlog, in a process of their own: `python -m tests.bench._herd`.

Reads one JSON line for each drain, {"url", "edges", "events"}, and answers with the seconds that it
took until every outbox was empty.
"""

import json
import random
import sys
import threading
import time
from contextlib import ExitStack

from edge.sync.centre import Centre
from edge.sync.client import Ends, Uplink
from edge.sync.road import Address, Road
from models.moment import Moment
from tests.fakes.centre_admission import Held
from tests.fakes.centre_edges import token_of
from tests.fakes.centre_events import START, chain
from tests.fakes.centre_outbox import MemoryOutbox


class _Still:
    def now(self) -> Moment:
        return Moment(START, 0.0)


def drain(url: str, edges: list[str], events: int) -> float:
    """Return the seconds until the outboxes of all `edges` are empty; each begins full."""
    outboxes = [MemoryOutbox(chain(events, journal=name)) for name in edges]
    stop = threading.Event()
    with ExitStack() as up:
        threads = []
        for name, outbox in zip(edges, outboxes, strict=True):
            road = Road(Address(url, name), time.monotonic)
            far = up.enter_context(Centre(road, Held(token_of(name))))
            uplink = Uplink(Ends(outbox, far, _Still()), stop, random.Random(name).random)
            threads.append(threading.Thread(target=uplink.run, daemon=True))
        begun = time.perf_counter()
        for thread in threads:
            thread.start()
        for outbox in outboxes:
            outbox.empty.wait()
        taken = time.perf_counter() - begun
        stop.set()
        for thread in threads:
            thread.join()
    return taken


if __name__ == "__main__":
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(f"{drain(**json.loads(line))}\n")
        sys.stdout.flush()
