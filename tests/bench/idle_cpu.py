"""idle_cpu: the processor time of a site whose camera shows nobody, by process. No goal."""

import time

from tests.bench._blocks import BLOCKS, show
from tests.bench._idle import cpu_seconds, idle_site
from tests.bench._row import About, Goal, Row

SECONDS = 3.0


def main() -> None:
    """Print the sum, then each process."""
    with idle_site() as site:
        pids = site.processes()
        used: dict[str, list[float]] = {name: [] for name in pids}
        for _ in range(BLOCKS):
            before = {name: cpu_seconds(pid) for name, pid in pids.items()}
            start = time.monotonic()
            time.sleep(SECONDS)
            taken = time.monotonic() - start
            for name, pid in pids.items():
                # One tick of the system's counter is the least that can be told.
                used[name].append(max(0.01 / SECONDS, (cpu_seconds(pid) - before[name]) / taken))
    together = [sum(values) for values in zip(*used.values(), strict=True)]
    unit = "processors in use; 1280x720 at 25 frames a second from a file"
    for name, values in {"idle_cpu": together, **used}.items():
        label = name if name == "idle_cpu" else f"idle_cpu_{name}"
        about = About(label, "one processor of this machine", unit, "processors", BLOCKS)
        show(Row(about, Goal("<=", None), tuple(values)))
