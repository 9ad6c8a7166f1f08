"""The table of processes: the running system at a glance."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event

from config.settings import Settings
from edge.places import Places
from edge.supervisor import Job

ONE_THREAD: Mapping[str, str] = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"
)

# Each process imports its own program only when it runs: all of them import this file first, and
# a second of somebody else's libraries is a second more without eyes after a crash.


def run_broker(settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """Run the embedded broker."""
    from edge.broker_process import run  # noqa: PLC0415 - only this process is a broker

    run(settings, root, stop, beat)


def run_core(settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """Run the core process; only it holds the store and speaks to relays."""
    from edge.core.process import run  # noqa: PLC0415 - the others need no database

    run(settings, root, stop, beat)


def run_vision(settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """Run the vision process; only it, and nobody else here, loads OpenCV and the models.

    Its one worker looks with one thread: libraries that read these when they are loaded would
    take as many as there are processors, and a door's other processes would wait for them.
    """
    os.environ.update(ONE_THREAD)
    from edge.vision import run  # noqa: PLC0415 - core must not import cv2

    run(settings, root, stop, beat)


def run_web(settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """Run the web process."""
    from edge.web.process import run  # noqa: PLC0415 - only this process needs a web server

    run(settings, root, stop, beat)


BROKER = Job("broker", run_broker, silent=10.0)
CORE = Job("core", run_core, silent=30.0, ready=lambda root: Places(root).core_socket.exists())
# Thirty seconds: a name server or a disk that is away may hold one loop that long, and a restart
# would bring neither back.
VISION = Job("vision", run_vision, silent=2.0, begin=30.0, required=False, spare=500)
WEB = Job(
    "web",
    run_web,
    silent=10.0,
    begin=30.0,
    required=False,
    spare=300,
    ready=lambda root: Places(root).web_port.exists(),
)

PROCESSES = tuple(job.name for job in (BROKER, CORE, VISION, WEB))
"""Every process that a site can have."""


def jobs(settings: Settings) -> tuple[Job, ...]:
    """Return the processes of a site, in the order in which they start."""
    broker = (BROKER,) if settings.broker.embedded else ()
    return (*broker, CORE, VISION, WEB)
