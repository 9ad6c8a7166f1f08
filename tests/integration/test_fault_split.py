"""A network in pieces: each link is cut by itself, and only what hangs on it is said to be away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edge import wire
from edge.ailment import Ailment
from edge.channel import Client, connect
from edge.places import Places
from tests.fakes.centre_server import running
from tests.fakes.mosquitto import free_port, needs_mosquitto
from tests.fakes.running_site import wait_until
from tests.fakes.tcp_proxy import mqtt_proxy
from tests.nemesis.load import press_once
from tests.nemesis.site import nemesis_site, write_file

LINKS = frozenset({Ailment.BROKER_AWAY, Ailment.RELAY_AWAY, Ailment.CENTRE_AWAY})


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


@needs_mosquitto
@pytest.mark.fault("F29")
def test_each_link_that_is_cut_is_named_and_no_other(tmp_path: Path) -> None:
    port = free_port()
    database = f"sqlite:///{tmp_path / 'centre.db'}"
    there = f"http://127.0.0.1:{port}/"
    broker = (str(Ailment.BROKER_AWAY), "broker")
    relay = (str(Ailment.RELAY_AWAY), "relay gate-2")
    centre = (str(Ailment.CENTRE_AWAY), "centre")
    with (
        nemesis_site(tmp_path, 2, centre=(there, database)) as site,
        mqtt_proxy(site.broker.listener.port) as way,
    ):
        # The gates reach the broker straight; core's own way there can be cut.
        write_file(site, way.port, there)
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
            # It is asked again when there is something to tell it, or after a quiet minute.
            assert press_once(site, 2).answer == "opened"
            desk.sees(centre)
            assert core.poll() is None
