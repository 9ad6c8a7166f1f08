"""Six digits at a real gate: core, its broker, a keypad, a simulated board, a host's webhook."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from config.settings import Settings
from edge import wire
from edge.jobs import BROKER, CORE
from edge.places import Places
from models.event import Event, EventKind
from models.lane import Direction, Drive
from mqtt_bridge.access import reader_login, relay_login
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.link import Errand, Link
from mqtt_bridge.reader import ReaderSpec, typed
from mqtt_bridge.relay_core import Wiring
from mqtt_bridge.seal import RelayKey
from mqtt_bridge.simulator import GateSimulator
from tests.fakes.mosquitto import free_port
from tests.fakes.running_site import RunningSite, running, settings_of, wait_until

KEYPAD = ReaderSpec("door", 1, Direction.ENTRY)
SECRET = "a secret that is long enough"


class _Quiet:
    """A keypad that hears nothing."""

    def joined(self) -> None:
        """Do nothing."""

    def left(self) -> None:
        """Do nothing."""

    def heard(self, message: Message) -> None:
        """Do nothing."""

    def turned(self) -> None:
        """Do nothing."""


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, object]]]]:
    told: list[dict[str, object]] = []

    class Hook(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def a_site(root: Path, url: str) -> Settings:
    lane = {
        "number": 1,
        "name": "1号门",
        "relay": "gate-1",
        "directions": ["entry"],
        "credentials": ["pass", "pin"],
    }
    return settings_of(
        root,
        (),
        broker={"embedded": True, "port": free_port()},
        relay=[{"name": "gate-1"}],
        lane=[lane],
        reader=[{"name": "door", "lane": 1}],
        notify={"url": url, "secret": SECRET},
    )


@contextmanager
def keypad(port: int, places: Places) -> Iterator[Callable[[str], None]]:
    """Yield what types digits at the plain keypad."""
    login = reader_login("door")
    password = (places.broker / login).read_text("utf-8").strip()
    address = BrokerAddress("127.0.0.1", port, login, password)
    link = Link(address, Errand("keypad", ()), _Quiet(), time.monotonic)
    link.start()
    try:
        wait_until(lambda: link.connected, 30, "the keypad's connection")
        yield lambda digits: link.publish(typed(KEYPAD, digits))
    finally:
        link.stop()


def row_of(site: RunningSite, reason: str) -> Event | None:
    return next((row for row in site.rows() if row.reason == reason), None)


def made(site: RunningSite, kind: str = "delivery") -> wire.PassReady:
    host = site.client.ask(
        wire.AddResident(
            site.client.ref(), "李雷", "3-1-502", "owner", None, (), None, "wang", None
        ),
        wire.Done,
    ).text
    wanted = wire.MakePass(site.client.ref(), host, "快递", kind, None, 120, 1, "wang")
    return site.client.ask(wanted, wire.PassReady, 60.0)


def test_digits_open_as_their_pass_does_until_a_keypad_was_wrong_too_often(tmp_path: Path) -> None:
    with webhook() as (url, told):
        settings = a_site(tmp_path / "s", url)
        port = settings.broker.port
        with running(settings, (BROKER, CORE)) as site:
            key = RelayKey.parse(site.places.relay_key("gate-1").read_text("utf-8"))
            login = relay_login("gate-1")
            password = (site.places.broker / login).read_text("utf-8").strip()
            board = GateSimulator(
                BrokerAddress("127.0.0.1", port, login, password),
                Wiring("gate-1", 1, Drive.PULSE, key),
                tmp_path / "ledger",
            )
            board.start()
            try:
                _all_of_it(site, board, told, port)
            finally:
                board.stop()


def _all_of_it(
    site: RunningSite, board: GateSimulator, told: list[dict[str, object]], port: int
) -> None:
    ready = made(site)
    assert len(ready.pin) == 6

    def relay_is_there() -> bool:
        state = site.site()
        return state is not None and state.lanes[0].relay_ok

    wait_until(relay_is_there, 30, "the relay's heartbeat")
    with keypad(port, site.places) as keys:
        board.key_in(ready.pin)
        wait_until(lambda: row_of(site, "visitor"), 20, "an opening by the board's keypad")
        wait_until(lambda: told, 20, "news to the host")
        assert (told[0]["pass_id"], told[0]["opened"]) == (ready.pass_id, True)
        # A delivery comes in again within its hour, here by the guard's own box.
        spaced = f" {ready.pin[:3]} {ready.pin[3:]} "
        ask = wire.Check(site.client.ref(), 1, "entry", spaced, "wang")
        assert site.client.ask(ask, wire.Answered, 20.0).reason == "visitor"
        wrong = [f"{(int(ready.pin) + step) % 10**6:06d}" for step in range(1, 6)]
        for count, digits in enumerate(wrong, 1):
            keys(digits)
            wait_until(
                lambda due=count: sum(r.reason == "unknown_pin" for r in site.rows()) == due,
                20,
                "a wrong number's row",
            )
        alert = row_of(site, "keypad_paused")
        assert alert is not None
        assert alert.kind is EventKind.ALERT

        def paused() -> Event | None:
            # While the gate that it opened stands open, nobody is asked about it again.
            keys(ready.pin)
            return row_of(site, "pin_locked")

        wait_until(paused, 30, "the keypad's pause")
    revoke = wire.RevokePass(site.client.ref(), ready.pass_id, "wang")
    site.client.ask(revoke, wire.Done)
    ask = wire.Check(site.client.ref(), 1, "entry", ready.pin, "wang")
    assert site.client.ask(ask, wire.Answered, 20.0).reason == "revoked"
    wait_until(lambda: told[-1]["reason"] == "revoked", 20, "news of the refusal")
    assert all(ready.pin not in json.dumps(one) for one in told)
    shown = [one.event.reason for one in site.pushed if isinstance(one, wire.Row)]
    assert "keypad_paused" in shown
