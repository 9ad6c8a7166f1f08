"""A site of real processes: core and vision under the real supervisor, in a folder of its own."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from edge import wire
from edge.channel import Client, connect
from edge.jobs import CORE, VISION
from edge.places import Places, keep_secret
from edge.supervisor import Job, Supervisor
from models.event import Event

CLOSED_PORT = 9  # discard: nothing listens there, as when the broker is away


@dataclass
class RunningSite:
    """A running site as a guard's desk sees it."""

    settings: Settings
    places: Places
    supervisor: Supervisor
    client: Client
    pushed: list[wire.AnyMessage]

    def add(self, name: str, photo: Path, home: str = "3-1-502") -> str:
        request = wire.AddResident(
            self.client.ref(), name, home, "owner", None, (str(photo),), "2026-11", "wang", None
        )
        return self.client.ask(request, wire.Done, 60.0).text

    def rows(self, since: int = 0) -> tuple[Event, ...]:
        found: list[Event] = []
        while page := self.client.ask(wire.Rows(self.client.ref(), since, 200), wire.RowsAre).rows:
            found += page
            since = page[-1].seq
        return tuple(found)

    def site(self) -> wire.Site | None:
        states = [message for message in self.pushed if isinstance(message, wire.Site)]
        return states[-1] if states else None

    def camera(self, camera: str) -> wire.CameraState | None:
        state = self.site()
        named = [one for one in state.cameras if one.id == camera] if state else []
        return named[0] if named else None


def settings_of(root: Path, cameras: Sequence[Mapping[str, object]], **more: object) -> Settings:
    """Return a site with one pedestrian lane a camera, whose broker is away unless `more` says."""
    tables: dict[str, object] = {
        "site": {"compound": "00112233", "state": root},
        "broker": {"port": CLOSED_PORT},
        "camera": cameras,
        "relay": [{"name": f"gate-{number}"} for number, _ in enumerate(cameras, 1)],
        "lane": [
            {
                "number": number,
                "name": f"{number}号门",
                "relay": f"gate-{number}",
                "view": [{"camera": camera["id"]}],
            }
            for number, camera in enumerate(cameras, 1)
        ],
    }
    return Settings(**{**tables, **more})  # type: ignore[arg-type]


@contextmanager
def running(settings: Settings, jobs: Sequence[Job] = (CORE, VISION)) -> Iterator[RunningSite]:
    """Run a site until the block ends."""
    places = Places(settings.site.state)
    for number, relay in enumerate(settings.relay, 1):
        keep_secret(places.relay_key(relay.name), f"{number:064x}\n")
    supervisor = Supervisor(jobs, settings, places.root)
    supervisor.start()
    pushed: list[wire.AnyMessage] = []
    client = Client(connect(places.core_socket, "cli"), pushed.append)
    try:
        client.ask(wire.Watch(client.ref()), wire.Done)
        yield RunningSite(settings, places, supervisor, client, pushed)
    finally:
        client.close()
        supervisor.stop()


def wait_until(true: object, seconds: float, what: str) -> None:
    """Wait until `true()`; fail with `what` after `seconds`."""
    until = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until, f"{what} did not happen within {seconds} s"
        time.sleep(0.05)
