"""An idle site: core, vision and web with one camera of 25 frames a second and nobody in view."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.jobs import CORE, VISION, WEB
from tests.bench._blocks import disk_folder
from tests.bench._frames import scene
from tests.bench._product import Product, film, product
from tests.fakes.running_site import wait_until

SETTLE = 4.0
FRAMES = 50
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def idle_site() -> Iterator[Product]:
    """Run the site; it has looked at its camera for a while."""
    with disk_folder() as folder:
        path = folder / "nobody.mp4"
        film(path, [scene(noise=number) for number in range(FRAMES)])
        camera = {"id": "cam-1", "source": f"file:{path}", "loop": True}
        with product(folder / "state", (CORE, VISION, WEB), camera) as site:
            wait_until(lambda: _live(site), 40, "a live camera")
            time.sleep(SETTLE)
            yield site


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used, all its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def megabytes(pid: int) -> float:
    """Return the memory of a process, what it shares counted by its share (PSS)."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    message = f"the system does not tell the memory of process {pid}"
    raise RuntimeError(message)


def _live(site: Product) -> bool:
    camera = site.site.camera("cam-1")
    return camera is not None and camera.state == "live"
