"""rss: the memory of a site whose camera shows nobody, by process. No goal."""

import time

from tests.bench._blocks import show
from tests.bench._idle import idle_site, megabytes
from tests.bench._row import LEAST_BLOCKS, About, Goal, Row

REST = 1.0


def main() -> None:
    """Print the sum, then each process."""
    with idle_site() as site:
        pids = site.processes()
        held: dict[str, list[float]] = {name: [] for name in pids}
        for _ in range(LEAST_BLOCKS):
            time.sleep(REST)
            for name, pid in pids.items():
                held[name].append(megabytes(pid))
    together = [sum(values) for values in zip(*held.values(), strict=True)]
    unit = "MB in memory, shared pages by share (PSS)"
    for name, values in {"rss": together, **held}.items():
        label = name if name == "rss" else f"rss_{name}"
        about = About(label, "none: megabytes as they are", unit, "MB", LEAST_BLOCKS)
        show(Row(about, Goal("<=", None), tuple(values)))
