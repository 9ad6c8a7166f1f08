"""The embedded broker as a process: it listens here only, ends cleanly, and does not wait."""

import asyncio
import secrets
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest
from amqtt.broker import Broker

from models.errors import ConfigError
from mqtt_bridge import access, embedded
from mqtt_bridge.access import Login
from mqtt_bridge.broker import Message
from mqtt_bridge.embedded import EmbeddedSettings
from mqtt_bridge.topics import Kind, RelayTopic
from tests.fakes.embedded_broker import Embedded
from tests.fakes.mosquitto import free_port
from tests.fakes.relay_site import RELAY, SPEC
from tests.fakes.relay_wire import dying, wait, wire


@pytest.fixture
def broker() -> Iterator[Embedded]:
    running = Embedded((SPEC,))
    running.start()
    yield running
    running.stop()


def test_it_ends_cleanly_on_sigterm_with_clients_on_the_line(
    broker: Embedded, capfd: pytest.CaptureFixture[str]
) -> None:
    with wire(broker.address(), "kuahu/1/relay/gate-1/report") as client:
        assert broker.stop() == 0
        wait(lambda: not client.link.connected, "the client to notice")
    assert capfd.readouterr().err == ""


def test_it_listens_on_one_loopback_address_only(broker: Embedded) -> None:
    with socket.create_connection(("127.0.0.1", broker.port), 5):
        pass
    # Whoever listens on every address answers on all of 127.0.0.0/8.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", broker.port), 5)


def test_the_settings_never_show_a_password(broker: Embedded) -> None:
    secret = broker.passwords[access.SITE]
    settings = EmbeddedSettings(1, (Login(access.SITE, secret, (), ()),))
    assert secret not in repr(settings)


def test_a_stranger_leaves_no_will_in_the_session_of_another(broker: Embedded) -> None:
    relay = broker.address(access.relay_login(RELAY))
    command = str(RelayTopic(RELAY, Kind.COMMAND))
    report = str(RelayTopic(RELAY, Kind.REPORT))
    with (
        wire(relay, command) as ear,
        wire(broker.address()) as site,
        dying(relay, Message(report, b"own"), "known") as let_in,
    ):
        assert let_in
        stranger = replace(relay, password="wrong")
        with dying(stranger, Message(command, b"forged"), "known") as stranger_in:
            assert not stranger_in
        for number in range(3):
            site.say(command, b"%d" % number)
        wait(lambda: len(ear.on(command)) > 2, "the site's own commands")
        assert b"forged" not in {message.payload for message in ear.on(command)}


@pytest.mark.parametrize("topic", ["kuahu/1/relay/+/report", "#", "kuahu/1/lane/+/signal"])
def test_a_will_on_many_topics_is_refused(broker: Embedded, topic: str) -> None:
    with dying(broker.address(), Message(topic, b"all")) as let_in:
        assert not let_in


def test_a_port_that_is_taken_is_a_plain_sentence(broker: Embedded) -> None:
    taken = EmbeddedSettings(broker.port, ())
    with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1:{broker.port}"):
        embedded.run(taken)


def test_nagle_is_off_on_every_socket_that_it_accepts() -> None:
    port, name = free_port(), secrets.token_hex(4)
    settings = EmbeddedSettings(port, (Login(name, name, (), ()),))

    async def accepted() -> list[int]:
        seen: list[int] = []

        async def look(_reader: object, writer: asyncio.StreamWriter, **_: object) -> None:
            sock = writer.get_extra_info("socket")
            seen.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            writer.close()

        broker = Broker(embedded._config(settings))
        broker.stream_connected = look
        await broker.start()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.read()
        writer.close()
        await broker.shutdown()
        return seen

    assert asyncio.run(accepted()) == [1]
