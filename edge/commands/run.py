"""`kuahu run`: a real site."""

import signal
import threading
from pathlib import Path

import typer

from config.settings import Settings
from edge.broker_process import broker_passwords
from edge.clock import monotonic
from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.jobs import jobs
from edge.journald import configure_logging
from edge.places import Places, make_private
from edge.supervisor import Supervisor, set_on_signal
from edge.systemd import tell_systemd

BEAT_EVERY = 1.0


def run(config: ConfigOption = DEFAULT) -> None:
    """Run the site of a site file until it is told to stop."""
    site = open_site(config)
    configure_logging("supervisor")
    stop = threading.Event()
    set_on_signal(stop, signal.SIGINT, signal.SIGTERM)
    supervisor = begin(site.settings, site.places)
    typer.echo(f"guard page: {page_url(site.settings, site.places)}", err=True)
    if site.places.claim.exists():
        typer.echo(f"first account: claim code {site.places.claim.read_text('utf-8')}", err=True)
    tell_systemd("READY=1")
    while not stop.wait(BEAT_EVERY):
        if supervisor.healthy:
            tell_systemd("WATCHDOG=1")
    tell_systemd("STOPPING=1")
    supervisor.stop()


def begin(settings: Settings, places: Places) -> Supervisor:
    """Return the running processes of a site.

    Raises ConfigError or TimeoutError when they cannot start.
    """
    make_private(places.root)
    if settings.broker.embedded:
        broker_passwords(settings, places)
    for stale in (places.web_port, places.core_socket, places.vision_socket):
        stale.unlink(missing_ok=True)
    supervisor = Supervisor(jobs(settings), settings, places.root)
    supervisor.start()
    return supervisor


def page_url(settings: Settings, places: Places, *, within: float = 10.0) -> str:
    """Return the address of the guards' page."""
    until = monotonic() + within
    wait = threading.Event()
    while not places.web_port.exists() and monotonic() < until:
        wait.wait(0.05)
    port = _port(places.web_port, settings.web.port)
    scheme = "https" if settings.web.certificate else "http"
    host = settings.web.host
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}/"


def _port(file: Path, otherwise: int) -> int:
    return int(file.read_text("ascii")) if file.exists() else otherwise
