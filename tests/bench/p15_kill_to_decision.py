"""P15: from kill -9 of the vision process to the next decision, against loading alone.

Core and vision run under the supervisor; a video file that stands in for the camera shows one pass
after another. Within the figure lie the supervisor's notice and pause, a new Python, its imports,
the models with their check and proof, the line to core, the camera's opening, look and record. The
peer is a new Python that imports OpenCV and zxing-cpp and loads the same two models, nothing else.

The second row kills core instead: store, lanes and the pages' memory come back, vision stays up.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime

from config.weights import weight_files
from edge import wire
from edge.channel import ChannelFault, Client, connect
from edge.clock import SystemClock
from edge.jobs import CORE, VISION
from models.event import EventKind
from tests.bench._blocks import disk_folder, interleave, show
from tests.bench._frames import with_code
from tests.bench._product import Product, film, product
from tests.bench._row import About, Goal, Row
from tests.bench._site import COMPOUND

BLOCKS = 5
PASSES = 12
SHOWN_FOR = 8
"""Frames, a third of a second: none is told twice before all others were."""
SETTLE = 1.0
"""Seconds for what was killed to come to rest again."""
LOOK = 0.01
PATIENCE = 30.0
_CODE = """
import sys
import cv2, numpy, zxingcpp
cv2.setNumThreads(1)
detector, embedder = sys.argv[1:]
cv2.FaceDetectorYN.create(detector, "", (640, 640))
cv2.dnn.readNetFromONNX(embedder)
print("ready", flush=True)
"""


def main() -> None:
    """Print P15 for vision, and for core without a goal."""
    with disk_folder() as folder:
        path = folder / "passes.mp4"
        film(path, [with_code(f"KH1:{COMPOUND}{n:04}", n) for n in range(PASSES)], SHOWN_FOR)
        camera = {"id": "cam-1", "source": f"file:{path}", "loop": True}
        with product(folder / "state", (CORE, VISION), camera) as site:
            decided_after(site, SystemClock().now().utc)
            taken = interleave(
                {
                    "vision": killed(site, "vision"),
                    "core": killed(site, "core"),
                    "bare": bare_load,
                },
                BLOCKS,
            )
    peer, unit = "new Python, import cv2 and zxing-cpp, load YuNet and SFace", "seconds"
    about = "kill -9 to the next recorded decision / loading alone"
    show(
        Row(
            About("P15", peer, about, unit, BLOCKS),
            Goal("<=", 1.5),
            tuple(taken["vision"]),
            tuple(taken["bare"]),
        ),
        Row(
            About("P15_core", peer, about, unit, BLOCKS),
            Goal("<=", None),
            tuple(taken["core"]),
            tuple(taken["bare"]),
        ),
    )


def killed(site: Product, name: str) -> Callable[[], float]:
    """Return what kills a process of the site and measures until the next decision."""

    def once() -> float:
        # A gate that has been calm for a minute: the supervisor's pause is its first one.
        for child in site.site.supervisor._children:
            child._failures = 0
        at, start = SystemClock().now().utc, time.monotonic()
        os.kill(site.processes()[name], signal.SIGKILL)
        taken = decided_after(site, at) - start
        time.sleep(SETTLE)
        return taken

    return once


def decided_after(site: Product, moment: datetime) -> float:
    """Return when a decision about a picture captured after `moment` was in the journal.

    Asked for over a connection of its own, made anew until core answers.
    """
    until = time.monotonic() + PATIENCE
    client: Client | None = None
    while time.monotonic() < until:
        time.sleep(LOOK)
        try:
            client = client or Client(connect(site.site.places.core_socket, "cli"), lambda _: None)
            request = wire.Rows(client.ref(), limit=5, newest=True)
            rows = client.ask(request, wire.RowsAre).rows
        except ChannelFault:
            if client is not None:
                client.close()
            client = None
            continue
        if any(row.kind is EventKind.DECISION and row.at > moment for row in rows):
            found = time.monotonic()
            client.close()
            return found
    message = f"nothing was decided within {PATIENCE:g} s"
    raise RuntimeError(message)


def bare_load() -> float:
    """Return the seconds until a new Python has the libraries and the models."""
    weights = weight_files("yunet-sface")
    paths = [str(weights[part].path) for part in ("detector", "embedder")]
    start = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", _CODE, *paths], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        word = process.stdout.readline().strip()
        taken = time.monotonic() - start
    if word != "ready":
        message = "the libraries or models did not load"
        raise RuntimeError(message)
    return taken
