"""The vital signs of processes, once a second: memory, open files, threads, objects.

The objects are counted inside of the process, by a thread that only tests start (`count_objects`),
and read from a file of twelve digits beside the site.
"""

import gc
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

EVERY = 1.0
COUNT_EVERY = 10.0
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Vitals:
    """One look at one process; `rss` in bytes, `at` seconds of CLOCK_MONOTONIC."""

    at: float
    rss: int
    files: int
    threads: int
    objects: int


def look(pid: int, at: float, objects: Path | None = None) -> Vitals:
    """Return how process `pid` is; raises FileNotFoundError once it has ended."""
    folder = Path(f"/proc/{pid}")
    status = dict(
        line.split(":", 1)
        for line in (folder / "status").read_text("ascii", "replace").splitlines()
    )
    return Vitals(
        at,
        int(status["VmRSS"].split()[0]) * 1024,
        sum(1 for _ in (folder / "fd").iterdir()),
        int(status["Threads"]),
        int(objects.read_text("ascii")) if objects is not None else 0,
    )


def open_files(pid: int) -> Counter[str]:
    """Return what process `pid` has open, by name; sockets and pipes without their numbers."""
    found: Counter[str] = Counter()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):
            found[each.readlink().name.partition(":")[0]] += 1
    return found


def count_objects(into: Path) -> None:
    """Write how many blocks this interpreter's living objects hold into a file, now and then.

    What waits to be collected is collected first: it comes and goes in waves of many minutes.

    Not by `gc.get_objects`: it takes hold of a tuple that another thread is still building, which
    then fails with SystemError (CPython issue 59313).
    """
    file = os.open(into, os.O_WRONLY | os.O_CREAT, 0o600)

    def count() -> None:
        while True:
            gc.collect()
            os.pwrite(file, f"{sys.getallocatedblocks():{_DIGITS}d}".encode(), 0)
            time.sleep(COUNT_EVERY)

    os.pwrite(file, f"{0:{_DIGITS}d}".encode(), 0)
    threading.Thread(target=count, name="objects", daemon=True).start()


class Nurse:
    """Takes every process's vitals, and any other number, once a second until `stop`."""

    def __init__(
        self,
        processes: Mapping[str, tuple[int, Path | None]],
        numbers: Mapping[str, Callable[[], int]],
    ) -> None:
        self.vitals: dict[str, list[Vitals]] = {name: [] for name in processes}
        self.numbers: dict[str, list[tuple[float, int]]] = {name: [] for name in numbers}
        self._processes = dict(processes)
        self._numbers = dict(numbers)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="nurse")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._stop.wait(EVERY):
            now = time.monotonic()
            for name, (pid, objects) in self._processes.items():
                self.vitals[name].append(look(pid, now, objects))
            for name, read in self._numbers.items():
                self.numbers[name].append((now, read()))
