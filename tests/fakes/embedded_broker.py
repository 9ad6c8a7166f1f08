"""The embedded broker as `kuahu` runs it: a process of its own, on a free port."""

import multiprocessing
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event

from mqtt_bridge import access, embedded
from mqtt_bridge.broker import BrokerAddress
from mqtt_bridge.track import RelaySpec
from tests.fakes.mosquitto import free_port


class Embedded:
    """One embedded broker; `address(login)` lets a client in."""

    def __init__(self, relays: tuple[RelaySpec, ...]) -> None:
        names = [access.SITE, access.WATCH, *(access.relay_login(r.name) for r in relays)]
        self.port = free_port()
        self.passwords = {name: secrets.token_urlsafe(16) for name in names}
        logins = access.logins(relays, self.passwords)
        spawn = multiprocessing.get_context("spawn")
        self._up = spawn.Event()
        settings = embedded.EmbeddedSettings(self.port, logins)
        self.process = spawn.Process(target=serve, args=(settings, self._up), name="broker")

    def address(self, login: str = access.SITE) -> BrokerAddress:
        return BrokerAddress("127.0.0.1", self.port, login, self.passwords.get(login, ""))

    def start(self) -> None:
        self.process.start()
        if not self._up.wait(60):
            message = "the embedded broker did not come up within a minute"
            raise RuntimeError(message)

    def stop(self) -> int | None:
        self.process.terminate()
        self.process.join(20)
        return self.process.exitcode


def serve(settings: embedded.EmbeddedSettings, up: Event) -> None:
    embedded.run(settings, up.set)


@contextmanager
def embedded_broker(relays: tuple[RelaySpec, ...]) -> Iterator[Embedded]:
    broker = Embedded(relays)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
