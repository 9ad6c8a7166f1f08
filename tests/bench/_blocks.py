"""Interleaved blocks: every contender has its turn in every block, so that noise meets them all."""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.bench._row import Row

BLOCKS = 7

Block = Callable[[], float]
"""Measures for a while and returns one figure."""


def interleave(contenders: Mapping[str, Block], blocks: int = BLOCKS) -> dict[str, list[float]]:
    """Return the figures of each contender, one a block.

    Every second block goes through them backwards, so that a drift of the machine favours nobody.
    """
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(blocks):
        order = list(contenders) if number % 2 == 0 else list(reversed(contenders))
        for name in order:
            figures[name].append(contenders[name]())
        _say(number, blocks, figures)
    return figures


def alternate(
    contenders: Mapping[str, Callable[[], float]], times: int, blocks: int = BLOCKS
) -> dict[str, list[float]]:
    """Return the median of each contender, one a block, of single measurements taken in turns.

    For what is over in milliseconds: whatever disturbs the machine meets all contenders alike.
    """
    figures: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(blocks):
        taken: dict[str, list[float]] = {name: [] for name in contenders}
        for turn in range(times):
            order = list(contenders) if turn % 2 == 0 else list(reversed(contenders))
            for name in order:
                taken[name].append(contenders[name]())
        for name, values in taken.items():
            figures[name].append(statistics.median(values))
        _say(number, blocks, figures)
    return figures


def _say(number: int, blocks: int, figures: Mapping[str, list[float]]) -> None:
    shown = ", ".join(f"{name} {values[-1]:.5g}" for name, values in figures.items())
    sys.stderr.write(f"  block {number + 1}/{blocks}: {shown}\n")


def median_of(once: Callable[[], float], times: int) -> float:
    """Return the median of `times` measurements."""
    return statistics.median(once() for _ in range(times))


def timed(act: Callable[[], object]) -> float:
    """Return the milliseconds that `act` takes."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def show(*rows: Row) -> None:
    """Print rows, one JSON object a line."""
    for row in rows:
        sys.stdout.write(row.line() + "\n")
    sys.stdout.flush()


@contextmanager
def disk_folder() -> Iterator[Path]:
    """Make a folder on a disk: /tmp may be memory, where waiting for the disk means nothing."""
    kept = Path("/var/tmp")
    fit = kept if os.access(kept, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="kuahu-bench-", dir=fit) as folder:
        yield Path(folder)


class RawLog:
    """The peer of everything durable: 4 KB behind 4 KB, each on the disk before the next."""

    PAGE = 4096

    def __init__(self, folder: Path) -> None:
        self._file = (folder / "raw.log").open("wb", buffering=0)
        self._page = os.urandom(self.PAGE)
        self._at = 0

    def write(self) -> None:
        """Append one page and wait for the disk."""
        os.pwrite(self._file.fileno(), self._page, self._at)
        os.fdatasync(self._file.fileno())
        self._at += self.PAGE

    def close(self) -> None:
        """Let the file go."""
        self._file.close()
