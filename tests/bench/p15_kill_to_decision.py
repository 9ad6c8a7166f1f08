"""P15: from kill -9 of the vision process to the next decision, against loading alone.

Core and vision run under the supervisor; a video file that stands in for the camera shows one pass
after another. Within the figure lie the supervisor's notice and pause, a new Python, its imports,
the models with their check and proof, the line to core, the camera's opening, look and record. The
peer is a new Python that imports the vision program and loads its engines, and does nothing else.

Two rows explain it and have no goal: against a Python that imports OpenCV and zxing-cpp only and
loads the two models unchecked, and with core killed instead, while vision stays up.
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
SHOWN_FOR = 2
"""Frames at five a second: the camera costs the peer nothing, and no pass is told twice soon."""
SETTLE = 0.5
"""Seconds for what was killed to come to rest again."""
LOOK = 0.01
PATIENCE = 30.0
_PROGRAM = """
from config.settings import Recognition
from edge.vision import run
from edge.vision_engines import load_engines
assert not load_engines(Recognition()).faults
print("ready", flush=True)
"""
_LIBRARIES = """
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
        film(path, [with_code(f"KH1:{COMPOUND}{n:04}", n) for n in range(PASSES)], SHOWN_FOR, 5)
        camera = {"id": "cam-1", "source": f"file:{path}", "loop": True}
        with product(folder / "state", (CORE, VISION), camera) as site:
            decided_after(site, SystemClock().now().utc)
            taken = interleave(
                {
                    "vision": killed(site, "vision"),
                    "core": killed(site, "core"),
                    "program": lambda: loading(_PROGRAM),
                    "libraries": lambda: loading(_LIBRARIES),
                },
                BLOCKS,
            )
    program = "new Python, import vision, load its engines"
    libraries = "new Python, import cv2 and zxing-cpp, load YuNet and SFace unchecked"
    show(
        *(
            Row(
                About(name, peer, "kill -9 to the next decision / loading", "s", BLOCKS),
                Goal("<=", bar),
                tuple(taken[ours]),
                tuple(taken[theirs]),
            )
            for name, ours, theirs, peer, bar in (
                ("P15", "vision", "program", program, 1.5),
                ("P15_libraries", "vision", "libraries", libraries, None),
                ("P15_core", "core", "program", program, None),
            )
        )
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


def loading(code: str) -> float:
    """Return the seconds until a new Python has run `code`, which is told where the models are."""
    weights = weight_files("yunet-sface")
    paths = [str(weights[part].path) for part in ("detector", "embedder")]
    start = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", code, *paths], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        word = process.stdout.readline().strip()
        taken = time.monotonic() - start
    if word != "ready":
        message = "the libraries or models did not load"
        raise RuntimeError(message)
    return taken
