"""P2: durable decisions a second from 32 sources at once, against a bare log in one stream.

The path of P1, on 32 lanes with a thread each; the store's one writer puts what has come meanwhile
into one COMMIT. The second row is the same on a disk of 4 ms, as in P1.
"""

import threading
import time

from tests.bench._blocks import BLOCKS, RawLog, disk_folder, interleave, show
from tests.bench._row import About, Goal, Row
from tests.bench._site import Site, site_on_disk
from tests.bench._slow_disk import again_on_a_slow_disk, known_to_strace
from tests.bench.p1_durable_decisions import per_second

SOURCES = 32
SECONDS = 1.0
GOAL = Goal(">=", 8.0)


def main() -> None:
    """Print P2 for the disk as it is, and for one of 4 ms."""
    measure("P2", "raw 4 KB append + fdatasync, one stream")
    again_on_a_slow_disk("tests.bench.p2_group_commit")


def slow(name: str, peer: str) -> None:
    """Print the row of a slowed disk; runs in a process whose disk calls are delayed."""
    measure(f"P2_{name}", f"raw 4 KB append + fdatasync, one stream, {peer}")


def measure(name: str, peer: str) -> None:
    """Print one row."""
    counted: list[int] = []
    with disk_folder() as folder, site_on_disk(folder, lanes=SOURCES) as site:
        raw = RawLog(folder)

        def together() -> float:
            rate, count = at_once(site)
            counted.append(count)
            return rate

        rates = interleave({"ours": together, "raw": lambda: per_second(raw)}, BLOCKS)
        raw.close()
    about = About(
        name, peer, "our decisions a second / its pages a second", "a second", sum(counted)
    )
    show(Row(about, GOAL, tuple(rates["ours"]), tuple(rates["raw"])))


def at_once(site: Site) -> tuple[float, int]:
    """Return how many decisions a second all sources get done together, and how many those were."""
    resident = site.resident()
    tokens = {lane: [site.token() for _ in range(40)] for lane in site.lanes}
    done = dict.fromkeys(site.lanes, 0)
    start = end = 0.0

    def set_times() -> None:
        nonlocal start, end
        start = time.perf_counter()
        end = start + SECONDS

    begin = threading.Barrier(SOURCES, set_times)

    def source(lane: int) -> None:
        known_to_strace()
        begin.wait()
        while time.perf_counter() < end:
            passes = tokens[lane]
            seen = (
                site.shown(passes.pop(), lane)
                if passes and done[lane] % 2
                else site.face(resident, lane)
            )
            site.decide_durably(seen)
            done[lane] += 1

    threads = [threading.Thread(target=source, args=(lane,)) for lane in site.lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done.values()) / (time.perf_counter() - start), sum(done.values())
