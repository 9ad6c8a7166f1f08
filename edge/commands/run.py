"""`kuahu run`: a real site."""

import signal
import threading
from pathlib import Path

import typer

from config.settings import Settings
from edge.broker_process import broker_passwords
from edge.channel import ChannelFault, connect
from edge.clock import monotonic
from edge.commands.site import DEFAULT, ConfigOption, open_site
from edge.jobs import jobs
from edge.journald import configure_logging
from edge.places import Places, make_private
from edge.sound import check_site
from edge.supervisor import Supervisor, set_on_signal
from edge.systemd import tell_systemd
from models.errors import InputError

BEAT_EVERY = 1.0


def run(config: ConfigOption = DEFAULT) -> None:
    """Run the site of a site file until it is told to stop."""
    site = open_site(config)
    configure_logging("supervisor")
    stop = threading.Event()
    set_on_signal(stop, signal.SIGINT, signal.SIGTERM)
    supervisor = begin(site.settings, site.places, stop)
    typer.echo(f"guard page: {page_url(site.settings, site.places)}", err=True)
    if site.places.claim.exists():
        typer.echo(f"first account: claim code {site.places.claim.read_text('utf-8')}", err=True)
    tell_systemd("READY=1")
    while not stop.wait(BEAT_EVERY):
        if supervisor.healthy:
            tell_systemd("WATCHDOG=1")
    tell_systemd("STOPPING=1")
    supervisor.stop()


def begin(settings: Settings, places: Places, stop: threading.Event | None = None) -> Supervisor:
    """Return the running processes of a site, or what had begun when `stop` was set.

    Raises ConfigError for settings that cannot work, InputError where the site runs already, and
    TimeoutError when a process that a door depends on does not begin.
    """
    make_private(places.root)
    _refuse_second(places)
    if settings.broker.embedded:
        broker_passwords(settings, places)
    check_site(settings, places)
    for stale in (places.web_port, places.core_socket, places.vision_socket):
        stale.unlink(missing_ok=True)
    supervisor = Supervisor(jobs(settings), settings, places.root)
    supervisor.start(stop)
    return supervisor


def _refuse_second(places: Places) -> None:
    try:
        connect(places.core_socket, "cli").close()
    except ChannelFault:
        return
    message = f"the site in {places.root} is running already; stop that one first"
    raise InputError(message)


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
