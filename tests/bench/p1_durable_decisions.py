"""P1: durable decisions a second in one stream, against a bare log on the same disk.

Ours is a lane's own path without its relay: facts from the register, the decision, and one
transaction with event, personal part, pass use, command and outbox row; a resident's face and a
visitor's pass by turns. The peer appends 4 KB and waits for the disk, again and again.

A disk whose fdatasync is answered from memory says nothing of a gate: the second row is the same
with every fdatasync and fsync of the process made to take 4 ms more (by strace), as a small SSD
takes.
"""

import time

from models.registry import Resident
from tests.bench._blocks import BLOCKS, RawLog, disk_folder, interleave, show
from tests.bench._row import About, Goal, Row
from tests.bench._site import Site, site_on_disk
from tests.bench._slow_disk import again_on_a_slow_disk

SECONDS = 1.0
GOAL = Goal(">=", 0.8)


def main() -> None:
    """Print P1 for the disk as it is, and for one of 4 ms."""
    measure("P1", "raw 4 KB append + fdatasync, one stream")
    again_on_a_slow_disk("tests.bench.p1_durable_decisions")


def slow(name: str, peer: str) -> None:
    """Print the row of a slowed disk; runs in a process whose disk calls are delayed."""
    measure(f"P1_{name}", f"raw 4 KB append + fdatasync, {peer}")


def measure(name: str, peer: str) -> None:
    """Print one row."""
    counted: list[int] = []
    with disk_folder() as folder, site_on_disk(folder) as site:
        resident, raw = site.resident(), RawLog(folder)

        def one_stream() -> float:
            rate, count = stream(site, resident)
            counted.append(count)
            return rate

        rates = interleave({"ours": one_stream, "raw": lambda: per_second(raw)}, BLOCKS)
        raw.close()
    about = About(
        name, peer, "our decisions a second / its pages a second", "a second", sum(counted)
    )
    show(Row(about, GOAL, tuple(rates["ours"]), tuple(rates["raw"])))


def stream(site: Site, resident: Resident) -> tuple[float, int]:
    """Return how many decisions a second one stream gets done, and how many those were."""
    tokens = [site.token() for _ in range(int(1500 * SECONDS))]
    done, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < SECONDS and tokens:
        seen = site.face(resident) if done % 2 else site.shown(tokens.pop())
        site.decide_durably(seen)
        done += 1
    return done / taken, done


def per_second(raw: RawLog) -> float:
    """Return how many pages a second the bare log takes."""
    done, start = 0, time.perf_counter()
    while (taken := time.perf_counter() - start) < SECONDS / 2:
        raw.write()
        done += 1
    return done / taken
