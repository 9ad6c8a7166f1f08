"""The table of processes: the running system at a glance."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

from config.settings import Settings
from edge.broker_process import run as run_broker
from edge.core.process import run as run_core
from edge.places import Places
from edge.supervisor import Job


def run_vision(settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """Run the vision process; only it, and nobody else here, loads OpenCV and the models."""
    from edge.vision import run  # noqa: PLC0415 - core must not import cv2

    run(settings, root, stop, beat)


def run_web(settings: Settings, root: Path, stop: Event, beat: Callable[[], None]) -> None:
    """Run the web process."""
    from edge.web.process import run  # noqa: PLC0415 - only this process needs a web server

    run(settings, root, stop, beat)


BROKER = Job("broker", run_broker, silent=10.0)
CORE = Job("core", run_core, silent=10.0, ready=lambda root: Places(root).core_socket.exists())
VISION = Job("vision", run_vision, silent=2.0)
WEB = Job("web", run_web, silent=10.0, ready=lambda root: Places(root).web_port.exists())


def jobs(settings: Settings) -> tuple[Job, ...]:
    """Return the processes of a site, in the order in which they start."""
    broker = (BROKER,) if settings.broker.embedded else ()
    return (*broker, CORE, VISION, WEB)
