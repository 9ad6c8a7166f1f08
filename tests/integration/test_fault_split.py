"""A network in pieces: each link is cut by itself, and only what hangs on it is said to be away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge import wire
from edge.ailment import Ailment
from edge.channel import Client, connect
from edge.places import Places, keep_secret
from mqtt_bridge.access import USES
from tests.fakes.centre_server import running
from tests.fakes.mosquitto import free_port, needs_mosquitto
from tests.fakes.running_site import wait_until
from tests.fakes.tcp_proxy import mqtt_proxy
from tests.nemesis.load import press_once
from tests.nemesis.site import Site, nemesis_site, write_file

LINKS = frozenset(
    {Ailment.BROKER_AWAY, Ailment.RELAY_AWAY, Ailment.CENTRE_AWAY, Ailment.USES_BROKER_AWAY}
)


class Desk:
    """What core tells of the links, as a page hears it."""

    def __init__(self, places: Places) -> None:
        self._site: wire.Site | None = None
        self._client = Client(connect(places.core_socket, "cli"), self._hear)
        self._client.ask(wire.Watch(self._client.ref()), wire.Done)

    def _hear(self, message: wire.AnyMessage) -> None:
        if isinstance(message, wire.Site):
            self._site = message

    def away(self) -> frozenset[tuple[str, str]]:
        """Return the links that are said to be away: what, and which part."""
        site = self._site
        faults = site.faults if site is not None else ()
        return frozenset((one.ailment, one.part) for one in faults if one.ailment in LINKS)

    def sees(self, *links: tuple[str, str]) -> None:
        """Wait until exactly these links are said to be away."""
        wanted = frozenset(links)
        told: Callable[[], bool] = lambda: self._site is not None and self.away() == wanted  # noqa: E731
        wait_until(told, 30, f"{sorted(wanted)} and nothing else")

    def close(self) -> None:
        self._client.close()


@contextmanager
def desk_of(places: Places) -> Iterator[Desk]:
    desk = Desk(places)
    try:
        yield desk
    finally:
        desk.close()


def share_uses(site: Site, port: int) -> None:
    """Have the site share the uses of passes over a broker at `port`."""
    keep_secret(site.places.uses_key, "5e" * 32)
    keep_secret(site.root / "uses.password", site.broker.passwords[USES])
    table = f'\n[uses]\nport = {port}\nusername = "{USES}"\npassword_file = "uses.password"\n'
    site.file.write_text(site.file.read_text("utf-8") + table, "utf-8")


@needs_mosquitto
@pytest.mark.fault("F29")
def test_each_link_that_is_cut_is_named_and_no_other(tmp_path: Path) -> None:
    port = free_port()
    database = f"sqlite:///{tmp_path / 'centre.db'}"
    there = f"http://127.0.0.1:{port}/"
    broker = (str(Ailment.BROKER_AWAY), "broker")
    relay = (str(Ailment.RELAY_AWAY), "relay gate-2")
    centre = (str(Ailment.CENTRE_AWAY), "centre")
    uses = (str(Ailment.USES_BROKER_AWAY), "uses")
    with (
        nemesis_site(tmp_path, 2, centre=(there, database)) as site,
        mqtt_proxy(site.broker.listener.port) as way,
        mqtt_proxy(site.broker.listener.port) as across,
    ):
        # The gates reach the broker straight; core's own way there can be cut.
        write_file(site, way.port, there)
        share_uses(site, across.port)
        with site.core() as core, desk_of(site.places) as desk:
            desk.sees(centre)
            assert press_once(site, 1).answer == "opened"
            with running(database, port):
                desk.sees()
                site.gates[2].unplug()
                desk.sees(relay)
                assert press_once(site, 1).answer == "opened"
                assert press_once(site, 2).answer == "away"
                site.gates[2].plug()
                desk.sees()
                way.close()
                desk.sees(broker)
                assert press_once(site, 1).answer == "away"
                way.open()
                desk.sees()
                across.close()
                desk.sees(uses)
                assert press_once(site, 1).answer == "opened"
                across.open()
                desk.sees()
            # It is asked again when there is something to tell it, or after a quiet minute.
            assert press_once(site, 2).answer == "opened"
            desk.sees(centre)
            assert core.poll() is None
