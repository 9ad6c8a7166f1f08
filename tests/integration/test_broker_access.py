"""Who may say and hear what: the same list holds at mosquitto and at the embedded broker."""

import ipaddress
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from models.command import Outcome
from models.errors import ConfigError
from mqtt_bridge import access, discovery, topics
from mqtt_bridge.broker import BrokerAddress, Message
from mqtt_bridge.mosquitto import MAX_PACKET, Listener
from mqtt_bridge.topics import Kind, RelayTopic
from tests.fakes.embedded_broker import Embedded, embedded_broker
from tests.fakes.mosquitto import PROGRAM, Mosquitto, free_port, mosquitto_broker, needs_mosquitto
from tests.fakes.relay_site import RELAY, SPEC, wired_site
from tests.fakes.relay_wire import Wire, dying, refused, wait, wire

COMMAND = str(RelayTopic(RELAY, Kind.COMMAND))
REPORT = str(RelayTopic(RELAY, Kind.REPORT))
HEARTBEAT = str(RelayTopic(RELAY, Kind.HEARTBEAT))
OTHER = replace(SPEC, name="gate-2", lane=2)
MIRROR = topics.mirror(RELAY)


@pytest.fixture(scope="module", params=["mosquitto", "embedded"])
def broker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mosquitto | Embedded]:
    if request.param == "embedded":
        with embedded_broker((SPEC, OTHER)) as embedded:
            yield embedded
    elif not Path(PROGRAM).exists():
        pytest.skip("mosquitto is not installed: apt install mosquitto")
    else:
        folder = tmp_path_factory.mktemp("mosquitto")
        with mosquitto_broker(folder, (SPEC, OTHER)) as running:
            yield running


def relay_address(broker: Mosquitto | Embedded, relay: str = RELAY) -> BrokerAddress:
    return broker.address(access.relay_login(relay))


@pytest.mark.parametrize(
    ("login", "password"),
    [("", ""), (access.SITE, ""), (access.SITE, "wrong"), ("nobody", "x"), ("", "x")],
)
def test_nobody_comes_in_without_a_login(
    broker: Mosquitto | Embedded, login: str, password: str
) -> None:
    stranger = replace(broker.address(), username=login, password=password)
    assert "refused us" in refused(stranger)


@pytest.mark.parametrize("topic", [COMMAND, HEARTBEAT, MIRROR])
def test_what_the_site_says_is_heard_only_by_whom_it_is_for(
    broker: Mosquitto | Embedded, topic: str
) -> None:
    """The site may say commands and mirrors; not even the site may say a heartbeat."""
    allowed = topic != HEARTBEAT
    hearer = relay_address(broker) if topic == COMMAND else broker.address(access.WATCH)
    hearer = broker.address() if topic == HEARTBEAT else hearer
    with wire(hearer, topic) as ear, wire(broker.address(), REPORT) as site:
        assert heard_through(site, ear, topic) is allowed


@pytest.mark.parametrize("speaker", ["relay", "other relay", "onlooker"])
def test_only_the_site_says_commands(broker: Mosquitto | Embedded, speaker: str) -> None:
    address = {
        "relay": relay_address(broker),
        "other relay": relay_address(broker, "gate-2"),
        "onlooker": broker.address(access.WATCH),
    }[speaker]
    with wire(relay_address(broker), COMMAND) as ear, wire(address) as mouth:
        assert not heard_through(mouth, ear, COMMAND)


def test_a_relay_reports_for_itself_only(broker: Mosquitto | Embedded) -> None:
    with wire(broker.address(), REPORT) as ear, wire(relay_address(broker, "gate-2")) as mouth:
        assert not heard_through(mouth, ear, REPORT)
    with wire(broker.address(), REPORT) as ear, wire(relay_address(broker)) as mouth:
        assert heard_through(mouth, ear, REPORT)


@pytest.mark.parametrize("retained", [False, True])
def test_a_last_will_goes_only_where_its_login_may_speak(
    broker: Mosquitto | Embedded, *, retained: bool
) -> None:
    """Mosquitto keeps such a will to itself; the embedded broker turns its client away."""
    with wire(broker.address(), REPORT) as ear:
        with dying(relay_address(broker, "gate-2"), Message(REPORT, b"forged", retained)) as let_in:
            assert let_in is isinstance(broker, Mosquitto)
        with dying(relay_address(broker), Message(REPORT, b"own")) as let_in:
            assert let_in
        wait(lambda: ear.on(REPORT), "the relay's own last will")
        assert [message.payload for message in ear.on(REPORT)] == [b"own"]
    with wire(broker.address(), REPORT) as late:
        late.ping()
        assert late.on(REPORT) == []


def heard_through(mouth: Wire, ear: Wire, topic: str) -> bool:
    """Return whether what `mouth` says on `topic` reaches `ear`.

    A denied message leaves no trace, so several are said and then a turn of both loops is waited.
    """
    for number in range(3):
        mouth.say(topic, b"%d" % number)
    mouth.ping()
    ear.ping()
    return bool(ear.on(topic))


@needs_mosquitto
def test_a_packet_over_the_limit_goes_nowhere(tmp_path: Path) -> None:
    with (
        mosquitto_broker(tmp_path, (SPEC,)) as broker,
        wire(broker.address(), REPORT) as ear,
        wire(relay_address(broker)) as mouth,
    ):
        mouth.say(REPORT, b"x" * (MAX_PACKET // 2))
        wait(lambda: ear.on(REPORT), "a packet within the limit")
        mouth.say(REPORT, b"x" * (MAX_PACKET + 1))
        wait(lambda: mouth.joins == 2, "the broker to throw us out and let us in again")
        assert [len(message.payload) for message in ear.on(REPORT)] == [MAX_PACKET // 2]


@needs_mosquitto
def test_home_assistant_is_told_and_told_again(tmp_path: Path) -> None:
    with mosquitto_broker(tmp_path, (SPEC,)) as broker:
        config = f"homeassistant/cover/kuahu_lake/{RELAY}_barrier/config"
        with wired_site(broker, tmp_path, "lake") as site:
            site.ready()
            with wire(broker.address(access.WATCH), "homeassistant/#", f"{MIRROR}/#") as watch:
                wait(lambda: watch.on(config), "the barrier's config")
                wait(lambda: watch.on(MIRROR), "the barrier's state")
                assert watch.on(config)[0].retained
                watch.say(discovery.BIRTH, b"online")
                wait(lambda: len(watch.on(config)) > 1, "the config again")
                site.do()
                wait(lambda: b'"open"' in watch.on(MIRROR)[-1].payload, "the open barrier's state")
                site.gate.unplug()
                wait(
                    lambda: watch.on(f"{MIRROR}/availability")[-1].payload == b"offline",
                    "the relay to be shown as away",
                )
        with wire(broker.address(access.WATCH), topics.availability()) as watch:
            wait(lambda: watch.on(topics.availability()), "the site's goodbye")
            assert watch.on(topics.availability())[0].payload == b"offline"


def certificate(folder: Path, name: str) -> Listener:
    """Return a TLS listener whose certificate, its own authority, lies in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime(2020, 1, 1, tzinfo=UTC)
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(who)
        .issuer_name(who)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=40000))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return Listener(port=free_port(), cert=cert_file, key=key_file)


@needs_mosquitto
@pytest.mark.parametrize("secure", [False, True])
def test_mosquitto_listens_where_it_was_told_and_nowhere_else(
    tmp_path: Path, *, secure: bool
) -> None:
    listener = certificate(tmp_path, "here") if secure else Listener(port=free_port())
    with mosquitto_broker(tmp_path, (SPEC,), listener) as broker:
        assert broker.listening() == {f"0100007F:{listener.port:04X}"}


@needs_mosquitto
def test_over_tls_the_broker_must_be_the_right_one(tmp_path: Path) -> None:
    listener, stranger = certificate(tmp_path, "right"), certificate(tmp_path, "wrong")
    assert listener.cert is not None
    assert stranger.cert is not None
    with mosquitto_broker(tmp_path, (SPEC,), listener) as broker:
        broker.trust(listener.cert)
        with wired_site(broker, tmp_path) as site:
            assert site.do().outcome is Outcome.DONE
        broker.trust(stranger.cert)
        assert "certificate" in refused(broker.address())


@needs_mosquitto
def test_where_certificates_are_asked_a_password_is_not_enough(tmp_path: Path) -> None:
    server = certificate(tmp_path, "server")
    assert server.cert is not None
    assert server.key is not None
    with mosquitto_broker(tmp_path, (SPEC,), replace(server, ca=server.cert)) as broker:
        broker.trust(server.cert)
        why = refused(broker.address())
        assert "certificate" in why or "without a word" in why
        own = replace(broker.address(), cert=server.cert, key=server.key)
        with wire(own, REPORT) as known:
            assert known.link.connected


def test_a_missing_certificate_is_named_at_the_start(tmp_path: Path) -> None:
    address = BrokerAddress(tls=True, ca=tmp_path / "nowhere.pem")
    with pytest.raises(ConfigError, match="cannot be used"):
        Wire(address)
